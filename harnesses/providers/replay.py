"""Answers that were saved before, scored again: `replay:FILE`, or a folder that holds `outputs.jsonl`.

A line is `{"index": row, "id": question id or null, "outputs": [one text for each sample]}`. An answer is
found by the question's id where the file has ids, else by its row. A question without one is wrong, and
counted as unparsed.
"""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from assay.errors import CapabilityMissing, ProviderUnavailable
from assay.fingerprint import file_digest
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.providers.catalog import Opened
from harnesses.providers.protocol import Ability
from harnesses.providers.settings import Settings, read_settings

NAMES = ("outputs.jsonl", "outputs.jsonl.gz")


class ReplayProvider:
    """Give the saved answers."""

    logged = False
    pairs_per_call = 1
    conditions: Mapping[str, str] = {}
    doing = ""

    def __init__(self, file: Path, *, name: str) -> None:
        self.name = name
        self._file = file
        self._by_id: dict[str, list[str]] = {}
        self._by_row: dict[int, list[str]] = {}
        for number, line in enumerate(_lines(file), start=1):
            try:
                entry = orjson.loads(line)
                outputs = [str(text) for text in entry["outputs"]]
                if entry.get("id") is not None:
                    self._by_id[str(entry["id"])] = outputs
                if entry.get("index") is not None:
                    self._by_row[int(entry["index"])] = outputs
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
                raise ProviderUnavailable(
                    f"Line {number} of {str(file)!r} is no saved answer: {error}.",
                    remedy='Write {"index": 0, "id": null, "outputs": ["..."]}.',
                ) from error

    async def checkpoint(self) -> Checkpoint:
        """Name the file's content."""
        return Checkpoint(name=self.name, fingerprint=file_digest(self._file), uri=str(self._file.resolve()))

    async def prove(self, ability: Ability) -> None:
        """Refuse what saved texts cannot tell."""
        if ability != "generate":
            raise CapabilityMissing(
                f"{self.name} holds texts and cannot do {ability}.",
                remedy="Choose a variant that generates text.",
            )

    async def ready(self) -> None:
        """Do nothing."""

    async def complete(self, call: Call) -> Completion | None:
        """Look the answer up, by id and then by row; None where there is none."""
        outputs = self._by_id.get(call.question_id)
        if outputs is None and call.row is not None:
            outputs = self._by_row.get(call.row)
        if outputs is None or call.sample >= len(outputs):
            return None
        return Completion(text=outputs[call.sample])

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Refuse."""
        raise CapabilityMissing(f"{self.name} holds texts and has no log-likelihoods.")

    async def aclose(self) -> None:
        """Do nothing."""


def open_provider(name: str, settings: Mapping[str, str]) -> Opened:
    """Open a file of saved answers; raises ProviderUnavailable."""
    read = read_settings(settings, Settings, provider="replay")
    path = Path(name).expanduser()
    file = next((path / n for n in NAMES if (path / n).is_file()), path) if path.is_dir() else path
    if not file.is_file():
        raise ProviderUnavailable(
            f"There is no file of saved answers {name!r}.",
            remedy=f"Name a file, or a folder that holds {' or '.join(NAMES)}.",
        )
    return Opened(ReplayProvider(file, name=f"replay:{name}"), read)


def _lines(file: Path) -> list[bytes]:
    try:
        content = file.read_bytes()
        text = gzip.decompress(content) if file.suffix == ".gz" else content
    except (OSError, EOFError) as error:
        raise ProviderUnavailable(f"The file {str(file)!r} cannot be read: {error}.") from error
    return [line for line in text.splitlines() if line.strip()]
