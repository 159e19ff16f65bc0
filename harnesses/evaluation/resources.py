"""What an evaluation uses while it runs: opened before its first step, closed after its last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from assay.store.store import Store
from harnesses.evaluation.engines import EngineLease, lease
from harnesses.evaluation.executor import Executor
from harnesses.evaluation.job import Job
from sandbox.pool import Pool


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The store, the engine that answers, and the sandboxes that run code, where any does."""

    store: Store
    lease: EngineLease
    nonce: str
    """Separates the answers of this command from others', where weights cannot be proven."""
    pool: Pool | None = None


@asynccontextmanager
async def open_resources(job: Job, *, executor: Executor) -> AsyncIterator[Resources]:
    """Open the store and the model, so that a wrong command shows before anything is asked."""
    with Store.open() as store:
        nonce = job.spec.nonce or store.open_scope(job.spec.scope)
        async with lease(job, nonce=nonce, executor=executor) as leased:
            yield Resources(store=store, lease=leased, nonce=nonce)
