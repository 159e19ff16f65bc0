"""Which runs stand on each side of a comparison."""

from collections.abc import Sequence

from assay.errors import AlignmentError, BadSpec, TaskChanged
from assay.records import Run
from assay.report.models import Difference, Side
from assay.store.store import Store

LATEST = 500
SAME_HARNESS = "Evaluate both under the same harness, unless the harness is what you compare."


def find_side(store: Store, ref: str) -> list[Run]:
    """Find the runs that a reference names: one run, or the newest of each task of a checkpoint.

    Raises UnknownName, or BadSpec where a checkpoint has no completed run.
    """
    found = store.runs(checkpoint=ref, limit=LATEST)
    if not found:
        return [store.run(ref)]
    newest: dict[str, Run] = {}
    for run in found:
        if run.status == "completed":
            newest.setdefault(run.task, run)
    if not newest:
        raise BadSpec(
            f"No run of the checkpoint {ref!r} was completed.",
            remedy="Resume it with the command that began it.",
        )
    return list(newest.values())


def make_side(label: str, runs: Sequence[Run]) -> Side:
    """Describe one side."""
    first = min(runs, key=lambda run: run.started)
    harnesses = ", ".join(dict.fromkeys(run.harness for run in runs))
    return Side(
        label="A" if label == "A" else "B",
        checkpoint=runs[0].checkpoint,
        harness=harnesses,
        runs=tuple(run.id for run in runs),
        started=first.started.isoformat(timespec="seconds"),
    )


def differences(pairs: Sequence[tuple[Run, Run]]) -> list[Difference]:
    """List the settings in which the sides differ; the checkpoint is meant to."""
    a, b = pairs[0]
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
            (f"version of {key}", a.provenance.versions.get(key), b.provenance.versions.get(key), False)
            for key in {**a.provenance.versions, **b.provenance.versions}
        ),
    ]
    named = {a.harness_fingerprint: a.harness, b.harness_fingerprint: b.harness}
    return [
        Difference(what=what, a=_said(x, named), b=_said(y, named), intended=intended)
        for what, x, y, intended in facts
        if x != y
    ]


def pair_tasks(
    a: Sequence[Run], b: Sequence[Run]
) -> tuple[list[tuple[Run, Run]], tuple[str, ...], tuple[str, ...]]:
    """Match the runs of both sides by task, with the tasks that only one has; raises AlignmentError.

    Two single runs of variants of one task are matched by their data set, as far as that is the same.
    """
    mine, theirs = {run.task: run for run in a}, {run.task: run for run in b}
    if len(a) == len(b) == 1 and a[0].task != b[0].task:
        _same_data(a[0], b[0])
        return [(a[0], b[0])], (), ()
    pairs = [(run, theirs[task]) for task, run in mine.items() if task in theirs]
    if not pairs:
        raise AlignmentError(
            f"The two sides share no task: A has {', '.join(mine)}; B has {', '.join(theirs)}.",
            remedy="Evaluate both on the same tasks.",
        )
    for one, other in pairs:
        if one.task_fingerprint != other.task_fingerprint:
            raise TaskChanged(
                f"The task {one.task!r} has another definition in A than in B: code, options or data differ.",
                remedy="Evaluate both checkpoints with the same version of the task.",
            )
    return (
        pairs,
        tuple(task for task in mine if task not in theirs),
        tuple(task for task in theirs if task not in mine),
    )


def _commits(a: Run, b: Run) -> list[tuple[str, str | None, str | None, bool]]:
    """Tell the commits of the folders the runs were started in, where both are known."""
    commits = [run.provenance.commit and run.provenance.commit[:12] for run in (a, b)]
    return [("commit of the working folder", commits[0], commits[1], False)] if all(commits) else []


def _same_data(a: Run, b: Run) -> None:
    if a.dataset_digest != b.dataset_digest:
        raise AlignmentError(
            f"{a.task!r} and {b.task!r} ask different questions, so they cannot be compared one by one.",
            remedy="Compare runs of the same data set.",
        )


def _said(value: object, named: dict[str, str]) -> str:
    return "–" if value is None else named.get(str(value), str(value))
