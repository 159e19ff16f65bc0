"""The checkpoints of a training run as learning curves."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assay.align import QuestionScores, align, by_question
from assay.errors import AlignmentError, StatisticsError
from assay.fingerprint import fingerprint
from assay.records import MetricSummary
from assay.report.compare import compare
from assay.report.difference import paired_difference
from assay.report.models import Comparison, Curve, Point, Series
from assay.report.rules import ALPHA
from assay.report.side import ScoredRun, Side
from assay.stats.checkpoints import LAST, monotonicity, signal_to_noise, training_noise
from assay.stats.differences import Paired
from assay.stats.families import adjust
from assay.stats.sequential import alpha_spent
from assay.stats.verdicts import verdict

FEW = 3
"""Checkpoints below which scatter and monotonicity are undefined."""
NO_FINALS: Mapping[str, Sequence[float]] = {}


class _Look(NamedTuple):
    """The difference of one checkpoint against the first, and what this look may spend."""

    paired: Paired
    alpha: float
    dropped: float


class _Trace(NamedTuple):
    """One task: its runs in the order of their steps, and the look at each from the second on."""

    runs: Sequence[ScoredRun]
    looks: Sequence[_Look | None]


def make_series(
    runs: Sequence[ScoredRun], *, name: str, finals: Mapping[str, Sequence[float]] = NO_FINALS
) -> Series:
    """Draw a curve for each task, each checkpoint tested against the first.

    Look t at the same questions may spend alpha 6/(pi^2 t^2); a single look spends all. The tasks of one
    look are corrected by Holm. `finals` are the last scores of other training runs on each task, for
    signal-to-noise.
    """
    by_task: dict[str, list[ScoredRun]] = defaultdict(list)
    for scored in sorted(runs, key=lambda scored: (scored.run.checkpoint.step or 0, scored.run.started)):
        by_task[scored.run.task].append(scored)
    traces = {task: _trace(members) for task, members in by_task.items()}
    corrected = _corrected(traces)
    comparison, note = _last_two(by_task, name=name)
    return Series(
        id=fingerprint([scored.run.id for scored in runs])[:12],
        training_run=name,
        curves=tuple(
            _curve(trace, corrected=[look.get(task) for look in corrected], finals=finals.get(task, ()))
            for task, trace in traces.items()
        ),
        comparison=comparison,
        notes=(note,) if note else (),
    )


def _trace(runs: Sequence[ScoredRun]) -> _Trace:
    """Test every checkpoint against the first, whose scores are read once."""
    if len(runs) < 2:
        return _Trace(runs, [])
    first = by_question(runs[0].columns(runs[0].run.headline), run=runs[0].run.id)
    looks = enumerate(runs[1:], start=1)
    return _Trace(runs, [_look(first, scored, look, last=len(runs) - 1) for look, scored in looks])


def _look(first: Mapping[str, QuestionScores], scored: ScoredRun, look: int, *, last: int) -> _Look | None:
    """Compare a checkpoint with the first; None where they cannot be compared."""
    run = scored.run
    alpha = ALPHA if last == 1 else alpha_spent(look, alpha=ALPHA)
    try:
        aligned = align(first, by_question(scored.columns(run.headline), run=run.id))
        paired = paired_difference(aligned, run.metrics[run.headline], level=1 - alpha, alpha=alpha)
    except (AlignmentError, StatisticsError):
        return None
    return _Look(paired.without_questions(), alpha, 1 - aligned.coverage)


def _corrected(traces: Mapping[str, _Trace]) -> list[Mapping[str, float | None]]:
    """Correct the p-values of the tasks at each look by Holm."""
    looks = max((len(trace.looks) for trace in traces.values()), default=0)
    corrected = []
    for number in range(looks):
        p_values = {
            task: look.paired.deciding_p
            for task, trace in traces.items()
            if number < len(trace.looks) and (look := trace.looks[number]) is not None
        }
        corrected.append(adjust(p_values, name=f"look {number + 1}").adjusted)
    return corrected


def _curve(trace: _Trace, *, corrected: Sequence[float | None], finals: Sequence[float]) -> Curve:
    """Draw one task over checkpoints in the order of their steps."""
    first = trace.runs[0].run
    headline = first.metrics[first.headline]
    summaries = [scored.run.metrics[scored.run.headline] for scored in trace.runs]
    values = [summary.value for summary in summaries if summary.value is not None]
    enough = len(values) >= FEW
    ratio = signal_to_noise(finals, checkpoints=values[-LAST:]).ratio if enough and finals else None
    signed = [-value for value in values] if headline.lower_is_better else values
    points = [_point(trace.runs[0], summaries[0])]
    for scored, summary, look, p in zip(trace.runs[1:], summaries[1:], trace.looks, corrected, strict=False):
        points.append(_tested(_point(scored, summary), look, corrected=p, margin=summary.margin))
    return Curve(
        task=first.task,
        metric=first.headline,
        lower_is_better=headline.lower_is_better,
        unit=headline.unit,
        points=tuple(points),
        noise=training_noise(values) if enough else None,
        signal_to_noise=ratio,
        monotonicity=monotonicity(signed) if enough else None,
        undefined=None if enough else f"scatter and monotonicity need {FEW} checkpoints",
    )


def _point(scored: ScoredRun, summary: MetricSummary) -> Point:
    """Describe one checkpoint by its score."""
    run = scored.run
    return Point(
        run=run.id,
        step=run.checkpoint.step,
        checkpoint=run.checkpoint.name,
        value=summary.value,
        low=summary.low,
        high=summary.high,
        se=summary.se,
        n=summary.n,
    )


def _tested(point: Point, look: _Look | None, *, corrected: float | None, margin: float) -> Point:
    """Add the difference against the first checkpoint, and an alarm where its verdict is a direction."""
    if look is None:
        return point
    word = verdict(
        look.paired, margin=margin, alpha=look.alpha, corrected=corrected, dropped=max(0.0, look.dropped)
    )
    return point.model_copy(
        update={
            "delta": look.paired.delta,
            "delta_low": look.paired.estimate.low,
            "delta_high": look.paired.estimate.high,
            "p": look.paired.p,
            "p_corrected": corrected,
            "alpha": look.alpha,
            "alarm": word if word in {"improved", "regressed"} else None,
        }
    )


def _last_two(
    by_task: Mapping[str, Sequence[ScoredRun]], *, name: str
) -> tuple[Comparison | None, str | None]:
    """Compare the last two checkpoints on the tasks that both have, or say why they are not compared."""
    pairs = [(runs[-2], runs[-1]) for runs in by_task.values() if len(runs) >= 2]
    if not pairs:
        return None, None
    a, b = (Side(tuple(pair[i] for pair in pairs)) for i in (0, 1))
    try:
        return compare(a, b, name=name), None
    except (AlignmentError, StatisticsError) as error:
        return None, f"The last two checkpoints are not compared: {error}"
