"""Geometry of the learning curves, in SVG units; templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass

from assay.render.numbers import points as difference_of
from assay.render.numbers import score
from assay.report.models import Curve, Point
from assay.viewer.page.axis import Tick, nice_ticks, score_label

WIDTH, HEIGHT, LEFT, BOTTOM, PAD = 460, 240, 52, 48, 14
APART = 40
"""Least distance of two marks on the axis of steps."""


@dataclass(frozen=True, kw_only=True)
class ChartPoint:
    """One checkpoint of a learning curve."""

    x: float
    y: float
    low: float
    high: float
    alarm: str | None
    title: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One task's learning curve."""

    name: str
    direction: str
    width: int
    height: int
    left: int
    bottom: int
    points: tuple[ChartPoint, ...]
    line: str
    band: str
    ticks: tuple[Tick, ...]
    steps: tuple[Tick, ...]


def chart(found: Curve) -> Chart | None:
    """Lay out one learning curve with its interval band; None where no point has a value."""
    unit = found.unit
    points = [point for point in found.points if point.value is not None]
    if not points:
        return None
    steps = [float(point.step if point.step is not None else i) for i, point in enumerate(points)]
    bottom, top = _range(points, unit=unit)
    first, last = min(steps), max(steps)

    def x(step: float) -> float:
        inside = WIDTH - LEFT - 2 * PAD
        return round(
            LEFT + PAD + (inside * (step - first) / (last - first) if last > first else inside / 2), 1
        )

    def y(value: float | None) -> float:
        return round(PAD + (HEIGHT - BOTTOM - PAD) * (top - (value or 0.0)) / (top - bottom), 1)

    laid = tuple(
        ChartPoint(
            x=x(step),
            y=y(point.value),
            low=y(point.low if point.low is not None else point.value),
            high=y(point.high if point.high is not None else point.value),
            alarm=point.alarm,
            title=_title(point, step=step, unit=unit),
        )
        for point, step in zip(points, steps, strict=True)
    )
    return Chart(
        name=f"{found.task} · {found.metric}",
        direction="lower is better" if found.lower_is_better else "higher is better",
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        bottom=HEIGHT - BOTTOM,
        points=laid,
        line=" ".join(f"{point.x},{point.y}" for point in laid),
        band=_band(laid),
        ticks=tuple(Tick(y(value), score_label(value, unit=unit)) for value in nice_ticks(bottom, top)),
        steps=tuple(_apart([Tick(x(step), f"{step:g}") for step in steps])),
    )


def _title(point: Point, *, step: float, unit: str) -> str:
    said = f"step {step:g}: {score(point.value, se=point.se, unit=unit)} (n = {point.n})"
    if point.delta is not None:
        said += f"; against the first {difference_of(point.delta, se=point.se, unit=unit)}"
    return f"{said}; {point.alarm}" if point.alarm else said


def _range(points: Sequence[Point], *, unit: str) -> tuple[float, float]:
    ends = [v for point in points for v in (point.low, point.high, point.value) if v is not None]
    low, high = min(ends), max(ends)
    space = 0.08 * (high - low) or 0.05
    if unit == "rate":
        return max(0.0, low - space), min(1.0, high + space)
    return low - space, high + space


def _apart(ticks: Sequence[Tick]) -> list[Tick]:
    """Keep marks that have room, the last one before all."""
    kept: list[Tick] = []
    for tick in reversed(ticks):
        if not kept or kept[-1].at - tick.at >= APART:
            kept.append(tick)
    return kept


def _band(points: Sequence[ChartPoint]) -> str:
    upper = [f"{point.x},{point.high}" for point in points]
    lower = [f"{point.x},{point.low}" for point in reversed(points)]
    return " ".join(upper + lower)
