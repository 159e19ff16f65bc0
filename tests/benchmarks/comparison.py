"""What comparing two runs of 50 tasks x 2,000 questions costs: `python -m tests.benchmarks.comparison`.

CPU time after the scores were loaded, also as a ratio to a floor: turning the same scores into arrays and
taking their means.
"""

import time
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from assay.align import align, questions
from assay.records import MetricSummary
from assay.report.task import reduced
from assay.stats import (
    TaskValues,
    adjust,
    macro,
    paired,
    verdict,
)

TASKS, QUESTIONS = 50, 2000
Work: TypeAlias = "Callable[[list[Columns], list[Columns]], float | None]"


class Columns(NamedTuple):
    """The scores of one metric of one run, as the store gives them."""

    question_id: list[str]
    sample_index: list[int]
    value: list[float | None]
    weight: list[float]
    digest: list[str]
    cluster: list[str | None]


def scores(task: int, *, seed: int, continuous: bool) -> Columns:
    """Draw the scores of a task."""
    generator = np.random.default_rng([task, seed])
    drawn = generator.random(QUESTIONS)
    ids = [f"t{task}-q{i}" for i in range(QUESTIONS)]
    values: list[float | None] = [*(drawn if continuous else (drawn < 0.6) * 1.0).tolist()]
    return Columns(ids, [0] * QUESTIONS, values, [1.0] * QUESTIONS, ids, [None] * QUESTIONS)


def compare(a: list[Columns], b: list[Columns]) -> float | None:
    """Align, test and judge every task, then the suite and the family."""
    summary = MetricSummary(value=None, n=QUESTIONS)
    tasks, p = {}, {}
    for index, (side_a, side_b) in enumerate(zip(a, b, strict=True)):
        aligned = align(questions(side_a), questions(side_b))
        result = paired(reduced(summary, aligned.a), reduced(summary, aligned.b), cluster=aligned.clusters)
        verdict(result, margin=0.01)
        tasks[str(index)], p[str(index)] = TaskValues(result.values), result.p
    adjust(p, name="all")
    return macro(tasks).value


def floor(a: list[Columns], b: list[Columns]) -> float | None:
    """Read the arrays and take their means."""
    means = [[np.array(side_a.value).mean() for side_a in side] for side in (a, b)]
    return float(np.mean(np.subtract(means[1], means[0])))


def seconds(work: Work, a: list[Columns], b: list[Columns]) -> float:
    """Return the least CPU time of three."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        work(a, b)
        spent.append(time.process_time() - began)
    return min(spent)


def main() -> None:
    """Print the costs."""
    for name, continuous in (("right or wrong", False), ("continuous", True)):
        a, b = ([scores(t, seed=seed, continuous=continuous) for t in range(TASKS)] for seed in (1, 2))
        cost, least = seconds(compare, a, b), seconds(floor, a, b)
        print(f"{name}: {cost:.2f} s of CPU, {cost / least:.0f} times reading the arrays")


if __name__ == "__main__":
    main()
