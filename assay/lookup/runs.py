"""The runs that a reference names."""

from assay.errors import BadSpec, UnknownName
from assay.lookup.names import Reference, read_name, suggestions
from assay.records import Run
from assay.store.store import Store

LATEST_OF_CHECKPOINT = 500
"""Newest runs of a checkpoint that are looked through."""
LATEST_OF_TRAINING = 2000
"""Newest runs of a training run, or of a task, that are looked through."""


def find_runs(store: Store, ref: str) -> list[Run]:
    """Return the runs that a reference names: one, or the newest completed one of each task.

    `assay.lookup.names` has the names of checkpoints; a run is named by its id or the beginning of one as
    well. Raises UnknownName, and BadSpec where a name is ambiguous or a checkpoint has no completed run.
    """
    reference, runs = _resolve(store, ref)
    if reference is None or reference.task is not None:
        return runs
    if not (completed := [run for run in runs if run.status == "completed"]):
        raise BadSpec(
            f"No run of the checkpoint {ref!r} was completed.",
            remedy="Resume it with the command that began it.",
        )
    return completed


def find_run(store: Store, ref: str) -> Run:
    """Return the one run that a reference names; raises UnknownName, and BadSpec where it names several."""
    _, runs = _resolve(store, ref)
    if len(runs) > 1:
        raise BadSpec(
            f"{ref!r} names {len(runs)} runs, one of each task",
            ids=[f"{ref}@{run.task}" for run in runs],
            remedy="Add the task.",
        )
    return runs[0]


def find_checkpoint(store: Store, name: str) -> Reference:
    """Return the checkpoint that a name refers to; raises UnknownName, and BadSpec where it is ambiguous."""
    pairs = store.checkpoint_tasks()
    reference = read_name(name, pairs)
    if reference is None:
        raise UnknownName("checkpoint", name, suggestions(pairs), lister="assay runs")
    return reference


def _resolve(store: Store, ref: str) -> tuple[Reference | None, list[Run]]:
    """Return what a reference names, and its runs: one of each task, a completed one where there is any."""
    pairs = store.checkpoint_tasks()
    reference = read_name(ref, pairs) if not store.has_run(ref) else None
    if reference is None:
        try:
            return None, [store.run(ref)]
        except UnknownName as error:
            raise UnknownName("run", ref, {*error.known, *suggestions(pairs)}, lister="assay runs") from None
    runs = store.runs(
        checkpoint=reference.checkpoint,
        training_run=reference.training_run,
        step=reference.step,
        task=reference.task,
        limit=LATEST_OF_CHECKPOINT,
    )
    newest: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: run.status != "completed"):
        newest.setdefault(run.task, run)
    return reference, list(newest.values())


def find_series(store: Store, training_run: str, *, limit: int = LATEST_OF_TRAINING) -> list[Run]:
    """Return the newest completed run of each task and step of a training run; raises BadSpec."""
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


def final_scores(store: Store, runs: list[Run]) -> dict[str, list[float]]:
    """Return the last score of every training run in the store on each task of these runs."""
    return {like.task: _last_of_each(store, like) for like in {run.task: run for run in runs}.values()}


def _last_of_each(store: Store, like: Run) -> list[float]:
    last: dict[str, tuple[int, float]] = {}
    for run in store.runs(task=like.task, limit=LATEST_OF_TRAINING):
        same = run.task_fingerprint == like.task_fingerprint and run.headline == like.headline
        value = run.metrics[run.headline].value if same and run.headline in run.metrics else None
        if value is None or run.status != "completed":
            continue
        training, step = run.checkpoint.training_run or run.checkpoint.name, run.checkpoint.step or 0
        if training not in last or step > last[training][0]:
            last[training] = (step, value)
    return [value for _, value in last.values()]
