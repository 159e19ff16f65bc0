"""Scores, comparisons and learning curves in a terminal."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from assay.records import Run
from assay.render.numbers import difference, interval, probability, rate, signed_interval, size
from assay.render.tables import FORMULAS, Table, comparison_table, explanations, score_table
from assay.report.models import Comparison, Curve, Point, Series

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


CURVE_COLUMNS = (
    *(("step", "right"), ("score", "right"), ("95% CI", "left"), ("", "left")),
    *(("against first", "right"), ("CI", "left"), ("p", "right"), ("alpha", "right"), ("", "left")),
)


def _curve(curve: Curve) -> RenderableType:
    title = f"{curve.task}  {curve.metric}{' ↓' if curve.lower_is_better else ''}"
    drawn = RichTable(box=None, title=title, title_justify="left", pad_edge=False)
    for name, side in CURVE_COLUMNS:
        drawn.add_column(name, justify=side)  # type: ignore[arg-type]
    unit = curve.unit
    highest = max((p.value for p in curve.points if p.value is not None), default=1.0) or 1.0
    for point in curve.points:
        filled = round(BAR * (point.value or 0) / (1.0 if unit == "rate" else highest))
        drawn.add_row(
            "" if point.step is None else str(point.step),
            rate(point.value, se=point.se, unit=unit),
            interval(point.low, point.high, se=point.se, unit=unit),
            "█" * filled + "░" * (BAR - filled),
            *_against_first(point, unit),
        )
    return Group(drawn, Text("\n".join(_about(curve, unit)), style="dim"), Text(""))


def _against_first(point: Point, unit: str) -> tuple[str | Text, ...]:
    if point.delta is None:
        return ("",) * 5
    return (
        difference(point.delta, se=point.se, unit=unit),
        signed_interval(point.delta_low, point.delta_high, se=point.se, unit=unit),
        probability(point.p),
        "" if point.alpha is None else f"{point.alpha:.2g}",
        Text(point.alarm or "", style=STYLES.get(point.alarm or "", "")),
    )


def _about(curve: Curve, unit: str) -> list[str]:
    """Tell the noise band and what the curve is worth, and where the formulas are."""
    told = []
    if curve.noise is not None:
        shown = f"{size(curve.noise, unit=unit)}{' pp' if unit == 'rate' else ''}"
        told.append(f"the last checkpoints scatter by {shown}, what was still learned included")
    if curve.signal_to_noise is not None:
        told.append(f"signal-to-noise {curve.signal_to_noise:.2g}")
    if curve.monotonicity is not None:
        told.append(f"monotonicity {curve.monotonicity:.2f}")
    if curve.undefined:
        told.append(curve.undefined)
    return [f"{'; '.join(told)} ({FORMULAS}#curve)"]


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
