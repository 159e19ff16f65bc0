"""The checkpoints of a training run as learning curves."""

from collections import defaultdict
from collections.abc import Sequence

from assay.align import align, questions
from assay.errors import AlignmentError, BadSpec, StatisticsError
from assay.fingerprint import fingerprint
from assay.records import Run
from assay.report.compare import compare_runs
from assay.report.models import Comparison, Curve, Point, Series
from assay.report.task import reduced
from assay.stats.checkpoints import LAST, monotonicity, signal_to_noise, training_noise
from assay.stats.paired import paired
from assay.stats.sequential import alpha_spent
from assay.store.store import Store

ALPHA = 0.05
LATEST = 2000
FEW = 3
"""Checkpoints below which neither noise nor monotonicity is told."""


def find_series(store: Store, training_run: str, *, limit: int = LATEST) -> list[Run]:
    """Find the newest completed run of each task and step of a training run; raises BadSpec."""
    newest: dict[tuple[str, int | None], Run] = {}
    for run in store.runs(training_run=training_run, limit=limit):
        if run.status == "completed":
            newest.setdefault((run.task, run.checkpoint.step), run)
    if not newest:
        raise BadSpec(
            f"No completed run belongs to the training run {training_run!r}.",
            remedy="Evaluate its checkpoints with --run and --step.",
        )
    return list(newest.values())


def make_series(store: Store, runs: Sequence[Run], *, name: str) -> Series:
    """Draw a curve for each task, each checkpoint tested against the first with alpha spending."""
    by_task: dict[str, list[Run]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: (run.checkpoint.step or 0, run.started)):
        by_task[run.task].append(run)
    return Series(
        id=fingerprint([run.id for run in runs])[:12],
        training_run=name,
        curves=tuple(make_curve(store, some) for some in by_task.values()),
        comparison=last_two(store, by_task, name=name),
    )


def make_curve(store: Store, runs: Sequence[Run]) -> Curve:
    """Draw one task over checkpoints in the order of their steps."""
    headline = runs[0].metrics[runs[0].headline]
    values = [run.metrics[run.headline].value for run in runs]
    known = [value for value in values if value is not None]
    enough = len(known) >= FEW
    ratio = signal_to_noise(last_of_each(store, runs[-1]), checkpoints=known[-LAST:]) if enough else None
    return Curve(
        task=runs[0].task,
        metric=runs[0].headline,
        lower_is_better=headline.lower_is_better,
        unit=headline.unit,
        points=tuple(make_point(store, runs, place) for place in range(len(runs))),
        noise=training_noise(known) if enough else None,
        signal_to_noise=ratio.ratio if ratio else None,
        monotonicity=monotonicity([-value for value in known] if headline.lower_is_better else known)
        if enough
        else None,
        undefined=None if enough else f"noise and monotonicity need {FEW} checkpoints",
    )


def last_of_each(store: Store, like: Run) -> list[float]:
    """List the score of the last checkpoint of each training run in the store, on the task of a run."""
    last: dict[str, tuple[int, float]] = {}
    for run in store.runs(task=like.task, limit=LATEST):
        same = run.task_fingerprint == like.task_fingerprint and run.headline == like.headline
        value = run.metrics[run.headline].value if same and run.headline in run.metrics else None
        if value is None or run.status != "completed":
            continue
        name, step = run.checkpoint.training_run or run.checkpoint.name, run.checkpoint.step or 0
        if name not in last or step > last[name][0]:
            last[name] = (step, value)
    return [value for _, value in last.values()]


def make_point(store: Store, runs: Sequence[Run], place: int) -> Point:
    """Describe one checkpoint, from the second on with its paired difference against the first."""
    run = runs[place]
    metric = run.metrics[run.headline]
    point = Point(
        run=run.id,
        step=run.checkpoint.step,
        checkpoint=run.checkpoint.name,
        value=metric.value,
        low=metric.low,
        high=metric.high,
        se=metric.se,
        n=metric.n,
    )
    if not place:
        return point
    spent = alpha_spent(place, alpha=ALPHA)
    try:
        sides = [questions(store.score_columns(one.id, one.headline), run=one.id) for one in (runs[0], run)]
        aligned = align(*sides)
        found = paired(
            reduced(metric, aligned.a),
            reduced(metric, aligned.b),
            cluster=aligned.clusters,
            level=1 - spent,
            lower_is_better=metric.lower_is_better,
        )
    except (AlignmentError, StatisticsError):
        return point
    delta = found.estimate.value
    sure = found.p is not None and found.p <= spent and delta is not None
    return point.model_copy(
        update={
            "delta": delta,
            "delta_low": found.estimate.low,
            "delta_high": found.estimate.high,
            "p": found.p,
            "alpha": spent,
            "alarm": ("improved" if (delta or 0) > 0 else "regressed") if sure else None,
        }
    )


def last_two(store: Store, by_task: dict[str, list[Run]], *, name: str) -> Comparison | None:
    """Compare the last two checkpoints on the tasks that both have."""
    pairs = [(some[-2], some[-1]) for some in by_task.values() if len(some) >= 2]
    if not pairs:
        return None
    return compare_runs(store, [a for a, _ in pairs], [b for _, b in pairs], name=name)
