"""How checkpoints are named on a command line: several, by patterns, their steps in the names of folders."""

import re
from collections import Counter
from collections.abc import Sequence
from glob import has_magic
from pathlib import Path, PurePath
from typing import NamedTuple

from assay.errors import BadSpec
from assay.names import FILES

NUMBER = re.compile(r"\d+")


class CheckpointOption(NamedTuple):
    """A checkpoint to evaluate, and where it stands in a training run."""

    checkpoint: str
    training_run: str | None = None
    step: int | None = None


def read_checkpoints(
    models: Sequence[str], *, training_run: str | None, step: int | None
) -> list[CheckpointOption]:
    """Read the checkpoints that `-m`, `--run` and `--step` name, in the order of their steps; raises BadSpec.

    Of several checkpoints of a training run, each step is the last number in the name of its folder or model.
    """
    names = [name for model in models for name in _expanded(model)]
    if repeated := [name for name, times in Counter(names).items() if times > 1]:
        raise BadSpec("A checkpoint is named twice", ids=repeated, remedy="Name each once.")
    if len(names) > 1 and step is not None:
        raise BadSpec(
            f"--step {step} cannot be the step of {len(names)} checkpoints.",
            remedy="Leave it out: with --run NAME, steps are taken from the folders' names.",
        )
    if len(names) == 1 or training_run is None:
        return [CheckpointOption(name, training_run, step) for name in names]
    return _by_step(names, training_run)


def _by_step(names: Sequence[str], training_run: str) -> list[CheckpointOption]:
    steps = {name: _step(name) for name in names}
    if lacking := [name for name, step in steps.items() if step is None]:
        raise BadSpec(
            "No step stands in the names of these checkpoints",
            ids=lacking,
            remedy="Evaluate them one by one with --step, or without --run.",
        )
    if doubled := [name for name, step in steps.items() if list(steps.values()).count(step) > 1]:
        raise BadSpec(
            f"Several checkpoints have the same step of {training_run!r}",
            ids=doubled,
            remedy="Evaluate them one by one with --step, or without --run.",
        )
    options = [CheckpointOption(name, training_run, step) for name, step in steps.items()]
    return sorted(options, key=lambda option: option.step or 0)


def _expanded(model: str) -> list[str]:
    """Return the checkpoints that a pattern of paths matches, in natural order; a plain name as it is."""
    provider, _, pattern = model.partition(":")
    if provider not in FILES or not has_magic(pattern) or Path(pattern).exists():
        return [model]
    path = Path(pattern).expanduser()
    base = Path(path.anchor)
    paths = sorted((str(match) for match in base.glob(str(path.relative_to(base)))), key=_natural)
    if not paths:
        raise BadSpec(f"No checkpoint matches {model!r}.", remedy="Correct the pattern.")
    return [f"{provider}:{path}" for path in paths]


def _natural(path: str) -> list[tuple[int, str]]:
    """Order `step-9` before `step-10`."""
    parts = re.split(r"(\d+)", path)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _step(name: str) -> int | None:
    numbers = NUMBER.findall(PurePath(name.partition(":")[2]).name)
    return int(numbers[-1]) if numbers else None
