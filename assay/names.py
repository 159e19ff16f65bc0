"""Short names of checkpoints, for titles and narrow tables: the folder or file, not the way to it."""

from collections.abc import Sequence
from pathlib import PurePosixPath

FILES = frozenset({"embedded", "replay", "scripted", "hf", "vllm"})
"""Providers whose checkpoints may be named by a path."""


def short_checkpoint(name: str, *, training_run: str | None = None, step: int | None = None) -> str:
    """Name a checkpoint by its training run and step where these are known, else without its folders.

    Commands take what this returns (`assay/lookup/names.py`).

    >>> short_checkpoint("embedded:/data/runs/a/step-000420")
    'a/step-000420'
    >>> short_checkpoint("openai:org/model")
    'openai:org/model'
    >>> short_checkpoint("openai:m", training_run="a", step=7)
    'a@7'
    """
    if training_run is not None and step is not None:
        return f"{training_run}@{step}"
    provider, _, path = name.partition(":")
    if provider not in FILES or not path.startswith(("/", "~", ".")):
        return name
    parts = [part for part in PurePosixPath(path).parts if part not in {"/", "~", ".", "..", "checkpoints"}]
    return "/".join(parts[-2:]) or name


def several(names: Sequence[str], *, what: str, most: int = 3) -> str:
    """Name several things in few words.

    >>> several(["a", "b", "a"], what="tasks")
    'a, b'
    >>> several(["a", "b", "c", "d"], what="tasks")
    '4 tasks'
    """
    different = list(dict.fromkeys(names))
    return ", ".join(different) if len(different) <= most else f"{len(different)} {what}"
