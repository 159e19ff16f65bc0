"""Which checkpoint of a training run is compared with which, whatever the order in which they ended."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from assay.records import Run
from assay.store.store import Store

Key: TypeAlias = tuple[str, str, int | None]
"""Fingerprints of task and harness, and the limit: what two runs share that can be compared."""
Steps: TypeAlias = Mapping[int, Mapping[Key, str]]
"""The run of each task at each step."""


@dataclass(frozen=True)
class Succession:
    """Two checkpoints of a training run, of which the second follows the first."""

    before: list[Run]
    after: list[Run]
    replaces: int | None = None
    """The step that the second was compared with until the first was evaluated."""


def successions(store: Store, runs: Sequence[Run]) -> list[Succession]:
    """Return what to compare now that these runs of one checkpoint have ended, by step.

    The checkpoint with the one before, and those with it that ended sooner and that it now precedes. What
    was completed decides, not when: once all have ended, each has been compared with its predecessor.
    """
    training_run, own = runs[0].checkpoint.training_run, runs[0].checkpoint.step
    ended = {(run.task_fingerprint, run.harness_fingerprint, run.limit): run for run in runs}
    completed = {key: run.id for key, run in ended.items() if run.status == "completed"}
    if training_run is None or own is None or not completed:
        return []
    others: dict[int, dict[Key, str]] = defaultdict(dict)
    for run in store.runs_at_steps(training_run, task_fingerprints={key[0] for key in ended}):
        key = (run.task_fingerprint, run.harness_fingerprint, run.limit)
        if key in ended and run.step != own:
            others[run.step].setdefault(key, run.id)
    steps = {**others, own: completed}
    pairs = []
    for step in sorted(steps):
        before = preceding(steps, step)
        if before is not None and own in {before, step}:
            first, second = ([store.run(id_) for id_ in steps[side].values()] for side in (before, step))
            pairs.append(Succession(first, second, preceding(others, step) if before == own else None))
    return pairs


def preceding(steps: Steps, step: int) -> int | None:
    """Return the nearest earlier step with all tasks of this one; where none has all, with any of them."""
    tasks = steps[step].keys()
    earlier = sorted((other for other in steps if other < step), reverse=True)
    whole = (other for other in earlier if tasks <= steps[other].keys())
    part = (other for other in earlier if tasks & steps[other].keys())
    return next(chain(whole, part), None)
