"""What evaluations would do, without a request: questions, requests, tokens, and where code would run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import anyio.to_thread

from assay.errors import AssayError
from assay.records import Request
from assay.spool import Chosen
from assay.store.responses import ResponseLog
from assay.store.store import Store
from harnesses.engine.keys import Keys
from harnesses.evaluation.engines import identify
from harnesses.evaluation.job import Job
from harnesses.evaluation.shards import Shard, sample_requests
from harnesses.evaluation.spec import joint_scope
from harnesses.scaffolds.plain import Plain
from harnesses.scaffolds.protocol import SampleRequest
from sandbox import planner
from tasks_lib.questions import Loaded, load

CHARACTERS = 4
"""Characters of English in a token, as a rule of thumb."""
AT_ONCE = 500
"""Samples that are looked up in the response log at once."""


@dataclass(frozen=True, kw_only=True)
class TaskForecast:
    """What one evaluation would ask."""

    checkpoint: str
    task: str
    questions: int
    samples: int
    """Samples to draw; scaffolds with tools send several requests for each."""
    cached: int | None
    """Samples whose answers are kept already; None where that cannot be known beforehand."""
    unknown: str | None = None
    """Why it is not known what is cached."""
    prompt_tokens: int
    """Of what is not cached, estimated from characters, four to a token."""
    completion_tokens: int
    """Of what is not cached, if every answer took all the tokens it may; 0 for log-likelihoods."""

    @property
    def requests(self) -> int:
        """Samples to ask the model for."""
        return self.samples - (self.cached or 0)


@dataclass(frozen=True, kw_only=True)
class SandboxForecast:
    """Where code would run, for all tasks together."""

    backend: str | None
    needs: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a command would do."""

    tasks: tuple[TaskForecast, ...]
    sandbox: SandboxForecast


@dataclass(frozen=True, kw_only=True)
class _Cache:
    """The response log, and the keys of one checkpoint in it."""

    log: ResponseLog | None
    keys: Keys | None = None
    unknown: str | None = None


async def forecast(jobs: Sequence[Job]) -> Forecast:
    """Look over the evaluations of a command; raises DataError, UsageError and SandboxUnavailable."""
    plan = await planner.plan(
        frozenset().union(*(job.needs for job in jobs)),
        preferred=jobs[0].harness.sandbox.backend,
        image=jobs[0].harness.sandbox.image,
        allow_unsafe=any(job.spec.unsafe_local for job in jobs),
    )
    with Store.open() as store:
        nonce = store.find_scope(joint_scope([job.spec for job in jobs]))
    log = ResponseLog.open()
    try:
        tasks = [await _task(job, log, nonce=nonce) for job in jobs]
    finally:
        await log.aclose()
    backend = plan.backend.name if plan.backend else None
    sandbox = SandboxForecast(backend=backend, needs=tuple(sorted(plan.needs)), reason=plan.reason)
    return Forecast(tasks=tuple(tasks), sandbox=sandbox)


async def _task(job: Job, log: ResponseLog, *, nonce: str | None) -> TaskForecast:
    loaded = await anyio.to_thread.run_sync(lambda: load(job.task, limit=job.spec.limit))
    cache = await _cache(job, log, nonce=nonce)
    kept = characters = completion_tokens = 0
    items = sample_requests(job.task, loaded, _whole(loaded))
    while batch := list(islice(items, AT_ONCE)):
        known = await _known(job, batch, cache)
        kept += sum(known)
        waiting = [item.request for item, there in zip(batch, known, strict=True) if not there]
        characters += sum(_length(job, request) for request in waiting)
        completion_tokens += sum(_most_tokens(job, request) for request in waiting)
    return TaskForecast(
        checkpoint=job.spec.checkpoint,
        task=job.task.name,
        questions=len(loaded.questions),
        samples=len(loaded.questions) * job.task.samples,
        cached=None if cache.unknown else kept,
        unknown=cache.unknown,
        prompt_tokens=round(characters / CHARACTERS),
        completion_tokens=completion_tokens,
    )


def _whole(loaded: Loaded) -> Shard:
    return Shard("", Chosen(loaded.questions, range(len(loaded.questions))))


async def _cache(job: Job, log: ResponseLog, *, nonce: str | None) -> _Cache:
    """Find out under which keys the answers of a job's checkpoint are kept."""
    if job.spec.fresh:
        return _Cache(log=None)
    if not isinstance(job.scaffold, Plain):
        return _Cache(log=None, unknown="each turn depends on the one before")
    provider = job.model.open().provider
    try:
        if not provider.logged:
            return _Cache(log=None, unknown="answers of this provider are not kept")
        served = await provider.checkpoint()
        if not served.proven and nonce is None:
            return _Cache(log=None)
        checkpoint = identify(served, spec=job.spec, nonce=nonce or "")
        return _Cache(log=log, keys=Keys(checkpoint.fingerprint, provider.conditions))
    except AssayError as error:
        return _Cache(log=None, unknown=error.what)
    finally:
        await provider.aclose()


async def _known(job: Job, items: Sequence[SampleRequest], cache: _Cache) -> list[bool]:
    """Say of each sample whether its answer, or each of its log-likelihoods, is in the log."""
    if cache.log is None or cache.keys is None:
        return [False] * len(items)
    keys = [list(group) for group in _keys(job, items, cache.keys)]
    there = await cache.log.find(list({key for group in keys for key in group}))
    return [all(key in there for key in group) for group in keys]


def _keys(job: Job, items: Sequence[SampleRequest], keys: Keys) -> Iterator[Iterator[str]]:
    assert isinstance(job.scaffold, Plain)
    for item, call in zip(items, job.scaffold.calls(items), strict=True):
        if item.request.kind == "loglikelihood":
            yield map(keys.pair, item.request.pairs)
        else:
            yield iter((keys.call(call),))


def _most_tokens(job: Job, request: Request) -> int:
    if request.kind == "loglikelihood":
        return 0
    return job.harness.sampling.apply(request.sampling).max_tokens * job.harness.max_turns


def _length(job: Job, request: Request) -> int:
    """Count the characters that a request sends, of a conversation those of its first turn."""
    if request.pairs:
        return sum(len(pair.context) + len(pair.continuation) for pair in request.pairs)
    system = len(job.harness.system_prompt or "")
    return system + (sum(len(message.content) for message in request.messages) or len(request.prompt))
