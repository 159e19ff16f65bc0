"""The models that come with Assay, in this process: `embedded:FOLDER` of a checkpoint."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.errors import CapabilityMissing, RequestRefused
from assay.fingerprint import file_digest
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.providers.catalog import Opened
from harnesses.providers.embedded.decode import generate, score
from harnesses.providers.embedded.files import load
from harnesses.providers.pairs import check
from harnesses.providers.protocol import Ability
from harnesses.providers.settings import Settings, read_settings
from harnesses.providers.together import Together

TOGETHER = 64
"""Calls that are answered in one go."""


class EmbeddedProvider:
    """Answer from weights in memory."""

    logged = True
    pairs_per_call = 256
    conditions: Mapping[str, str] = {}
    doing = ""

    def __init__(self, folder: Path, *, name: str) -> None:
        self.name = name
        self._folder = folder
        self._model = load(folder)
        self._together = Together("embedded", size=TOGETHER, generate=self._generate)

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
        return await self._together.complete(call)

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score continuations, and whole texts as after an empty context; raises RequestRefused."""
        for pair in pairs:
            check(pair)
        return await self._together.run(lambda: score(self._model, pairs))

    async def aclose(self) -> None:
        """Let go of the thread and of whoever still waits; the weights go with this object."""
        await self._together.aclose()

    def _generate(self, calls: Sequence[Call]) -> Sequence[Completion]:
        return generate(self._model, [(_text(call), call.sampling, call.sample) for call in calls])


def open_provider(name: str, settings: Mapping[str, str]) -> Opened:
    """Load a checkpoint; raises ProviderUnavailable."""
    read = read_settings(settings, Settings, provider="embedded")
    return Opened(EmbeddedProvider(Path(name).expanduser(), name=f"embedded:{name}"), read)


def _text(call: Call) -> str:
    return call.prompt or "\n".join(message.content for message in call.messages)
