"""Draw the samples of a shard under a harness: plainly, many at once, or by conversations with tools."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

from assay.errors import ProviderError
from assay.records import Call, Failure, Message, Request, Sample, Sampling
from harnesses.engine.engine import Answer, Engine, Likelihoods
from harnesses.harness import Harness
from harnesses.scaffolds.tool_loop import solve
from harnesses.tools.catalog import TOOLS
from harnesses.tools.tool import find_tools
from harnesses.work import Work
from sandbox.protocol import Leases

CONVERSATIONS = 32
"""Held at once in a shard; each may lease a sandbox."""


async def draw(
    works: Iterable[Work], *, harness: Harness, engine: Engine, pool: Leases | None
) -> AsyncIterator[Sample]:
    """Yield the samples as they come; one that failed carries its failure. Raises EndpointRefused."""
    todo = list(works)
    if harness.scaffold == "tool_loop":
        drawn = _conversations(todo, harness=harness, engine=engine, pool=pool)
    elif todo and todo[0].request.kind == "loglikelihood":
        drawn = _likelihoods(todo, engine=engine)
    else:
        drawn = _completions(todo, harness=harness, engine=engine)
    async for sample in drawn:
        yield sample


async def _completions(works: Sequence[Work], *, harness: Harness, engine: Engine) -> AsyncIterator[Sample]:
    calls = list(_calls(works, harness=harness))
    async for place, answer in engine.complete_all(calls):
        yield completed(works[place], answer)


def _calls(works: Sequence[Work], *, harness: Harness) -> Iterable[Call]:
    asked: Sampling | None = None
    sampling = Sampling()
    for work in works:
        if work.request.sampling is not asked:
            asked = work.request.sampling
            sampling = harness.sampling.apply(asked)
        yield Call(
            prompt=_prompt(work.request, harness),
            messages=_messages(work.request, harness),
            sampling=sampling,
            sample=work.sample,
            question_id=work.question.id,
            row=work.question.row,
        )


def _prompt(request: Request, harness: Harness) -> str:
    return f"{harness.system_prompt}\n\n{request.prompt}" if harness.system_prompt else request.prompt


def _messages(request: Request, harness: Harness) -> tuple[Message, ...]:
    turns = request.messages or (Message.user(request.prompt),)
    return (Message.system(harness.system_prompt), *turns) if harness.system_prompt else turns


def completed(work: Work, answer: Answer | ProviderError) -> Sample:
    """Write down what came of a plain generation."""
    if isinstance(answer, ProviderError):
        return failed(work, answer)
    if answer.completion is None:
        return Sample(question_id=work.question.id, index=work.sample, missing=True)
    completion = answer.completion
    return Sample(
        question_id=work.question.id,
        index=work.sample,
        output=completion.text,
        finish_reason=completion.finish_reason,
        reasoning=completion.reasoning,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        seconds=answer.seconds,
        cached=answer.cached,
    )


async def _likelihoods(works: Sequence[Work], *, engine: Engine) -> AsyncIterator[Sample]:
    async for place, scored in engine.loglikelihoods_all([work.request.pairs for work in works]):
        work = works[place]
        if isinstance(scored, ProviderError):
            yield failed(work, scored)
        else:
            yield likelihood_sample(work, scored)


def likelihood_sample(work: Work, scored: Likelihoods) -> Sample:
    """Write down the log-likelihoods of a question's pairs."""
    return Sample(
        question_id=work.question.id,
        index=work.sample,
        loglikelihoods=scored.found,
        seconds=scored.seconds,
        cached=scored.cached,
    )


def failed(work: Work, error: ProviderError) -> Sample:
    """Write down that infrastructure failed, which is never a wrong answer."""
    failure = Failure(kind=error.kind, message=str(error))
    return Sample(question_id=work.question.id, index=work.sample, failure=failure)


async def _conversations(
    works: Sequence[Work], *, harness: Harness, engine: Engine, pool: Leases | None
) -> AsyncIterator[Sample]:
    needed = any(tool.needs for tool in find_tools(harness.tools, TOOLS).values())
    room = asyncio.Semaphore(CONVERSATIONS)

    async def one(work: Work) -> Sample:
        async with room:
            if not needed or pool is None:
                return await solve(
                    work.question,
                    work.request,
                    index=work.sample,
                    harness=harness,
                    engine=engine,
                    sandbox=None,
                )
            async with pool.lease() as sandbox:
                return await solve(
                    work.question,
                    work.request,
                    index=work.sample,
                    harness=harness,
                    engine=engine,
                    sandbox=sandbox,
                )

    running = [asyncio.create_task(one(work)) for work in works]
    try:
        for finished in asyncio.as_completed(running):
            yield await finished
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
