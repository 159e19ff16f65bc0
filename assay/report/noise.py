"""The noise of training, told by a training run's last checkpoints, added to a comparison."""

from collections import defaultdict
from collections.abc import Sequence

from assay.records import Run
from assay.report.models import Recipe, SuiteComparison
from assay.stats.checkpoints import LAST, recipe_difference, training_noise
from assay.store.store import Store

FEWEST = 3
"""Checkpoints below which nothing is said of the noise of training."""
LATEST = 2000


def add_training_noise(
    store: Store, suite: SuiteComparison, pairs: Sequence[tuple[Run, Run]]
) -> SuiteComparison:
    """Add the difference as a claim about two trainings, where both have checkpoints enough.

    Two checkpoints of one training run are no such claim: their scatters are one and the same, not two
    independent sources, and what the model learns between them is the difference asked about, not noise.
    """
    if suite.delta is None or suite.se is None or _one_training(pairs):
        return suite
    noise = [last_scatter(store, [pair[side] for pair in pairs]) for side in (0, 1)]
    if noise[0] is None or noise[1] is None:
        return suite
    found = recipe_difference(
        suite.delta, paired_se=suite.se, checkpoint_sd_a=noise[0], checkpoint_sd_b=noise[1]
    )
    if found.se is None or found.p is None:
        return suite
    recipe = Recipe(noise_a=noise[0], noise_b=noise[1], se=found.se, p=found.p)
    return suite.model_copy(update={"recipe": recipe})


def _one_training(pairs: Sequence[tuple[Run, Run]]) -> bool:
    return any(a.checkpoint.training_run == b.checkpoint.training_run for a, b in pairs)


def last_scatter(store: Store, runs: Sequence[Run]) -> float | None:
    """Return the scatter of the mean over tasks, over the last checkpoints up to that of the runs."""
    first = runs[0].checkpoint
    if first.training_run is None or first.step is None:
        return None
    wanted = {run.task_fingerprint: run for run in runs if run.metrics[run.headline].unit == "rate"}
    by_step: dict[int, dict[str, float]] = defaultdict(dict)
    for run in store.runs(training_run=first.training_run, limit=LATEST):
        step, like = run.checkpoint.step, wanted.get(run.task_fingerprint)
        if like is None or step is None or step > first.step or run.status != "completed":
            continue
        if run.harness_fingerprint == like.harness_fingerprint and like.headline in run.metrics:
            value = run.metrics[like.headline].value
            if value is not None:
                by_step[step].setdefault(run.task_fingerprint, value)
    whole = [
        sum(by_step[s].values()) / len(wanted) for s in sorted(by_step) if len(by_step[s]) == len(wanted)
    ]
    return training_noise(whole, last=LAST) if wanted and len(whole) >= FEWEST else None
