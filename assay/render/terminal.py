"""Scores, comparisons and learning curves in a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.segment import Segment
from rich.text import Text

from assay.records import Run
from assay.render.fitting import FittedTable
from assay.render.numbers import difference, interval, probability, rate, signed_interval, size
from assay.render.tables import (
    FORMULAS,
    Table,
    comparison_table,
    explanations,
    score_table,
    without_anchors,
)
from assay.report.models import Comparison, Curve, Point, Series
from assay.visible import visible

STYLES = {"improved": "green", "regressed": "red", "equivalent": "cyan", "unresolved": "dim"}
BAR = 12


def scores(runs: Sequence[Run]) -> RenderableType:
    """Draw the table of scores, and the ids that `assay compare` takes."""
    ids = Text("\n".join(f"{run.id}  {run.task}  {run.status}" for run in runs), style="dim")
    return Group(_table(score_table(runs)), ids)


def comparison(found: Comparison, *, verbose: bool = False) -> RenderableType:
    """Draw a paired comparison; `verbose` names the parts of the documents that have the formulas."""
    head = Text.assemble(
        ("A ", "bold"), found.a.checkpoint.label, "\n", ("B ", "bold"), found.b.checkpoint.label, "\n"
    )
    for one in found.differs:
        head.append(f"{one.what}: {one.a} → {one.b}\n", style="" if one.intended else "red")
    suite = Text(found.suite.sentence, style=STYLES[found.suite.verdict])
    several = found.tasks if len(found.tasks) > 1 else ()
    tasks = [Text(f"{t.task}: {t.sentence}") for t in several]
    lines = explanations(found)
    behind = Text("\n".join(lines if verbose else without_anchors(lines)), style="dim")
    return Group(head, _table(comparison_table(found)), *tasks, suite, Text(""), behind)


def series(found: Series, *, verbose: bool = False) -> RenderableType:
    """Draw the learning curves of a training run; `verbose` says where the formulas are."""
    return Group(*(_curve(curve, verbose=verbose) for curve in found.curves))


CURVE_COLUMNS = ("step", "score", "95% CI", "", "against first", "CI", "p", "alpha", "")
CURVE_EXPENDABLE = (7, 3, 6, 2, 5)
"""Alpha, the bars, p and the two intervals go in this order; what is left says what a look decided."""


def _curve(curve: Curve, *, verbose: bool) -> RenderableType:
    unit = curve.unit
    highest = max((p.value for p in curve.points if p.value is not None), default=1.0) or 1.0
    rows = []
    for point in curve.points:
        filled = round(BAR * (point.value or 0) / (1.0 if unit == "rate" else highest))
        rows.append(
            (
                "" if point.step is None else str(point.step),
                rate(point.value, se=point.se, unit=unit),
                interval(point.low, point.high, se=point.se, unit=unit),
                "█" * filled + "░" * (BAR - filled),
                *_against_first(point, unit),
            )
        )
    drawn = FittedTable(
        CURVE_COLUMNS,
        rows,
        expendable=CURVE_EXPENDABLE,
        names=(),
        left=(2, 3, 5, 8),
        styles=STYLES,
        box=None,
        title=f"{curve.task}  {curve.metric}{' ↓' if curve.lower_is_better else ''}",
    )
    about = _about(curve, unit)
    return Group(drawn, Text("\n".join(about if verbose else without_anchors(about)), style="dim"), Text(""))


def _against_first(point: Point, unit: str) -> tuple[str, ...]:
    if point.delta is None:
        return ("",) * 5
    return (
        difference(point.delta, se=point.se, unit=unit),
        signed_interval(point.delta_low, point.delta_high, se=point.se, unit=unit),
        probability(point.p if point.p_corrected is None else point.p_corrected),
        "" if point.alpha is None else f"{point.alpha:.2g}",
        point.alarm or "",
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
    return [f"{'; '.join(told)} ({FORMULAS}#curve)"] if told else []


def _table(content: Table) -> RenderableType:
    expendable = [content.columns.index(name) for name in content.expendable]
    drawn = FittedTable(content.columns, content.rows, expendable=expendable, styles=STYLES)
    return Group(drawn, *(Text(note, style="yellow") for note in content.notes))


def console(*, stderr: bool = False) -> Console:
    """Make a console that draws wide tables whole when nobody looks at a terminal."""
    found = VisibleConsole(stderr=stderr, highlight=False)
    return found if found.is_terminal else VisibleConsole(stderr=stderr, highlight=False, width=160)


class VisibleConsole(Console):
    """Shows as escapes what would steer the terminal: only our own styles do that."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as Rich does, the texts made visible."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))
