"""Which checkpoint a spec names: its folder, an adapter's base, what its weights are."""

import json
from dataclasses import dataclass
from pathlib import Path

from assay.fingerprint import fingerprint
from harnesses.providers.vllm.convert import converted
from harnesses.providers.vllm.plan import Adapter, Target
from harnesses.providers.vllm.settings import VllmSettings
from harnesses.providers.weights import NoCheckpoint, folder_fingerprint, locate, weights_fingerprint

ADAPTER = "adapter_config.json"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A checkpoint that was found."""

    folder: Path
    base: Path | None
    """Of an adapter."""
    fingerprint: str


def find(name: str, settings: VllmSettings) -> Source:
    """Look at a checkpoint without changing anything; raises NoCheckpoint."""
    folder = locate(name, revision=settings.revision)
    if settings.convert:
        return Source(
            folder=folder,
            base=None,
            fingerprint=fingerprint([folder_fingerprint(folder), settings.convert]),
        )
    if not (folder / ADAPTER).is_file():
        return Source(folder=folder, base=None, fingerprint=weights_fingerprint(folder))
    base = settings.base or str(_adapter(folder).get("base_model_name_or_path") or "")
    if not base:
        raise NoCheckpoint(f"The adapter {name!r} names no model.", remedy="Name it with -M base=...")
    model = locate(base)
    return Source(folder=folder, base=model, fingerprint=weights_fingerprint(folder, model))


def prepare(source: Source, settings: VllmSettings) -> Target:
    """Say what is to be served, converting it first where asked; raises EndpointRefused."""
    name = source.folder.name
    if settings.convert:
        made = converted(source.folder, command=settings.convert, fingerprint=source.fingerprint)
        return Target(name=name, model=str(made))
    if source.base is None:
        return Target(name=name, model=str(source.folder))
    rank = int(str(_adapter(source.folder).get("r") or 8))
    return Target(name=name, model=str(source.base), adapter=Adapter(folder=str(source.folder), rank=rank))


def _adapter(folder: Path) -> dict[str, object]:
    try:
        said = json.loads((folder / ADAPTER).read_text())
    except (OSError, ValueError) as error:
        raise NoCheckpoint(f"{ADAPTER} of {str(folder)!r} cannot be read: {error}.") from error
    return said if isinstance(said, dict) else {}
