"""Scores, comparisons and learning curves in a terminal."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from assay.records import Run
from assay.render.numbers import difference, interval, rate
from assay.render.tables import Table, comparison_table, explanations, score_table
from assay.report.models import Comparison, Curve, Series

STYLES = {"improved": "green", "regressed": "red", "equivalent": "cyan", "unresolved": "dim"}
BAR = 30


def scores(runs: Sequence[Run]) -> RenderableType:
    """Draw the table of scores, and the ids that `assay compare` takes."""
    ids = Text("\n".join(f"{run.id}  {run.task}  {run.status}" for run in runs), style="dim")
    return Group(_table(score_table(runs)), ids)


def comparison(found: Comparison) -> RenderableType:
    """Draw a paired comparison."""
    head = Text.assemble(
        ("A ", "bold"), found.a.checkpoint.label, "\n", ("B ", "bold"), found.b.checkpoint.label, "\n"
    )
    for one in found.differs:
        head.append(f"{one.what}: {one.a} → {one.b}\n", style="" if one.intended else "red")
    suite = Text(found.suite.sentence, style=STYLES[found.suite.verdict])
    several = found.tasks if len(found.tasks) > 1 else ()
    tasks = [Text(f"{t.task}: {t.sentence}") for t in several]
    behind = Text("\n".join(explanations(found)), style="dim")
    return Group(head, _table(comparison_table(found)), *tasks, suite, Text(""), behind)


def series(found: Series) -> RenderableType:
    """Draw the learning curves of a training run."""
    return Group(*(_curve(curve) for curve in found.curves))


def _curve(curve: Curve) -> RenderableType:
    drawn = RichTable(box=None, title=f"{curve.task}  {curve.metric}", title_justify="left", pad_edge=False)
    for name, side in (
        ("step", "right"),
        ("score", "right"),
        ("95% CI", "left"),
        ("", "left"),
        ("against first", "right"),
    ):
        drawn.add_column(name, justify=side)  # type: ignore[arg-type]
    unit = "number" if curve.lower_is_better else "rate"
    highest = max((p.value for p in curve.points if p.value is not None), default=1.0) or 1.0
    for point in curve.points:
        filled = round(BAR * (point.value or 0) / (1.0 if unit == "rate" else highest))
        drawn.add_row(
            "" if point.step is None else str(point.step),
            rate(point.value, se=point.se, unit=unit),
            interval(point.low, point.high, se=point.se, unit=unit),
            "█" * filled + "░" * (BAR - filled),
            difference(point.delta, se=point.se, unit=unit) if point.delta is not None else "",
        )
    return Group(drawn, Text(""))


def _table(content: Table) -> RenderableType:
    drawn = RichTable(box=SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(content.columns):
        drawn.add_column(name, justify="left" if number == 0 else "right", no_wrap=number != 0)
    for row in content.rows:
        drawn.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    return Group(drawn, *(Text(note, style="yellow") for note in content.notes))


def console(*, stderr: bool = False) -> Console:
    """Make a console that draws wide tables whole when nobody looks at a terminal."""
    found = Console(stderr=stderr, highlight=False)
    return found if found.is_terminal else Console(stderr=stderr, highlight=False, width=160)
