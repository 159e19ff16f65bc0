"""One engine for each checkpoint in use, shared by all evaluations of this process."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from assay.fingerprint import fingerprint
from assay.records import Checkpoint
from assay.store.responses import ResponseLog
from flows.pacing import find_pace
from harnesses.engine.engine import CONCURRENCY, LONGEST, Engine
from harnesses.evaluation.spec import Spec
from harnesses.providers.catalog import open_provider
from harnesses.providers.protocol import Ability, Provider


@dataclass
class Lease:
    """An engine in use, the checkpoint behind it, and how many evaluations hold it."""

    engine: Engine
    provider: Provider
    checkpoint: Checkpoint
    holders: int = 0
    proven: set[Ability] = field(default_factory=set)
    proving: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def prove(self, abilities: Iterable[Ability]) -> None:
        """Have the provider show once what will be asked of it; raises CapabilityMissing."""
        async with self.proving:
            for ability in abilities:
                if ability not in self.proven:
                    await self.provider.prove(ability)
                    self.proven.add(ability)


_leases: dict[str, Lease] = {}
_opening = asyncio.Lock()


@asynccontextmanager
async def lease(spec: Spec, *, nonce: str) -> AsyncIterator[Lease]:
    """Share the engine for a checkpoint; `nonce` keeps the answers of one command apart, where it must."""
    key = fingerprint([spec.checkpoint, spec.settings, nonce])
    async with _opening:
        held = _leases.get(key)
        if held is None:
            held = _leases[key] = await _open(spec, nonce=nonce)
        held.holders += 1
    try:
        yield held
    finally:
        held.holders -= 1
        if not held.holders:
            del _leases[key]
            await held.engine.aclose()


async def _open(spec: Spec, *, nonce: str) -> Lease:
    opened = open_provider(spec.checkpoint, spec.settings)
    provider = opened.provider
    async with AsyncExitStack() as stack:
        stack.push_async_callback(provider.aclose)
        served = await provider.checkpoint()
        checkpoint = identify(served, spec=spec, nonce=nonce)
        pace = await find_pace(opened.settings.rate_limit) if opened.settings.rate_limit else None
        asked = checkpoint.model_copy(update={"fingerprint": fingerprint([checkpoint.fingerprint, nonce])})
        engine = Engine(
            provider,
            log=ResponseLog.open() if provider.logged else None,
            checkpoint=asked if spec.fresh else checkpoint,
            concurrency=opened.settings.concurrency or CONCURRENCY,
            timeout=opened.settings.timeout or LONGEST,
            admit=None if pace is None else pace.admit,
        )
        stack.pop_all()
    return Lease(engine, provider, checkpoint)


def identify(served: Checkpoint, *, spec: Spec, nonce: str) -> Checkpoint:
    """Complete what the provider knows; weights it cannot prove are those of this command alone."""
    known = {"training_run": spec.training_run, "step": spec.step}
    changes: dict[str, object] = {k: v for k, v in known.items() if v is not None}
    if not served.proven:
        changes["fingerprint"] = fingerprint([served.fingerprint, nonce])
    return served.model_copy(update=changes)
