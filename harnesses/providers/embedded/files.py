"""A checkpoint on disk: `model.npz` with the weights, `model.json` with what they mean."""

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.errors import ProviderUnavailable
from harnesses.providers.embedded.network import Vocabulary, Weights, shapes

DESCRIPTION, WEIGHTS = "model.json", "model.npz"
FORMAT = "assay-tinylm-1"


@dataclass(frozen=True)
class Model:
    """Weights with their vocabulary, and where in which training they come from."""

    vocabulary: Vocabulary
    weights: Weights
    run: str
    step: int


def save(model: Model, folder: Path) -> Path:
    """Write a checkpoint below `folder`, whole or not at all; returns its own folder."""
    final = folder / f"step-{model.step:06d}"
    part = folder / f".{final.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    about = {
        "format": FORMAT,
        "characters": model.vocabulary.characters,
        "training_run": model.run,
        "step": model.step,
    }
    (part / DESCRIPTION).write_text(json.dumps(about, indent=1))
    np.savez(part / WEIGHTS, **model.weights)  # type: ignore[arg-type]
    shutil.rmtree(final, ignore_errors=True)
    return part.rename(final)


def load(folder: Path) -> Model:
    """Read a checkpoint; raises ProviderUnavailable where the folder holds none."""
    try:
        about = json.loads((folder / DESCRIPTION).read_text())
        if about["format"] != FORMAT:
            raise ValueError(f"its format is {about['format']!r}")
        vocabulary = Vocabulary(about["characters"])
        weights = _read_weights(folder / WEIGHTS, vocabulary)
        return Model(vocabulary, weights, about["training_run"], about["step"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ProviderUnavailable(
            f"The folder {str(folder)!r} holds no checkpoint of an embedded model: {error}.",
            remedy=f"Name a folder with {DESCRIPTION} and {WEIGHTS}; `assay demo` makes some.",
        ) from error


def _read_weights(file: Path, vocabulary: Vocabulary) -> Weights:
    with file.open("rb") as stream:
        if not zipfile.is_zipfile(stream):
            raise ValueError(f"{file.name} is damaged or no archive of arrays")
        stream.seek(0)
        with np.load(stream) as stored:
            weights = {name: stored[name] for name in stored.files}
    if {name: value.shape for name, value in weights.items()} != shapes(vocabulary.size):
        raise ValueError(f"the weights in {file.name} are not those of this network")
    return weights
