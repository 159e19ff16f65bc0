"""What comparing two runs of 50 tasks x 2,000 questions costs: `python -m tests.benchmarks.comparison`.

CPU time of `assay.report.compare` after the scores were loaded, also as a ratio to a floor: turning the same
scores into arrays and taking their means.
"""

import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from assay.align import Columns
from assay.records import MetricSummary
from assay.report.compare import compare
from assay.report.side import MetricColumns, ScoredRun, Side
from tests.store.examples import make_run

TASKS, QUESTIONS = 50, 2000
Work: TypeAlias = Callable[[Side, Side], float | None]


def scores(task: int, *, seed: int, continuous: bool) -> MetricColumns:
    """Draw the scores of a task."""
    drawn = np.random.default_rng([task, seed]).random(QUESTIONS)
    ids = [f"t{task}-q{i}" for i in range(QUESTIONS)]
    values: list[float | None] = [*(drawn if continuous else (drawn < 0.6) * 1.0).tolist()]
    return MetricColumns(ids, [0] * QUESTIONS, values, [1.0] * QUESTIONS, ids, [None] * QUESTIONS)


def side(*, seed: int, continuous: bool) -> Side:
    """A side whose scores are in memory."""
    return Side(tuple(scored(task, seed=seed, continuous=continuous) for task in range(TASKS)))


def scored(task: int, *, seed: int, continuous: bool) -> ScoredRun:
    """The run of one task."""
    table = scores(task, seed=seed, continuous=continuous)
    summary = MetricSummary(value=0.5, n=QUESTIONS)
    run = make_run(f"run-{seed}-{task}", task=f"task {task}", metrics={"exact": summary})

    def columns(metric: str) -> Columns:
        return table

    return ScoredRun(run=run, columns=columns)


def whole(a: Side, b: Side) -> float | None:
    """Align, test and judge every task, then the suite and the family."""
    return compare(a, b, flips=0).suite.delta


def floor(a: Side, b: Side) -> float | None:
    """Read the arrays and take their means."""
    means = [[np.array(run.columns("exact").value).mean() for run in runs.runs] for runs in (a, b)]
    return float(np.mean(np.subtract(means[1], means[0])))


def seconds(work: Work, a: Side, b: Side) -> float:
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
        a, b = (side(seed=seed, continuous=continuous) for seed in (1, 2))
        cost, least = seconds(whole, a, b), seconds(floor, a, b)
        print(f"{name}: {cost:.2f} s of CPU, {cost / least:.0f} times reading the arrays")


if __name__ == "__main__":
    main()
