"""A checkpoint served by vLLM on this machine or cluster: `vllm:PATH`.

Which weights they are is read from the files, so the server is started when the first answer is missing from
the response log, and not at all where none is. It is asked as any OpenAI-compatible endpoint is.
"""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from assay.errors import BadSpec, CapabilityMissing, EndpointRefused, ProviderUnavailable
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.providers.catalog import Opened
from harnesses.providers.openai_http.account import NO_KEY
from harnesses.providers.openai_http.provider import OpenAIProvider
from harnesses.providers.openai_http.settings import Api, OpenAISettings, guess_api
from harnesses.providers.openai_http.wire import Wire
from harnesses.providers.protocol import Ability
from harnesses.providers.settings import read_settings
from harnesses.providers.vllm.offline import Offline, OfflineWire
from harnesses.providers.vllm.plan import DEVICES, HOST, Target, offline, plan
from harnesses.providers.vllm.server import Servers
from harnesses.providers.vllm.settings import VllmSettings, check, conditions, interpreter
from harnesses.providers.vllm.target import Source, find, prepare
from harnesses.providers.weights import first_token, has_chat_template, trained

EACH = 64
"""Requests in flight for each replica, where no concurrency is given."""


class VllmProvider:
    """Start vLLM for a checkpoint when it is needed, and speak to its replicas."""

    logged = True

    def __init__(self, path: str, *, settings: VllmSettings, python: str) -> None:
        self.name = f"vllm:{path}"
        self._path = path
        self._settings = settings
        self._python = python
        self._api: Api = settings.api or guess_api(Path(path).name, base_url=f"http://{HOST}")
        self._source: Source | None = None
        self._servers: Servers | Offline | None = None
        self._replicas: list[OpenAIProvider] = []
        self._urls: Sequence[str] = ()
        self._busy: Counter[int] = Counter()
        self._wanted: set[Ability] = set()

    @property
    def conditions(self) -> Mapping[str, str]:
        """See `settings.conditions`."""
        return conditions(self._settings, api=self._api)

    @property
    def pairs_per_call(self) -> int:
        """How many continuations one request scores."""
        return self._settings.batch

    @property
    def model(self) -> str:
        """The name its servers know it by."""
        return self._replicas[0].model

    @property
    def urls(self) -> Sequence[str]:
        """The addresses of their APIs, once they are started."""
        return self._urls

    @property
    def doing(self) -> str:
        """What the start waits for."""
        return self._servers.doing if self._servers else ""

    async def checkpoint(self) -> Checkpoint:
        """Read which weights they are from the files' content; raises NoCheckpoint."""
        source = await asyncio.to_thread(find, self._path, self._settings)
        self._source = source
        templated = self._settings.chat_template or has_chat_template(source.base or source.folder)
        if self._api == "chat" and not templated and not self._settings.convert:
            if self._settings.api == "chat":
                raise BadSpec(
                    f"{self.name} has no chat template.",
                    remedy="Give one with -M chat_template=FILE, or use -M api=completions.",
                )
            self._api = "completions"
        run, step = trained(source.folder) or (None, None)
        return Checkpoint(
            name=self.name,
            fingerprint=source.fingerprint,
            uri=str(source.folder),
            training_run=run,
            step=step,
        )

    async def prove(self, ability: Ability) -> None:
        """Remember what will be asked: the server proves it before its first answer."""
        self._wanted.add(ability)
        for replica in self._replicas:
            await self._prove(replica, {ability})

    async def ready(self) -> None:
        """Start the server and have it show what it can; raises EndpointRefused."""
        if self._source is None:
            await self.checkpoint()
        assert self._source is not None
        target = await asyncio.to_thread(prepare, self._source, self._settings)
        asked = OpenAISettings(
            api=self._api,
            logprobs=self._settings.logprobs,
            batch=self._settings.batch,
            max_length=self._settings.max_model_len,
            add_bos=self._settings.add_bos,
            prefix=first_token(Path(target.model)),
        )
        for wire in await self._start(target):
            replica = OpenAIProvider(target.name, wire=wire, settings=asked)
            replica.name = self.name
            self._replicas.append(replica)
            await replica.checkpoint()
            await self._prove(replica, self._wanted)

    async def complete(self, call: Call) -> Completion:
        """Send one generation to the replica with least to do."""
        async with self._least_busy() as replica:
            return await replica.complete(call)

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score continuations on the replica with least to do."""
        async with self._least_busy() as replica:
            return await replica.loglikelihood(pairs)

    async def aclose(self) -> None:
        """Close the connections and end the server with all its processes."""
        try:
            for replica in self._replicas:
                await replica.aclose()
        finally:
            self._replicas.clear()
            if self._servers is not None:
                await self._servers.stop()

    async def _start(self, target: Target) -> Sequence[Wire]:
        """Start what answers; returns a way to speak to each replica."""
        settings = self._settings
        if settings.mode == "offline":
            process = Offline(
                offline(target, settings), python=self._python, environment=settings.environment
            )
            self._servers = process
            await process.start(within=settings.start_timeout)
            return [OfflineWire(process)]
        environment = os.environ | settings.environment
        launch = plan(
            target,
            settings,
            python=self._python,
            ports=_free_ports(settings.replicas + 1),
            devices=tuple(device for device in environment.get(DEVICES, "").split(",") if device),
        )
        self._urls = launch.urls
        self._servers = Servers(launch, name=target.name)
        await self._servers.start(within=settings.start_timeout)
        # The user's own key is for other endpoints.
        key = environment.get("VLLM_API_KEY") or NO_KEY
        return [Wire(base_url=url, api_key=key) for url in launch.urls]

    async def _prove(self, replica: OpenAIProvider, abilities: Iterable[Ability]) -> None:
        try:
            for ability in abilities:
                await replica.prove(ability)
        except CapabilityMissing as error:
            raise EndpointRefused(error.what, remedy=error.remedy) from error

    @asynccontextmanager
    async def _least_busy(self) -> AsyncIterator[OpenAIProvider]:
        if not self._replicas:
            await self.ready()
        number = min(range(len(self._replicas)), key=lambda n: self._busy[n])
        self._busy[number] += 1
        try:
            yield self._replicas[number]
        except ProviderUnavailable as error:
            problem = self._servers.problem() if self._servers else None
            if problem is not None:
                raise problem from error
            raise
        finally:
            self._busy[number] -= 1


def open_provider(name: str, settings: Mapping[str, str]) -> Opened:
    """Prepare to serve a checkpoint, without doing so; raises UsageError."""
    read = read_settings(settings, VllmSettings, provider="vllm")
    check(read)
    provider = VllmProvider(name, settings=read, python=interpreter(read))
    concurrency = read.concurrency or EACH * read.replicas
    return Opened(provider, read.model_copy(update={"concurrency": concurrency}))


def _free_ports(count: int) -> list[int]:
    """Find ports nobody listens on; all are held until all are found, so that they differ."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            with suppress(OSError):
                one.close()
