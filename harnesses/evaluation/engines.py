"""One engine for each model in use, shared by all evaluations of an event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from assay.fingerprint import fingerprint
from assay.records import Checkpoint
from assay.store.responses import ResponseLog
from harnesses.engine.engine import CONCURRENCY, LONGEST, Engine
from harnesses.evaluation.executor import Executor
from harnesses.evaluation.job import Job
from harnesses.evaluation.spec import Spec
from harnesses.providers.protocol import Ability, Provider


@dataclass
class EngineLease:
    """An engine in use, the checkpoint behind it, and how many evaluations hold it."""

    engine: Engine
    provider: Provider
    checkpoint: Checkpoint
    holders: int = 0
    proven: set[Ability] = field(default_factory=set)
    proving: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def prove(self, abilities: Iterable[Ability]) -> None:
        """Have the provider prove once what will be asked of it; raises CapabilityMissing."""
        async with self.proving:
            for ability in abilities:
                if ability not in self.proven:
                    await self.provider.prove(ability)
                    self.proven.add(ability)


@dataclass
class _Engines:
    """The engines of one event loop, by the key of their model."""

    leases: dict[str, EngineLease] = field(default_factory=dict)
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)


_engines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Engines] = WeakKeyDictionary()


@asynccontextmanager
async def lease(job: Job, *, nonce: str, executor: Executor) -> AsyncIterator[EngineLease]:
    """Share the engine of a model; `nonce` separates the answers of commands, where weights are unproven."""
    engines = _engines.setdefault(asyncio.get_running_loop(), _Engines())
    key = fingerprint([job.model.key, nonce])
    async with engines.opening:
        shared = engines.leases.get(key)
        if shared is None:
            shared = engines.leases[key] = await _open(job, nonce=nonce, executor=executor)
        shared.holders += 1
    try:
        yield shared
    finally:
        shared.holders -= 1
        if not shared.holders:
            del engines.leases[key]
            await shared.engine.aclose()


async def _open(job: Job, *, nonce: str, executor: Executor) -> EngineLease:
    opened = job.model.open()
    provider, settings, spec = opened.provider, opened.settings, job.spec
    async with AsyncExitStack() as stack:
        stack.push_async_callback(provider.aclose)
        checkpoint = identify(await provider.checkpoint(), spec=spec, nonce=nonce)
        admit = await executor.rate_limit(settings.rate_limit) if settings.rate_limit else None
        fresh = checkpoint.model_copy(update={"fingerprint": fingerprint([checkpoint.fingerprint, nonce])})
        engine = Engine(
            provider,
            log=ResponseLog.open() if provider.logged else None,
            checkpoint=fresh if spec.fresh else checkpoint,
            concurrency=settings.concurrency or CONCURRENCY,
            timeout=settings.timeout or LONGEST,
            admit=admit,
        )
        stack.pop_all()
    return EngineLease(engine, provider, checkpoint)


def identify(served: Checkpoint, *, spec: Spec, nonce: str) -> Checkpoint:
    """Complete what the provider knows; weights it cannot prove are those of this command alone."""
    origin = {"training_run": spec.training_run, "step": spec.step}
    changes: dict[str, object] = {name: value for name, value in origin.items() if value is not None}
    if not served.proven:
        changes["fingerprint"] = fingerprint([served.fingerprint, nonce])
    return served.model_copy(update=changes)
