"""Answers that were saved before, scored again: `replay:FILE`, or a folder that holds `outputs.jsonl`.

A line is `{"index": row, "id": question id or null, "outputs": [one text for each sample]}`. An answer is
found by the question's id where its line has one, else by its row: a line with an id answers no other
question. A question without an answer is wrong, and counted as unparsed. Lines that say anything else, or
answer a question twice, are refused.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.errors import CapabilityMissing, ProviderUnavailable
from assay.fingerprint import file_digest
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.providers.catalog import Opened
from harnesses.providers.protocol import Ability
from harnesses.providers.saved import SavedAnswer, read_answers
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
        self._answers: dict[str | int, SavedAnswer] = {}
        for answer in read_answers(file):
            key: str | int | None = answer.row if answer.id is None else answer.id
            assert key is not None
            first = self._answers.setdefault(key, answer)
            if first is not answer:
                named = f"row {answer.row}" if answer.id is None else f"id {answer.id!r}"
                raise ProviderUnavailable(
                    f"Line {answer.line} of {str(file)!r} answers the question of line {first.line} again"
                    f" ({named}).",
                    remedy="Keep one line for each question, with all its samples in `outputs`.",
                )

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
        answer = self._answers.get(call.question_id)
        if answer is None and call.row is not None:
            answer = self._answers.get(call.row)
        if answer is None or call.sample >= len(answer.outputs):
            return None
        return Completion(text=answer.outputs[call.sample])

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
