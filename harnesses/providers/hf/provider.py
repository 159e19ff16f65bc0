"""A checkpoint in this process, by transformers: `hf:PATH`, for small models and machines without a GPU.

Requests that wait are answered together by one thread (`model.py`). The weights are loaded when the first
answer is missing from the response log.
"""

import asyncio
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import BadSpec, CapabilityMissing, EndpointRefused, ProviderError, UsageError
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.providers.catalog import Opened
from harnesses.providers.hf.settings import HfSettings
from harnesses.providers.openai_http.settings import Api, guess_api
from harnesses.providers.protocol import Ability
from harnesses.providers.settings import read_settings
from harnesses.providers.together import Together
from harnesses.providers.weights import has_chat_template, locate, trained, weights_fingerprint

if TYPE_CHECKING:
    from harnesses.providers.hf.model import Model


class HfMissing(UsageError):
    """Raise when transformers is not installed."""


class HfProvider:
    """Answer from weights in memory."""

    logged = True
    doing = ""

    def __init__(self, path: str, *, settings: HfSettings) -> None:
        self.name = f"hf:{path}"
        self._path = path
        self._settings = settings
        self._api: Api = settings.api or guess_api(Path(path).name, base_url="")
        self._folder: Path | None = None
        self._model: Model | None = None
        self._together = Together("hf", size=settings.batch, generate=self._generate)

    @property
    def conditions(self) -> Mapping[str, str]:
        """Say what can change an answer; how many are answered together and on which device does not."""
        bos = self._settings.add_bos
        found = {"backend": "transformers", "api": self._api, "dtype": self._settings.dtype}
        found["add_bos"] = "as the tokenizer" if bos is None else str(bos)
        length = self._settings.max_length
        return found if length is None else {**found, "max_length": str(length)}

    @property
    def pairs_per_call(self) -> int:
        """How many continuations are scored together."""
        return self._settings.batch

    async def checkpoint(self) -> Checkpoint:
        """Read which weights they are from the files' content; raises NoCheckpoint."""
        folder = await asyncio.to_thread(locate, self._path, revision=self._settings.revision)
        self._folder = folder
        if self._api == "chat" and not has_chat_template(folder):
            if self._settings.api == "chat":
                raise BadSpec(f"{self.name} has no chat template.", remedy="Use -M api=completions.")
            self._api = "completions"
        run, step = trained(folder) or (None, None)
        return Checkpoint(
            name=self.name,
            fingerprint=await asyncio.to_thread(weights_fingerprint, folder),
            uri=str(folder),
            training_run=run,
            step=step,
        )

    async def prove(self, ability: Ability) -> None:
        """Refuse tools; texts and log-likelihoods come from the model itself."""
        if ability == "tools":
            raise CapabilityMissing(
                f"{self.name} cannot call tools.", remedy="Use -m vllm:..., or the harness `plain`."
            )

    async def ready(self) -> None:
        """Load tokenizer and weights; raises EndpointRefused."""
        if self._folder is None:
            await self.checkpoint()
        from harnesses.providers.hf.model import Model  # noqa: PLC0415 - torch takes seconds to load

        self.doing = "loads the weights"
        try:
            self._model = await self._together.run(
                lambda: Model(self._folder or Path(), settings=self._settings)
            )
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            said = str(error).strip().splitlines() or [type(error).__name__]
            raise EndpointRefused(f"{self.name} cannot be loaded: {said[0]}") from error
        finally:
            self.doing = ""

    async def complete(self, call: Call) -> Completion:
        """Continue a text, together with the others that wait; raises RequestRefused."""
        if self._model is None:
            await self.ready()
        return await self._together.complete(call)

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score continuations; raises RequestRefused."""
        if self._model is None:
            await self.ready()
        assert self._model is not None
        model = self._model
        return await self._together.run(lambda: model.score(pairs))

    async def aclose(self) -> None:
        """Let go of the weights, the thread and whoever still waits."""
        await self._together.aclose()
        self._model = None

    def _generate(self, calls: Sequence[Call]) -> Sequence[Completion | ProviderError]:
        assert self._model is not None
        return self._model.generate(calls, chat=self._api == "chat")


def open_provider(name: str, settings: Mapping[str, str]) -> Opened:
    """Prepare to load a checkpoint, without doing so; raises HfMissing."""
    read = read_settings(settings, HfSettings, provider="hf")
    if find_spec("transformers") is None or find_spec("torch") is None:
        raise HfMissing(
            "transformers is not installed beside Assay.",
            remedy="Use pip install 'assay-eval[hf]', or -m vllm:... with -M python=...",
        )
    return Opened(HfProvider(name, settings=read), read)
