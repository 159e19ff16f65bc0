"""Any OpenAI-compatible endpoint: `openai:MODEL`, with `-M base_url=...` for others than OpenAI's."""

import os
from collections.abc import Mapping, Sequence

from assay.errors import CapabilityMissing, EndpointRefused, UnknownName
from assay.fingerprint import fingerprint
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Message, Pair, Sampling
from harnesses.providers.catalog import Opened
from harnesses.providers.openai_http.bodies import PATHS, body, completion
from harnesses.providers.openai_http.dotenv import read_dotenv
from harnesses.providers.openai_http.likelihood import Likelihood
from harnesses.providers.openai_http.probe import find_route
from harnesses.providers.openai_http.settings import OpenAISettings, guess_api
from harnesses.providers.openai_http.wire import Wire
from harnesses.providers.protocol import Ability
from harnesses.providers.settings import read_settings
from harnesses.tools.builtin import SUBMIT


class OpenAIProvider:
    """Speak to one model of an endpoint."""

    logged = True
    doing = ""

    def __init__(self, model: str, *, wire: Wire, settings: OpenAISettings) -> None:
        self.name = f"openai:{model}"
        self.model = model
        self._wire = wire
        self._settings = settings
        self._api = settings.api or guess_api(model, base_url=wire.base_url)
        self._max_length = settings.max_length
        self._likelihood: Likelihood | None = None

    @property
    def conditions(self) -> Mapping[str, str]:
        """The API and the first token change what the model sees."""
        bos = self._settings.add_bos
        return {"api": self._api} | ({} if bos is None else {"add_bos": str(bos)})

    @property
    def pairs_per_call(self) -> int:
        """How many continuations one request scores."""
        return self._settings.batch

    async def checkpoint(self) -> Checkpoint:
        """Ask which models are served; weights are proven by `-M revision=...` alone."""
        served = await self._served()
        entry = served.get(self.model, {})
        if served and self.model not in served:
            raise UnknownName("model at the endpoint", self.model, served)
        if self._max_length is None and isinstance(entry.get("max_model_len"), int):
            self._max_length = int(str(entry["max_model_len"]))
        root = str(entry.get("root") or self.model)
        return Checkpoint(
            name=self.name,
            fingerprint=fingerprint(["openai", self.model, root, self._settings.revision]),
            proven=self._settings.revision is not None,
            uri=None if root == self.model else root,
        )

    async def prove(self, ability: Ability) -> None:
        """Check log-likelihoods and tool calls before they are relied on."""
        if ability == "loglikelihood":
            self._likelihood = await find_route(
                self._wire,
                model=self.model,
                route=self._settings.logprobs,
                max_length=self._max_length,
                bos=self._settings.add_bos,
                prefix=self._settings.prefix,
            )
        elif ability == "tools":
            await self._prove_tools()

    async def ready(self) -> None:
        """Do nothing: the endpoint is there."""

    async def complete(self, call: Call) -> Completion:
        """Send one generation."""
        api = "chat" if call.tools else self._api
        answer = await self._wire.post(PATHS[api], body(call, model=self.model, api=api))
        return completion(answer, api=api)

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score continuations by the route that was proven."""
        if self._likelihood is None:
            await self.prove("loglikelihood")
        assert self._likelihood is not None
        return await self._likelihood.score(pairs)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._wire.aclose()

    async def _served(self) -> dict[str, dict[str, object]]:
        try:
            answer = await self._wire.get("/models")
        except EndpointRefused as error:
            if "refused the key" in error.what:
                raise
            return {}
        listed = answer.get("data")
        return {str(m["id"]): m for m in listed} if isinstance(listed, list) else {}

    async def _prove_tools(self) -> None:
        ask = Message.user("Call the tool `submit` with the answer `ok`.")
        call = Call(messages=(ask,), tools=(SUBMIT.spec,), sampling=Sampling(max_tokens=64))
        try:
            await self.complete(call)
        except EndpointRefused:
            raise
        except Exception as error:
            raise CapabilityMissing(
                f"{self.name} takes no tools: {error}",
                remedy="Start the server with tool calling, or use the harness `plain`.",
            ) from error


def open_provider(name: str, settings: Mapping[str, str]) -> Opened:
    """Prepare to speak to an endpoint, without doing so; raises UnknownName and BadSpec."""
    read = read_settings(settings, OpenAISettings, provider="openai")
    stored = {**read_dotenv(), **os.environ}
    key = read.api_key.get_secret_value() if read.api_key else stored.get("OPENAI_API_KEY")
    wire = Wire(base_url=read.base_url or stored.get("OPENAI_BASE_URL"), api_key=key)
    return Opened(OpenAIProvider(name, wire=wire, settings=read), read)
