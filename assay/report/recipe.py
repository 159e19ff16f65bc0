"""A comparison as a claim about two recipes: other seeds of each tell how much trainings differ by chance."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from assay.records import Run
from assay.report.models import Recipe, SuiteComparison
from assay.report.pairing import RunPair
from assay.report.side import Side
from assay.stats.checkpoints import recipe_difference

FEWEST = 2
"""Trainings by one recipe without which no noise is defined."""
ASK_FOR_SEEDS = (
    "This compares two checkpoints; a claim about their recipes needs trainings by each with other seeds"
    " (--seed-a, --seed-b)"
)


def compare_recipes(suite: SuiteComparison, pairs: Sequence[RunPair], a: Side, b: Side) -> Recipe | None:
    """Return the difference as a claim about two recipes; None where the seeds of one are not known.

    The means over the seeds are compared, SE^2 = SE_paired^2 + s_A^2/m_A + s_B^2/m_B, by Student's t. The
    scatter of one run's checkpoints is no substitute: they share a seed and follow each other, so it is
    smaller than the noise between seeds.
    """
    if suite.delta is None or suite.se is None:
        return None
    scores_a = seed_scores([pair.a.run for pair in pairs], a.seeds)
    scores_b = seed_scores([pair.b.run for pair in pairs], b.seeds)
    if min(len(scores_a), len(scores_b)) < FEWEST:
        return None
    noise_a, noise_b = (float(np.std(scores, ddof=1)) for scores in (scores_a, scores_b))
    difference = recipe_difference(
        float(np.mean(scores_b) - np.mean(scores_a)),
        paired_se=suite.se,
        checkpoint_sd_a=noise_a / math.sqrt(len(scores_a)),
        checkpoint_sd_b=noise_b / math.sqrt(len(scores_b)),
        paired_df=suite.df or np.inf,
        df_a=len(scores_a) - 1,
        df_b=len(scores_b) - 1,
    )
    if difference.se is None or difference.p is None:
        return None
    return Recipe(
        delta=difference.delta,
        noise_a=noise_a,
        noise_b=noise_b,
        se=difference.se,
        p=difference.p,
        df=difference.df,
        seeds_a=len(scores_a),
        seeds_b=len(scores_b),
    )


def seed_scores(runs: Sequence[Run], seeds: Sequence[Sequence[Run]]) -> list[float]:
    """Return the mean over tasks of a checkpoint and of each other seed that has all of its tasks.

    Signed so that more is better.
    """
    rated = [run for run in runs if run.metrics[run.headline].unit == "rate"] or list(runs[:1])
    trainings = {tuple(run.id for run in training): training for training in (runs, *seeds)}
    scores = []
    for training in trainings.values():
        by_task = {run.task_fingerprint: run for run in training}
        values = [_score(by_task, run) for run in rated]
        if None not in values:
            scores.append(sum(value for value in values if value is not None) / len(values))
    return scores


def is_two_trainings(pairs: Sequence[RunPair]) -> bool:
    """Whether the sides are checkpoints of different training runs."""
    runs = [(pair.a.run.checkpoint.training_run, pair.b.run.checkpoint.training_run) for pair in pairs]
    return all(a is not None and b is not None and a != b for a, b in runs)


def _score(by_task: Mapping[str, Run], like: Run) -> float | None:
    run = by_task.get(like.task_fingerprint)
    if run is None or like.headline not in run.metrics:
        return None
    if (run.harness_fingerprint, run.limit) != (like.harness_fingerprint, like.limit):
        return None
    summary = run.metrics[like.headline]
    return -summary.value if summary.value is not None and summary.lower_is_better else summary.value
