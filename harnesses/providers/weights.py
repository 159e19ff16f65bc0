"""Checkpoints in the format of transformers: where they lie, and which weights they are.

The fingerprint covers the content of weights, configuration and tokenizer, and nothing that a trainer
leaves beside them. A large file's hash is remembered by path, size and time of change, so that a checkpoint
of hundreds of gigabytes is read once.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import orjson
from filelock import FileLock
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from assay.errors import ProviderUnavailable, UsageError
from assay.fingerprint import file_digest, fingerprint
from assay.home import home

WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.pth", "*.gguf")
"""The first of these that is there is what gets loaded."""
BESIDE = ("*.json", "*.model", "*.txt", "*.jinja", "*.tiktoken", "*.py")
"""Configuration, tokenizer, chat template, the model's own code."""
NOT_READ = frozenset({"trainer_state.json", "training_args.bin", "optimizer.pt", "scheduler.pt", "scaler.pt"})
STEP = re.compile(r"(?:global[_-]?)?(?:step|checkpoint|ckpt|iter|iteration)[_-]?0*(\d+)")
LARGE = 1 << 24
THREADS = 4


class NoCheckpoint(UsageError):
    """Raise when there are no weights where a checkpoint should be."""


def locate(name: str, *, revision: str | None = None) -> Path:
    """Return the folder of a checkpoint, fetched from the Hub where it is no folder; raises NoCheckpoint."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder.resolve()
    if folder.is_absolute() or name.startswith(("./", "../", "~")) or name.count("/") != 1:
        raise NoCheckpoint(
            f"There is no checkpoint folder {name!r}.",
            remedy="Name a folder in the format of transformers, or a model of the Hub as owner/name.",
        )
    try:
        return Path(snapshot_download(name, revision=revision))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        said = str(error).strip().splitlines()
        raise NoCheckpoint(
            f"{name!r} is no folder here, and the Hub gave no such model: {said[0] if said else error!r}",
            remedy="Name the checkpoint's folder.",
        ) from error


def weights_fingerprint(folder: Path, *more: Path) -> str:
    """Hash what is loaded from a checkpoint's folder, and from those of its adapters; raises NoCheckpoint."""
    parts = [{str(file.relative_to(one)): file for file in loaded_files(one)} for one in (folder, *more)]
    digests = _digests(file for part in parts for file in part.values())
    return fingerprint([{name: digests[file] for name, file in part.items()} for part in parts])


def loaded_files(folder: Path) -> list[Path]:
    """List the files that decide what a checkpoint answers; raises NoCheckpoint where none hold weights."""
    weights: list[Path] = []
    for pattern in WEIGHTS:
        weights = [file for file in folder.glob(pattern) if _counts(file)]
        if weights:
            break
    if not weights:
        raise NoCheckpoint(
            f"There are no weights in {str(folder)!r}.",
            remedy=f"Name a folder that holds {', '.join(WEIGHTS)}, or convert it with -M convert=...",
        )
    beside = {file for pattern in BESIDE for file in folder.glob(pattern) if _counts(file)}
    return sorted({*weights, *beside})


def folder_fingerprint(folder: Path) -> str:
    """Hash all files below a folder, of whatever format."""
    files = {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file()}
    digests = _digests(files.values())
    return fingerprint({name: digests[file] for name, file in files.items()})


def has_chat_template(folder: Path) -> bool:
    """Say whether the tokenizer knows how to write a conversation."""
    files = ("chat_template.jinja", "chat_template.json")
    return any((folder / name).is_file() for name in files) or bool(_tokenizer(folder).get("chat_template"))


def first_token(folder: Path) -> str:
    """Return the text of the token that an empty context is: BOS, else EOS; empty where neither is known."""
    said = _tokenizer(folder)
    for name in ("bos_token", "eos_token"):
        token = said.get(name)
        if text := token.get("content") if isinstance(token, dict) else token:
            return str(text)
    return ""


def trained(folder: Path) -> tuple[str, int] | None:
    """Read training run and step from a path such as `run/step-100`; None where it does not end in a step."""
    found = STEP.fullmatch(folder.name)
    return (folder.parent.name, int(found.group(1))) if found and folder.parent.name else None


def _tokenizer(folder: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        said = orjson.loads((folder / "tokenizer_config.json").read_bytes())
        return said if isinstance(said, dict) else {}
    return {}


def _counts(file: Path) -> bool:
    return file.is_file() and file.name not in NOT_READ and not file.name.startswith("rng_state")


def _digests(files: Iterable[Path]) -> Mapping[Path, str]:
    """Hash files, several at once; large ones are looked up by path, size and time of change."""
    wanted = list(files)
    keys = {file: _key(file) for file in wanted}
    known = _remembered()
    unknown = [file for file in wanted if keys[file] not in known]
    try:
        with ThreadPoolExecutor(THREADS) as threads:
            new = dict(zip(unknown, threads.map(file_digest, unknown), strict=True))
    except OSError as error:
        raise ProviderUnavailable(f"A checkpoint cannot be read: {error}.") from error
    large = {keys[file]: found for file, found in new.items() if file.stat().st_size >= LARGE}
    if large:
        _remember(large)
    return {file: new[file] if file in new else known[keys[file]] for file in wanted}


def _key(file: Path) -> str:
    real = file.resolve()
    stat = real.stat()
    named = f"{real}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}"
    return hashlib.blake2b(named.encode(), digest_size=16).hexdigest()


def _remembered() -> dict[str, str]:
    with suppress(OSError, ValueError):
        return {str(k): str(v) for k, v in orjson.loads(_memory().read_bytes()).items()}
    return {}


def _remember(found: Mapping[str, str]) -> None:
    _memory().parent.mkdir(parents=True, exist_ok=True)
    with FileLock(_memory().with_suffix(".lock")):
        partial = _memory().with_suffix(".partial")
        partial.write_bytes(orjson.dumps({**_remembered(), **found}))
        partial.replace(_memory())


def _memory() -> Path:
    return home() / "cache" / "digests.json"
