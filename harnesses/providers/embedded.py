"""The models that come with Assay, in this process: `embedded:FOLDER` of a checkpoint."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.errors import CapabilityMissing, RequestRefused
from assay.fingerprint import file_digest
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.providers.catalog import Opened
from harnesses.providers.protocol import Ability
from harnesses.providers.settings import Settings, read_settings
from harnesses.tinylm.decode import generate, score
from harnesses.tinylm.files import load

TOGETHER = 64
"""Calls that are answered in one go."""


class EmbeddedProvider:
    """Answer from weights in memory; calls that wait are answered together, in a thread."""

    logged = True
    pairs_per_call = 256
    conditions: Mapping[str, str] = {}

    def __init__(self, folder: Path, *, name: str) -> None:
        self.name = name
        self._folder = folder
        self._model = load(folder)
        self._waiting: list[tuple[Call, asyncio.Future[Completion]]] = []
        self._busy = asyncio.Lock()

    async def checkpoint(self) -> Checkpoint:
        """Name the weights, and the step of the training they come from."""
        return Checkpoint(
            name=self.name,
            fingerprint=file_digest(self._folder),
            uri=str(self._folder.resolve()),
            training_run=self._model.run,
            step=self._model.step,
        )

    async def prove(self, ability: Ability) -> None:
        """Refuse tools, which a model of characters cannot call."""
        if ability == "tools":
            raise CapabilityMissing(f"{self.name} cannot call tools.", remedy="Use the harness `plain`.")

    async def complete(self, call: Call) -> Completion:
        """Continue a text, together with the others that wait."""
        answer: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, answer))
        async with self._busy:
            while not answer.done():
                await self._answer_some()
        return answer.result()

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score continuations."""
        if any(not pair.continuation for pair in pairs):
            raise RequestRefused("A continuation is empty.", remedy="Mend the question's choices.")
        async with self._busy:
            return await asyncio.to_thread(score, self._model, pairs)

    async def aclose(self) -> None:
        """Do nothing; the weights go with this object."""

    async def _answer_some(self) -> None:
        batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        prompts = [(_text(call), call.sampling, call.sample) for call, _ in batch]
        try:
            completions = await asyncio.to_thread(generate, self._model, prompts)
        except BaseException as error:
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            raise
        for (_, answer), completion in zip(batch, completions, strict=True):
            if not answer.done():
                answer.set_result(completion)


def open_provider(name: str, settings: Mapping[str, str]) -> Opened:
    """Load a checkpoint; raises ProviderUnavailable."""
    read = read_settings(settings, Settings, provider="embedded")
    return Opened(EmbeddedProvider(Path(name).expanduser(), name=f"embedded:{name}"), read)


def _text(call: Call) -> str:
    return call.prompt or "\n".join(message.content for message in call.messages)
