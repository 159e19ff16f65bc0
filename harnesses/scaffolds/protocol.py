"""What a scaffold is: the way from one question to one sample, in one request or in many turns."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from assay.errors import ProviderError
from assay.records import Call, Failure, Question, Request, Sample
from harnesses.engine.engine import Answer, Engine
from harnesses.providers.protocol import Ability
from sandbox.protocol import Sandbox


@dataclass(frozen=True)
class SampleRequest:
    """One sample to draw: a question, how the task words it, and which of the K samples it is."""

    question: Question
    request: Request
    index: int = 0

    def failed(self, error: ProviderError) -> Sample:
        """Record that infrastructure failed, which is never a wrong answer."""
        failure = Failure(kind=error.kind, message=str(error))
        return Sample(question_id=self.question.id, index=self.index, failure=failure)


class Model(Protocol):
    """The model under evaluation, as a scaffold asks it."""

    async def complete(self, call: Call) -> Answer:
        """Answer one call, from the response log where it is there; raises ProviderError."""
        ...


class Scaffold(Protocol):
    """How a question is put to a model."""

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities of a sandbox that every sample gets; empty where none is needed."""
        ...

    def abilities(self, request: Request) -> Sequence[Ability]:
        """What a provider must be able to do to answer such a request."""
        ...

    async def solve(self, item: SampleRequest, *, model: Model, sandbox: Sandbox | None) -> Sample:
        """Draw one sample.

        Errors of the provider and the sandbox may be raised or recorded as the sample's failure;
        EndpointRefused must be raised, since no other sample would be answered either.
        """
        ...


class BatchScaffold(Scaffold, Protocol):
    """A scaffold whose samples are one request each, so that many are drawn together."""

    def solve_all(self, items: Sequence[SampleRequest], *, engine: Engine) -> AsyncIterator[Sample]:
        """Yield the samples in the order in which they are answered."""
        ...


def draws_batches(scaffold: Scaffold) -> TypeGuard[BatchScaffold]:
    """Whether a scaffold draws many samples together."""
    return hasattr(scaffold, "solve_all")
