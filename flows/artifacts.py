"""What a flow leaves in the Prefect UI: tables of scores and comparisons in markdown."""

from collections.abc import Sequence

from prefect.artifacts import acreate_markdown_artifact

from assay.records import Run
from assay.render import markdown
from assay.report.models import Comparison


async def leave_scores(runs: Sequence[Run], *, key: str = "scores") -> None:
    """Leave a table of scores with errors, intervals and counts."""
    names = ", ".join(dict.fromkeys(run.task for run in runs))
    await acreate_markdown_artifact(markdown.scores(runs), key=key, description=names)


async def leave_comparison(comparison: Comparison) -> None:
    """Leave a paired comparison, with the address of the viewer's page."""
    title = f"{comparison.b.checkpoint.label} against {comparison.a.checkpoint.label}"
    await acreate_markdown_artifact(markdown.comparison(comparison), key="comparison", description=title)
