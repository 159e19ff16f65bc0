"""The models that come with Assay, in this process: `embedded:FOLDER` of a checkpoint."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
    """Answer from weights in memory; calls that wait are answered together, in one thread of its own.

    The work belongs to the provider and to no caller, so that a caller who gives up takes nobody along.
    """

    logged = True
    pairs_per_call = 256
    conditions: Mapping[str, str] = {}
    doing = ""

    def __init__(self, folder: Path, *, name: str) -> None:
        self.name = name
        self._folder = folder
        self._model = load(folder)
        self._waiting: list[tuple[Call, asyncio.Future[Completion]]] = []
        self._answering: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedded")

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

    async def ready(self) -> None:
        """Do nothing."""

    async def complete(self, call: Call) -> Completion:
        """Continue a text, together with the others that wait; raises RequestRefused."""
        if call.sampling.logit_bias:
            raise RequestRefused(f"{self.name} knows no logit_bias.", remedy="Leave it out of the sampling.")
        answer: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, answer))
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_all())
        return await answer

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score continuations; raises RequestRefused."""
        if any(not pair.continuation for pair in pairs):
            raise RequestRefused("A continuation is empty.", remedy="Mend the question's choices.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, score, self._model, pairs)

    async def aclose(self) -> None:
        """Let go of the thread and of whoever still waits; the weights go with this object."""
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.gather(self._answering, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                await self._answer([(call, answer) for call, answer in batch if not answer.done()])
        finally:
            for _, answer in self._waiting:
                answer.cancel()
            self._waiting.clear()

    async def _answer(self, batch: Sequence[tuple[Call, asyncio.Future[Completion]]]) -> None:
        prompts = [(_text(call), call.sampling, call.sample) for call, _ in batch]
        loop = asyncio.get_running_loop()
        try:
            completions = await loop.run_in_executor(self._thread, generate, self._model, prompts)
        except asyncio.CancelledError:
            for _, answer in batch:
                answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), completion in zip(batch, completions, strict=True):
            if not answer.done():
                answer.set_result(completion)


def open_provider(name: str, settings: Mapping[str, str]) -> Opened:
    """Load a checkpoint; raises ProviderUnavailable."""
    read = read_settings(settings, Settings, provider="embedded")
    return Opened(EmbeddedProvider(Path(name).expanduser(), name=f"embedded:{name}"), read)


def _text(call: Call) -> str:
    return call.prompt or "\n".join(message.content for message in call.messages)
