"""Which runs of two sides belong together, and in what they differ beside the checkpoint."""

from typing import NamedTuple

from assay.errors import AlignmentError, TaskChanged
from assay.records import Run
from assay.report.models import Difference
from assay.report.side import ScoredRun, Side

SAME_DATA = "Compare runs of the same data set."


class RunPair(NamedTuple):
    """Two runs of one task."""

    a: ScoredRun
    b: ScoredRun

    @property
    def task(self) -> str:
        """What the pair is called: its task, or both variants."""
        a, b = self.a.run.task, self.b.run.task
        return a if a == b else f"{a} → {b}"


class TaskPairs(NamedTuple):
    """The runs of both sides by task, and the tasks that only one has."""

    pairs: list[RunPair]
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()


def pair_tasks(a: Side, b: Side) -> TaskPairs:
    """Match the runs of both sides by task; raises AlignmentError and TaskChanged.

    Two single runs of variants of one task are matched by their data set, as far as that is the same.
    """
    if len(a.runs) == len(b.runs) == 1 and a.runs[0].run.task != b.runs[0].run.task:
        _check_same_data(a.runs[0].run, b.runs[0].run)
        return TaskPairs([RunPair(a.runs[0], b.runs[0])])
    tasks_a, tasks_b = ({scored.run.task: scored for scored in side.runs} for side in (a, b))
    pairs = [RunPair(scored, tasks_b[task]) for task, scored in tasks_a.items() if task in tasks_b]
    if not pairs:
        raise AlignmentError(
            f"The two sides share no task: A has {_names(tasks_a)}; B has {_names(tasks_b)}.",
            remedy="Evaluate both on the same tasks.",
        )
    for pair in pairs:
        if pair.a.run.task_fingerprint != pair.b.run.task_fingerprint:
            raise TaskChanged(
                f"The task {pair.task!r} is defined otherwise in A than in B: code, options or data differ.",
                remedy="Evaluate both checkpoints with the same version of the task.",
            )
    return TaskPairs(
        pairs,
        tuple(task for task in tasks_a if task not in tasks_b),
        tuple(task for task in tasks_b if task not in tasks_a),
    )


def differences(pair: RunPair) -> list[Difference]:
    """List the settings in which two runs differ; the checkpoint is meant to."""
    a, b = pair.a.run, pair.b.run
    versions = (a.provenance.versions, b.provenance.versions)
    facts = [
        ("checkpoint", a.checkpoint.name, b.checkpoint.name, True),
        ("training run", a.checkpoint.training_run, b.checkpoint.training_run, True),
        ("step", a.checkpoint.step, b.checkpoint.step, True),
        ("harness", a.harness_fingerprint, b.harness_fingerprint, False),
        ("limit", a.limit, b.limit, False),
        *_commits(a, b),
        *(
            (key, a.conditions.get(key), b.conditions.get(key), False)
            for key in {**a.conditions, **b.conditions}
        ),
        *(
            (f"version of {key}", versions[0].get(key), versions[1].get(key), False)
            for key in {**versions[0], **versions[1]}
        ),
    ]
    harnesses = {a.harness_fingerprint: a.harness, b.harness_fingerprint: b.harness}
    return [
        Difference(what=what, a=_shown(x, harnesses), b=_shown(y, harnesses), intended=intended)
        for what, x, y, intended in facts
        if x != y
    ]


def _commits(a: Run, b: Run) -> list[tuple[str, str | None, str | None, bool]]:
    """Return the commits of the folders in which the runs started, where both are recorded."""
    commits = [run.provenance.commit and run.provenance.commit[:12] for run in (a, b)]
    return [("commit of the working folder", commits[0], commits[1], False)] if all(commits) else []


def _check_same_data(a: Run, b: Run) -> None:
    if a.dataset_digest != b.dataset_digest:
        raise AlignmentError(
            f"{a.task!r} and {b.task!r} ask different questions, so they cannot be compared one by one.",
            remedy=SAME_DATA,
        )


def _names(tasks: dict[str, ScoredRun]) -> str:
    return ", ".join(tasks) or "none"


def _shown(value: object, harnesses: dict[str, str]) -> str:
    return "–" if value is None else harnesses.get(str(value), str(value))
