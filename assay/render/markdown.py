"""Scores and comparisons in markdown, for the Prefect UI, pull requests and `--markdown`."""

import re
from collections.abc import Sequence

from assay.records import Run
from assay.render.tables import FORMULAS, Table, comparison_table, explanations, score_table
from assay.report.models import Comparison

ANCHOR = re.compile(r"\((#[a-z-]+)\)")


def scores(runs: Sequence[Run]) -> str:
    """Write the scores of some runs of one checkpoint or several."""
    parts = []
    for name in dict.fromkeys(run.checkpoint.name for run in runs):
        chosen = [run for run in runs if run.checkpoint.name == name]
        parts += [f"**{_escape(name)}**, harness {chosen[0].harness}", table(score_table(chosen))]
        parts.append("Runs: " + ", ".join(f"`{run.id}` ({_escape(run.task)})" for run in chosen))
    return "\n\n".join(parts)


def comparison(found: Comparison, *, linked: bool = True) -> str:
    """Write a paired comparison; `linked` where the documents lie beside it."""
    heading = (
        f"**{_escape(found.b.checkpoint.label)}** (B) against **{_escape(found.a.checkpoint.label)}** (A)"
    )
    differs = "Differs in: " + ", ".join(f"{d.what} ({_escape(d.a)} → {_escape(d.b)})" for d in found.differs)
    behind = "\n".join(f"- {_linked(line) if linked else _plain(line)}" for line in explanations(found))
    parts = [heading, found.suite.sentence, differs, table(comparison_table(found)), behind]
    return "\n\n".join(parts)


def table(content: Table) -> str:
    """Write a table and its notes."""
    lines = [_row(content.columns), _row(("---",) + ("---:",) * (len(content.columns) - 1))]
    lines += [_row(tuple(_escape(cell) for cell in row)) for row in content.rows]
    return "\n".join(lines + [f"\n- {_escape(note)}" for note in content.notes])


def _linked(line: str) -> str:
    """Turn the parts of the document that a line names into links."""
    return ANCHOR.sub(rf"([formula]({FORMULAS}\1))", _escape(line))


def _plain(line: str) -> str:
    return _escape(re.sub(rf" ?{ANCHOR.pattern}", "", line))


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
