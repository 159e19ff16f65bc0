"""Stop a run once its comparison with an earlier run is settled.

Questions are asked in a fixed random order, and after each shard the verdict is looked at on the unbroken
beginning of that order: which answers came first says something of the answers, so shards that overtook
others wait.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assay.align import QuestionScores, by_question
from assay.errors import TaskChanged, UsageError
from assay.lookup.runs import find_runs
from assay.records import Question, Run, Score, Stopped
from assay.report.difference import reduced
from assay.stats.estimates import ratio
from assay.stats.stopping import Decision, Stopping, decide
from assay.store.store import Store


@dataclass(frozen=True)
class Watch:
    """What a run is compared with while it goes on."""

    against: Run
    baseline: Mapping[str, QuestionScores]
    design: Stopping

    @classmethod
    def of(
        cls, store: Store, ref: str, *, task: str, task_fingerprint: str, asked: Sequence[str], every: int = 1
    ) -> "Watch":
        """Find the baseline of a task, to be looked at after `every` questions.

        Raises UsageError and TaskChanged.
        """
        run = _baseline(find_runs(store, ref), ref, task=task)
        if run.task_fingerprint != task_fingerprint:
            raise TaskChanged(
                f"The task {task!r} has another definition now than in run {run.id}.",
                remedy="Evaluate the baseline again, or leave out --stop-when.",
            )
        scored = by_question(store.score_columns(run.id, run.headline), run=run.id)
        lacking = [id_ for id_ in asked if id_ not in scored or None in scored[id_].values]
        if lacking:
            raise UsageError(
                f"Run {run.id} has no score of {len(lacking)} of the questions",
                ids=lacking,
                remedy="Evaluate the baseline on all of them first, with the same --limit.",
            )
        margin = run.metrics[run.headline].margin
        return cls(run, scored, Stopping(total=len(asked), margin=margin, every=every))

    def look(self, scores: Iterable[Score], *, clusters: Mapping[str, str]) -> Decision | None:
        """Decide from the scores of whole shards; None while a failure leaves a question without a value."""
        mine = _grouped(score for score in scores if score.metric == self.against.headline)
        if not mine or any(None in one.values for one in mine.values()):
            return None
        summary = self.against.metrics[self.against.headline]
        sides = [[self.baseline[id_] for id_ in mine], list(mine.values())]
        before, after = (reduced(summary, side) for side in sides)
        if summary.reduction == "ratio":
            weight = np.array([one.weight for one in mine.values()])
            difference = ratio((after - before) * weight, denominator=weight)
            before, after = np.zeros(len(weight)), difference.linearised
        named = [clusters.get(id_) for id_ in mine] if clusters else None
        if summary.lower_is_better:
            before, after = after, before
        return decide(before, after, design=self.design, cluster=named)

    def stopped(self, decision: Decision) -> Stopped:
        """Write down why the run stopped."""
        return Stopped(
            against=self.against.id,
            verdict=decision.verdict,
            reason=decision.sentence,
            questions=self.design.total,
            saved=decision.saved,
        )


def clusters_of(asked: Iterable[Question]) -> dict[str, str]:
    """Name the cluster of each question that has one."""
    return {question.id: question.cluster for question in asked if question.cluster is not None}


def _baseline(runs: Iterable[Run], ref: str, *, task: str) -> Run:
    fitting = [run for run in runs if run.task == task and run.status == "completed"]
    if not fitting:
        raise UsageError(
            f"{ref!r} has no completed run of {task!r} to stop against.",
            remedy="Evaluate it on this task first; `assay runs` lists what there is.",
        )
    return fitting[0]


def _grouped(scores: Iterable[Score]) -> dict[str, QuestionScores]:
    values: dict[str, list[float | None]] = defaultdict(list)
    weights: dict[str, float] = {}
    for score in scores:
        values[score.question_id].append(score.value)
        weights[score.question_id] = score.weight
    return {id_: QuestionScores(tuple(some), digest="", weight=weights[id_]) for id_, some in values.items()}
