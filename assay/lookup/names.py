"""The names that people type for what is in the store, which are those that commands show.

A checkpoint is named by its spec (`embedded:runs/a/step-100`), by the end of its path (`a/step-100`), or
by its training run and step: `demo@250`, `demo@latest`, `demo@latest~1`. `@TASK` after any names one run.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assay.errors import BadSpec, UnknownName
from assay.names import short_checkpoint
from assay.store.runs import Tested

STEP = re.compile(r"(?P<run>.+?)(?:@| step )(?:(?P<step>\d+)|latest(?:~(?P<back>\d+))?)")


@dataclass(frozen=True)
class Named:
    """A checkpoint, by its name or its training run and step, and at most one task of it."""

    checkpoint: str | None = None
    training_run: str | None = None
    step: int | None = None
    task: str | None = None


def read_name(ref: str, tested: Sequence[Tested]) -> Named | None:
    """Return which checkpoint, and which task of it, a name is of; None where it names none.

    Raises BadSpec where several checkpoints have the name, or a training run lacks the step.
    """
    ref = ref.strip()
    if named := _checkpoint(ref, tested):
        return named
    for separator in "@ ":
        name, separated, task = (part.strip() for part in ref.rpartition(separator))
        own = [known for known in tested if known.task == task]
        if name and own and (separated or separator == " ") and (named := _checkpoint(name, own)):
            return Named(named.checkpoint, named.training_run, named.step, task)
    return None


def suggestions(tested: Iterable[Tested]) -> set[str]:
    """Return every name that a reference could have meant."""
    names = set()
    for known in tested:
        names |= {known.checkpoint, f"{known.checkpoint}@{known.task}"}
        if known.training_run is not None and known.step is not None:
            names.add(f"{known.training_run}@{known.step}")
    return names


def _checkpoint(name: str, tested: Sequence[Tested]) -> Named | None:
    if any(known.checkpoint == name for known in tested):
        return Named(name)
    if (match := STEP.fullmatch(name)) and any(known.training_run == match["run"] for known in tested):
        return Named(training_run=match["run"], step=_step(name, match, tested))
    short = {
        known.checkpoint
        for known in tested
        if name in {short_checkpoint(known.checkpoint), _model(known.checkpoint)}
        or known.checkpoint.endswith(f"/{name}")
    }
    if len(short) > 1:
        raise BadSpec(
            f"{len(short)} checkpoints are named {name!r}", ids=sorted(short), remedy="Write one of them out."
        )
    if short:
        return Named(short.pop())
    if steps := sorted(
        {known.step for known in tested if known.training_run == name and known.step is not None}
    ):
        raise BadSpec(
            f"{name!r} is a training run with {len(steps)} checkpoints",
            ids=[f"{name}@{step}" for step in reversed(steps)],
            remedy=f"Name one of them; {name}@latest is the last.",
        )
    return None


def _step(name: str, match: re.Match[str], tested: Sequence[Tested]) -> int:
    """Return the step that a name means; `latest` and `latest~1` count the steps with a completed run."""
    run = match["run"]
    own = [known for known in tested if known.training_run == run and known.step is not None]
    steps = sorted({known.step or 0 for known in own if known.completed or match["step"]}, reverse=True)
    if match["step"]:
        if int(match["step"]) in steps:
            return int(match["step"])
    elif len(steps) > (back := int(match["back"] or 0)):
        return steps[back]
    if not steps:
        raise BadSpec(
            f"No checkpoint of the training run {run!r} has a completed run and a step.",
            remedy="Evaluate its checkpoints with --run and --step.",
        )
    raise UnknownName("checkpoint", name, [f"{run}@{step}" for step in steps])


def _model(checkpoint: str) -> str:
    """Return a checkpoint's name without its provider."""
    return checkpoint.partition(":")[2]
