"""One request for each sample, as the task words it."""

from collections.abc import AsyncIterator, Iterator, Sequence

from assay.errors import ProviderError
from assay.records import Call, Message, Request, Sample, Sampling
from harnesses.engine.engine import Answer, Engine, Likelihoods
from harnesses.harness import Harness
from harnesses.providers.protocol import Ability
from harnesses.scaffolds.protocol import Model, SampleRequest
from sandbox.protocol import Sandbox


class Plain:
    """Ask once, with the harness's system prompt and sampling."""

    needs: frozenset[str] = frozenset()

    def __init__(self, harness: Harness) -> None:
        self._harness = harness

    def abilities(self, request: Request) -> Sequence[Ability]:
        """Text or log-likelihoods, as the task asks."""
        return [request.kind]

    async def solve(self, item: SampleRequest, *, model: Model, sandbox: Sandbox | None) -> Sample:
        """Ask for one text."""
        call = next(self.calls([item]))
        return completed(item, await model.complete(call))

    async def solve_all(self, items: Sequence[SampleRequest], *, engine: Engine) -> AsyncIterator[Sample]:
        """Ask for all texts, or all log-likelihoods, as many at once as the engine allows."""
        if items and items[0].request.kind == "loglikelihood":
            async for index, likelihoods in engine.loglikelihoods_all([item.request.pairs for item in items]):
                item = items[index]
                if isinstance(likelihoods, ProviderError):
                    yield item.failed(likelihoods)
                else:
                    yield likelihood_sample(item, likelihoods)
            return
        async for index, answer in engine.complete_all(list(self.calls(items))):
            item = items[index]
            yield item.failed(answer) if isinstance(answer, ProviderError) else completed(item, answer)

    def calls(self, items: Sequence[SampleRequest]) -> Iterator[Call]:
        """Word the calls that texts take."""
        task_sampling: Sampling | None = None
        sampling = Sampling()
        for item in items:
            # Most requests of a task share one sampling, which is then changed only once.
            if item.request.sampling is not task_sampling:
                task_sampling = item.request.sampling
                sampling = self._harness.sampling.apply(task_sampling)
            yield Call(
                prompt=self._prompt(item.request),
                messages=self._messages(item.request),
                sampling=sampling,
                sample=item.index,
                question_id=item.question.id,
                row=item.question.row,
            )

    def _prompt(self, request: Request) -> str:
        system = self._harness.system_prompt
        return f"{system}\n\n{request.prompt}" if system else request.prompt

    def _messages(self, request: Request) -> tuple[Message, ...]:
        system = self._harness.system_prompt
        turns = request.messages or (Message.user(request.prompt),)
        return (Message.system(system), *turns) if system else turns


def completed(item: SampleRequest, answer: Answer) -> Sample:
    """The sample of one generated text; marked missing where a provider of stored answers has none."""
    if answer.completion is None:
        return Sample(question_id=item.question.id, index=item.index, missing=True)
    completion = answer.completion
    return Sample(
        question_id=item.question.id,
        index=item.index,
        output=completion.text,
        finish_reason=completion.finish_reason,
        reasoning=completion.reasoning,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        seconds=answer.seconds,
        cached=answer.cached,
    )


def likelihood_sample(item: SampleRequest, likelihoods: Likelihoods) -> Sample:
    """The sample of a question whose choices were compared by log-likelihood."""
    return Sample(
        question_id=item.question.id,
        index=item.index,
        loglikelihoods=likelihoods.found,
        seconds=likelihoods.seconds,
        cached=likelihoods.cached,
    )
