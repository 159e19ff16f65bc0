"""Geometry of the forest plots: where points, intervals and ticks lie, in SVG units; templates draw them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assay.report.models import Comparison, SuiteComparison, TaskComparison
from assay.viewer.page.axis import Tick, difference_label, nice_ticks
from assay.viewer.page.texts import head

WIDTH, ROW, PAD, NAMES = 470, 30, 12, 190
AXIS = 46
"""Height below the rows: ticks, and what the axis means."""
NAME = 26

Place = Callable[[float | None], float | None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One difference with its interval; positions are None where it is undefined."""

    name: str
    whole_name: str
    y: float
    point: float | None
    low: float | None
    high: float | None
    mde_low: float | None
    mde_high: float | None
    margin_low: float | None
    margin_high: float | None
    verdict: str
    filled: bool
    suite: bool
    title: str


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Differences of one unit on one axis."""

    unit: str
    width: int
    names: int
    height: int
    bottom: float
    zero: float | None
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    axis: str


def forests(comparison: Comparison) -> list[Forest]:
    """Lay out all differences: one plot for the rates with their mean, one for each other metric."""
    rates = [task for task in comparison.tasks if task.a.unit == "rate"]
    others = [task for task in comparison.tasks if task.a.unit != "rate"]
    suite = comparison.suite if comparison.suite.tasks > 1 and comparison.suite.delta is not None else None
    made = [_forest(rates, suite=suite, unit="rate")] if rates else []
    for metric in dict.fromkeys(task.metric for task in others):
        some = [task for task in others if task.metric == metric]
        made.append(_forest(some, suite=None, unit=metric))
    return made


def _forest(tasks: Sequence[TaskComparison], *, suite: SuiteComparison | None, unit: str) -> Forest:
    shown: list[TaskComparison | SuiteComparison] = [*tasks, *([suite] if suite else [])]
    ends = [abs(v) for one in shown for v in (one.low, one.high, one.mde, one.delta) if v is not None]
    reach = max(ends, default=max(one.margin for one in shown)) * 1.05 or 0.01

    def place(value: float | None) -> float | None:
        if value is None or abs(value) > reach:
            return None
        return round(PAD + (WIDTH - 2 * PAD) * (value + reach) / (2 * reach), 2)

    rows = tuple(_row(one, y=ROW * (i + 0.5), place=place) for i, one in enumerate(shown))
    ticks = [(place(value), value) for value in nice_ticks(-reach, reach)]
    named = "percentage points" if unit == "rate" else unit
    return Forest(
        unit=unit,
        width=WIDTH,
        names=NAMES,
        height=ROW * len(rows) + AXIS,
        bottom=ROW * len(rows),
        zero=place(0.0),
        rows=rows,
        ticks=tuple(Tick(at, difference_label(value, unit=unit)) for at, value in ticks if at is not None),
        axis=f"← A better · B − A in {named} · B better →",
    )


def _row(one: TaskComparison | SuiteComparison, *, y: float, place: Place) -> Row:
    suite = isinstance(one, SuiteComparison)
    name = f"mean of {one.tasks} tasks" if isinstance(one, SuiteComparison) else one.task
    return Row(
        name=head(name, most=NAME),
        whole_name=name,
        y=y,
        point=place(one.delta),
        low=place(one.low),
        high=place(one.high),
        mde_low=place(None if one.mde is None else -one.mde),
        mde_high=place(one.mde),
        margin_low=place(-one.margin),
        margin_high=place(one.margin),
        verdict=one.verdict,
        filled=one.verdict in {"improved", "regressed"},
        suite=suite,
        title=f"{name}: {one.undefined or one.sentence}" if one.delta is None else f"{name}: {one.sentence}",
    )
