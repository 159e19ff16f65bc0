"""Geometry of a histogram of the questions' differences, in SVG units; templates draw it."""

from dataclasses import dataclass

from assay.render.numbers import count, difference, points
from assay.report.models import Spread, TaskComparison
from assay.viewer.page.axis import Tick, difference_label, nice_ticks

WIDTH, HEIGHT, LEFT, TOP, GAP = 400, 150, 44, 8, 1.0
AXIS = 46
"""Height below the bars: ticks, and what the axis means."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """The questions whose differences lie in one bar."""

    x: float
    y: float
    width: float
    height: float
    side: str
    """`won`, `lost` or `tied`, from B's point of view."""
    title: str


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """The differences of one task."""

    width: int
    height: int
    left: int
    bottom: int
    bars: tuple[Bar, ...]
    mean: float | None
    ticks: tuple[Tick, ...]
    counts: tuple[Tick, ...]
    axis: str


def histogram(task: TaskComparison) -> Histogram | None:
    """Lay out the differences of a task; None where it has none to lay out."""
    spread = task.spread
    if spread is None:
        return None
    unit = task.a.unit
    reach = spread.width * len(spread.counts) / 2
    most = max(spread.counts)

    def across(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT) * (value + reach) / (2 * reach), 2)

    def up(number: float) -> float:
        return round(TOP + HEIGHT * (1 - number / most), 2)

    bars = []
    for place, number in enumerate(spread.counts):
        middle = (place - len(spread.counts) // 2) * spread.width
        x = across(middle - spread.width / 2)
        bars.append(
            Bar(
                x=x + GAP / 2,
                y=up(number),
                width=round(across(middle + spread.width / 2) - x - GAP, 2),
                height=round(TOP + HEIGHT - up(number), 2),
                side="won" if middle > 0 else "lost" if middle < 0 else "tied",
                title=_title(spread, place, middle, unit=unit),
            )
        )
    named = "percentage points" if unit == "rate" else task.metric
    marks = [(value, difference_label(value, unit=unit)) for value in nice_ticks(-reach, reach)]
    return Histogram(
        width=WIDTH,
        height=TOP + HEIGHT + AXIS,
        left=LEFT,
        bottom=TOP + HEIGHT,
        bars=tuple(bars),
        mean=None if task.delta is None or abs(task.delta) > reach else across(task.delta),
        ticks=tuple(Tick(across(value), label) for value, label in marks),
        counts=tuple(
            Tick(up(value), count(int(value)))
            for value in nice_ticks(0, most, wanted=3)
            if value == int(value)
        ),
        axis=f"← A better · B − A in {named} · B better →",
    )


def _title(spread: Spread, place: int, middle: float, *, unit: str) -> str:
    ends = [
        written(middle + half * spread.width, se=spread.width / 10, unit=unit)
        for half, written in ((-0.5, difference), (0.5, points))
    ]
    number = spread.counts[place]
    outermost = spread.beyond and place in {0, len(spread.counts) - 1}
    beyond = " or beyond" if outermost else ""
    return f"{ends[0]} to {ends[1]}{beyond}: {count(number)} question{'' if number == 1 else 's'}"
