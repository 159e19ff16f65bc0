"""The names that people type for what is in the store, which are those that commands show.

A checkpoint is named by its spec (`embedded:runs/a/step-100`), by the end of its path (`a/step-100`), or
by its training run and step: `demo@250`, `demo@latest`, `demo@latest~1`. `@TASK` after any names one run.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assay.errors import BadSpec, UnknownName
from assay.names import short_checkpoint
from assay.store.runs import CheckpointTask

STEP = re.compile(r"(?P<run>.+?)(?:@| step )(?:(?P<step>\d+)|latest(?:~(?P<back>\d+))?)")


@dataclass(frozen=True)
class Reference:
    """A checkpoint, by its name or its training run and step, and at most one task of it."""

    checkpoint: str | None = None
    training_run: str | None = None
    step: int | None = None
    task: str | None = None


def read_name(name: str, pairs: Sequence[CheckpointTask]) -> Reference | None:
    """Return which checkpoint, and which task of it, a name refers to; None where it refers to none.

    Raises BadSpec where several checkpoints have the name, or a training run lacks the step.
    """
    name = name.strip()
    if reference := _checkpoint(name, pairs):
        return reference
    for separator in "@ ":
        checkpoint, separated, task = (part.strip() for part in name.rpartition(separator))
        own = [pair for pair in pairs if pair.task == task]
        if checkpoint and own and (separated or separator == " "):
            reference = _checkpoint(checkpoint, own)
            if reference is not None:
                return replace(reference, task=task)
    return None


def suggestions(pairs: Iterable[CheckpointTask]) -> set[str]:
    """Return every name that a reference could have meant."""
    names = set()
    for pair in pairs:
        names |= {pair.checkpoint, f"{pair.checkpoint}@{pair.task}"}
        if pair.training_run is not None and pair.step is not None:
            names.add(f"{pair.training_run}@{pair.step}")
    return names


def _checkpoint(name: str, pairs: Sequence[CheckpointTask]) -> Reference | None:
    if any(pair.checkpoint == name for pair in pairs):
        return Reference(name)
    if (match := STEP.fullmatch(name)) and any(pair.training_run == match["run"] for pair in pairs):
        return Reference(training_run=match["run"], step=_step(name, match, pairs))
    checkpoints = sorted({pair.checkpoint for pair in pairs if _is_short_for(name, pair.checkpoint)})
    if len(checkpoints) > 1:
        raise BadSpec(
            f"{len(checkpoints)} checkpoints are named {name!r}",
            ids=checkpoints,
            remedy="Write one of them out.",
        )
    if checkpoints:
        return Reference(checkpoints[0])
    if steps := _steps(name, pairs):
        raise BadSpec(
            f"{name!r} is a training run with {len(steps)} checkpoints",
            ids=[f"{name}@{step}" for step in steps],
            remedy=f"Name one of them; {name}@latest is the last.",
        )
    return None


def _is_short_for(name: str, checkpoint: str) -> bool:
    """Whether a name is a checkpoint without its provider, or the end of its path."""
    without_provider = checkpoint.partition(":")[2]
    return name in {short_checkpoint(checkpoint), without_provider} or checkpoint.endswith(f"/{name}")


def _steps(training_run: str, pairs: Iterable[CheckpointTask]) -> list[int]:
    """Return the steps of a training run, the last first."""
    steps = {pair.step for pair in pairs if pair.training_run == training_run and pair.step is not None}
    return sorted(steps, reverse=True)


def _step(name: str, match: re.Match[str], pairs: Sequence[CheckpointTask]) -> int:
    """Return the step that a name means; `latest` and `latest~1` count the steps with a completed run."""
    training_run = match["run"]
    steps = _steps(training_run, [pair for pair in pairs if pair.completed or match["step"]])
    if match["step"]:
        if int(match["step"]) in steps:
            return int(match["step"])
    elif len(steps) > (back := int(match["back"] or 0)):
        return steps[back]
    if not steps:
        raise BadSpec(
            f"No checkpoint of the training run {training_run!r} has a completed run and a step.",
            remedy="Evaluate its checkpoints with --run and --step.",
        )
    raise UnknownName("checkpoint", name, [f"{training_run}@{step}" for step in steps])
