"""Geometry of the charts: where points, intervals and ticks lie, in SVG units; templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.render.numbers import difference, rate
from assay.report.models import Comparison, Curve, TaskComparison

FOREST_WIDTH, ROW, PAD = 460, 30, 12
CURVE_WIDTH, CURVE_HEIGHT = 460, 220
CURVE_LEFT, CURVE_BOTTOM = 48, 40


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One difference with its interval; positions are None where it is undefined."""

    name: str
    y: float
    point: float | None
    low: float | None
    high: float | None
    mde_low: float | None
    mde_high: float | None
    margin_low: float
    margin_high: float
    verdict: str
    filled: bool
    title: str


@dataclass(frozen=True, kw_only=True)
class Forest:
    """All differences on one axis in percentage points."""

    width: int
    height: int
    zero: float
    rows: tuple[ForestRow, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """One checkpoint of a learning curve."""

    x: float
    y: float
    low: float
    high: float
    label: str
    title: str


@dataclass(frozen=True, kw_only=True)
class CurveChart:
    """One task's learning curve."""

    name: str
    width: int
    height: int
    points: tuple[CurvePoint, ...]
    line: str
    band: str
    ticks: tuple[Tick, ...]


def forest(comparison: Comparison) -> Forest:
    """Lay out the tasks whose differences are rates, one row each."""
    tasks = [t for t in comparison.tasks if t.a.unit == "rate"]
    ends = [abs(v) for t in tasks for v in (t.low, t.high, t.mde, t.margin) if v is not None]
    reach = max([*ends, 0.01]) * 1.05

    def x(value: float | None) -> float | None:
        return None if value is None else PAD + (FOREST_WIDTH - 2 * PAD) * (value + reach) / (2 * reach)

    zero = x(0.0)
    assert zero is not None
    rows = tuple(_row(task, y=ROW * (i + 0.5), x=x) for i, task in enumerate(tasks))
    ticks = tuple(Tick(x(v) or zero, difference(v)) for v in nice_ticks(-reach, reach))
    return Forest(width=FOREST_WIDTH, height=ROW * len(rows) + 26, zero=zero, rows=rows, ticks=ticks)


def _row(task: TaskComparison, *, y: float, x: object) -> ForestRow:
    place = x if callable(x) else None
    assert place is not None
    return ForestRow(
        name=task.task,
        y=y,
        point=place(task.delta),
        low=place(task.low),
        high=place(task.high),
        mde_low=place(None if task.mde is None else -task.mde),
        mde_high=place(task.mde),
        margin_low=place(-task.margin),
        margin_high=place(task.margin),
        verdict=task.verdict,
        filled=task.p_holm is not None and task.p_holm < 0.05,
        title=task.sentence,
    )


def nice_ticks(low: float, high: float, *, wanted: int = 5) -> list[float]:
    """Choose round numbers between two ends."""
    step = 10 ** np.floor(np.log10((high - low) / wanted))
    step *= min((m for m in (1, 2, 5, 10) if (high - low) / (step * m) <= wanted + 1), default=10)
    first = np.ceil(low / step)
    return [float(step * k) for k in np.arange(first, np.floor(high / step) + 1)]


def curve(found: Curve) -> CurveChart:
    """Lay out one learning curve with its interval band."""
    unit = "number" if found.lower_is_better else "rate"
    points = [p for p in found.points if p.value is not None]
    steps = [float(p.step if p.step is not None else i) for i, p in enumerate(points)]
    ends = [v for p in points for v in (p.low, p.high, p.value) if v is not None]
    bottom, top = _range(ends, unit=unit)

    def x(step: float) -> float:
        span = (steps[-1] - steps[0]) or 1.0
        return CURVE_LEFT + (CURVE_WIDTH - CURVE_LEFT - PAD) * (step - steps[0]) / span

    def y(value: float) -> float:
        return PAD + (CURVE_HEIGHT - CURVE_BOTTOM - PAD) * (top - value) / (top - bottom)

    laid = tuple(
        CurvePoint(
            x=x(step),
            y=y(p.value or 0.0),
            low=y(p.low if p.low is not None else p.value or 0.0),
            high=y(p.high if p.high is not None else p.value or 0.0),
            label=f"{step:g}",
            title=f"step {step:g}: {rate(p.value, se=p.se, unit=unit)} (n = {p.n})",
        )
        for p, step in zip(points, steps, strict=True)
    )
    return CurveChart(
        name=f"{found.task} · {found.metric}{' ↓' if found.lower_is_better else ''}",
        width=CURVE_WIDTH,
        height=CURVE_HEIGHT,
        points=laid,
        line=" ".join(f"{p.x:.1f},{p.y:.1f}" for p in laid),
        band=_band(laid),
        ticks=tuple(Tick(y(v), rate(v, unit=unit)) for v in nice_ticks(bottom, top)),
    )


def _range(ends: Sequence[float], *, unit: str) -> tuple[float, float]:
    if not ends:
        return 0.0, 1.0
    low, high = min(ends), max(ends)
    space = 0.08 * (high - low) or 0.05
    if unit == "rate":
        return max(0.0, low - space), min(1.0, high + space)
    return low - space, high + space


def _band(points: tuple[CurvePoint, ...]) -> str:
    upper = [f"{p.x:.1f},{p.high:.1f}" for p in points]
    lower = [f"{p.x:.1f},{p.low:.1f}" for p in reversed(points)]
    return " ".join(upper + lower)
