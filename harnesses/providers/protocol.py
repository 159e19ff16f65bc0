"""What the engine asks of an inference backend.

A provider sends one request and tells the truth about how it went; queueing, retries, limits and the
response log are the engine's.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair

Ability = Literal["generate", "loglikelihood", "tools"]


class Provider(Protocol):
    """The adapter to one inference backend serving one checkpoint."""

    @property
    def name(self) -> str:
        """The spec it was made from, such as `openai:qwen`."""
        ...

    @property
    def conditions(self) -> Mapping[str, str]:
        """Settings that can change an answer, such as the API used; never URL, key or concurrency."""
        ...

    @property
    def logged(self) -> bool:
        """Whether answers are worth keeping in the response log."""
        ...

    @property
    def pairs_per_call(self) -> int:
        """How many pairs one call of `loglikelihood` may carry."""
        ...

    async def checkpoint(self) -> Checkpoint:
        """Say which weights answer; raises ProviderError when the backend cannot be reached."""
        ...

    async def prove(self, ability: Ability) -> None:
        """Show that the backend can do this, by a probe that a pretender fails; raises CapabilityMissing."""
        ...

    @property
    def doing(self) -> str:
        """What is waited for before anything can be answered, such as a server's start; else empty."""
        ...

    async def ready(self) -> None:
        """Start what answers; called once, before the first request that the log does not answer.

        Has no deadline of the engine's. Raises EndpointRefused where nothing will be answered.
        """
        ...

    async def complete(self, call: Call) -> Completion | None:
        """Generate one answer, None where a provider of stored answers has none; raises ProviderError."""
        ...

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score each continuation after its context, in order; raises ProviderError.

        Where the pair is `rolling`, the continuation is a whole text, each of whose tokens counts once
        however long it is.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and processes."""
        ...
