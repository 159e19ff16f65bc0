"""A model that is a Python function, for notebooks and models of one's own.

Functions run one call at a time in a thread, so that they need not be thread-safe; coroutine functions are
awaited, many at once. What a function closes over cannot be proven, so its answers are those of one
evaluation.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from assay.errors import CapabilityMissing, ProviderError
from assay.extensions import described
from assay.fingerprint import fingerprint
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.providers.protocol import Ability

Answer = str | Completion
ModelFunction = Callable[[str], Answer | Awaitable[Answer]] | Callable[[Call], Answer | Awaitable[Answer]]


class FunctionProvider:
    """Calls a function with the prompt, or with the whole `Call` where its parameter is annotated so."""

    logged = True
    pairs_per_call = 1
    conditions: Mapping[str, str] = {}
    doing = ""

    def __init__(self, function: ModelFunction) -> None:
        self.name = f"function:{getattr(function, '__name__', type(function).__name__)}"
        self._function: Callable[[Any], Answer | Awaitable[Answer]] = function
        self._takes_call = _takes_call(function)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="assay-model")

    async def checkpoint(self) -> Checkpoint:
        """Name the function; its weights, if it has any, are unproven."""
        identity = [self.name, getattr(self._function, "__module__", ""), _source(self._function)]
        return Checkpoint(name=self.name, fingerprint=fingerprint(identity), proven=False)

    async def prove(self, ability: Ability) -> None:
        """Refuse what a function of a prompt cannot do."""
        if ability == "loglikelihood":
            raise CapabilityMissing(
                f"{self.name} writes text and has no log-likelihoods.",
                remedy="Choose a variant that generates text, or pass a provider.",
            )
        if ability == "tools" and not self._takes_call:
            raise CapabilityMissing(
                f"{self.name} takes a prompt and cannot call tools.",
                remedy="Annotate its parameter as assay.Call, and return a Completion with tool calls.",
            )

    async def ready(self) -> None:
        """Do nothing: the function is there."""

    async def complete(self, call: Call) -> Completion:
        """Call the function; what it raises fails the sample, and names its line."""
        argument = call if self._takes_call else call.prompt
        try:
            if inspect.iscoroutinefunction(self._function):
                answer = await self._function(argument)
            else:
                loop = asyncio.get_running_loop()
                answer = await loop.run_in_executor(self._thread, self._function, argument)
                if inspect.isawaitable(answer):
                    answer = await answer
        except ProviderError:
            raise
        except Exception as error:
            raise ProviderError(
                f"{self.name} raised {described(error)} on question {call.question_id!r}."
            ) from error
        if isinstance(answer, Completion):
            return answer
        if isinstance(answer, str):
            return Completion(text=answer)
        raise ProviderError(
            f"{self.name} returned {type(answer).__name__} on question {call.question_id!r}.",
            remedy="Return a string, or an assay.Completion.",
        )

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Refuse."""
        raise CapabilityMissing(f"{self.name} has no log-likelihoods.")

    async def aclose(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _takes_call(function: ModelFunction) -> bool:
    try:
        parameters = list(inspect.signature(function, eval_str=True).parameters.values())
    except (TypeError, ValueError, NameError):
        return False
    return bool(parameters) and parameters[0].annotation is Call


def _source(function: object) -> str:
    try:
        return inspect.getsource(function)  # type: ignore[arg-type]
    except (OSError, TypeError):
        return ""
