"""What a flow leaves in the Prefect UI: a bar while it runs, tables of scores, comparisons.

Artifacts of one key are versions of each other: each task has a key, and each suite's comparison.
"""

import asyncio
import re
import shlex
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    aupdate_progress_artifact,
)

from assay.names import several
from assay.records import Run
from assay.render import markdown
from assay.report.models import Comparison
from harnesses.evaluation.progress import Progress

FIRST, EVERY = 3.0, 5.0
"""Seconds until a bar appears, which short runs never see, and between its steps."""
READING = (
    "Scores of rates are in percent, their errors and differences in percentage points; ↓ marks metrics where"
    " less is better. MDE is the smallest true difference that so many questions would find four times in"
    " five."
)


@asynccontextmanager
async def progress(counters: Progress) -> AsyncIterator[None]:
    """Show a bar with the samples done while the block runs."""
    drawing = asyncio.create_task(_draw(counters))
    try:
        yield
    finally:
        drawing.cancel()
        # A bar that could not be drawn is no reason for a run to fail.
        await asyncio.gather(drawing, return_exceptions=True)


async def _draw(counters: Progress) -> None:
    await asyncio.sleep(FIRST)
    bar = await acreate_progress_artifact(_percent(counters), description=counters.description())
    try:
        while True:
            await asyncio.sleep(EVERY)
            await aupdate_progress_artifact(bar, _percent(counters), description=counters.description())
    finally:
        await aupdate_progress_artifact(bar, _percent(counters), description=counters.description())


def _percent(counters: Progress) -> float:
    return 100 * counters.done / counters.expected if counters.expected else 0.0


async def leave_scores(runs: Sequence[Run], *, key: str | None = None) -> None:
    """Leave a table of scores with errors, intervals and counts, and the command that compares them."""
    names = several([run.task for run in runs], what="tasks")
    labels = several([run.checkpoint.label for run in runs], what="checkpoints")
    text = "\n\n".join(
        [markdown.scores(runs), READING, f"Compare with another run: `assay compare OTHER {runs[0].id}`"]
    )
    await acreate_markdown_artifact(
        text, key=key or slug(f"scores-{names}"), description=f"Scores of {labels} on {names}"
    )


async def leave_comparison(comparison: Comparison, *, replaces: int | None = None) -> None:
    """Leave a paired comparison, with the command that shows its questions as a page.

    `replaces` names the step that B was compared with while A was not evaluated yet.
    """
    a, b = comparison.a.checkpoint, comparison.b.checkpoint
    title = f"{b.label} against {a.label}"
    instead = (
        f"Takes the place of a comparison with step {replaces}: step {a.step} lies nearer to step {b.step}."
    )
    text = "\n\n".join(
        [
            *([] if replaces is None else [instead]),
            markdown.comparison(comparison, linked=False),
            READING,
            f"Question by question, as a page: `{page_of(comparison)}`",
        ]
    )
    await acreate_markdown_artifact(
        text,
        key=slug(f"comparison-{comparison.suite.name}"),
        description=f"{title}: {comparison.suite.verdict}",
    )


def page_of(comparison: Comparison) -> str:
    """Write the command that makes the page of a comparison."""
    sides = [
        side.runs[0] if len(side.runs) == 1 else side.checkpoint.name for side in (comparison.a, comparison.b)
    ]
    return f"{shlex.join(['assay', 'compare', *sides])} --html comparison.html"


def slug(text: str) -> str:
    """Write a key: small letters, digits and dashes, which is all that Prefect takes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
