"""Answers computed by a Python file, for tests and examples: `scripted:FILE`.

The file defines `complete(call)`, which returns a text or a `Completion`, and may define
`loglikelihood(pair)`, which returns a number, that of a whole text where `pair.rolling`. Both run in this
process: it is the user's own code.
"""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assay.errors import BadSpec, CapabilityMissing, ProviderError
from assay.fingerprint import file_digest
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.providers.catalog import Opened
from harnesses.providers.protocol import Ability
from harnesses.providers.settings import Settings, read_settings


class ScriptedProvider:
    """Call the functions of a file."""

    logged = True
    pairs_per_call = 64
    conditions: Mapping[str, str] = {}
    doing = ""

    def __init__(
        self,
        file: Path,
        *,
        complete: Callable[[Call], str | Completion] | None,
        loglikelihood: Callable[[Pair], float] | None,
    ) -> None:
        self.name = f"scripted:{file}"
        self._file = file
        self._complete = complete
        self._loglikelihood = loglikelihood

    async def checkpoint(self) -> Checkpoint:
        """Name the file's content."""
        return Checkpoint(name=self.name, fingerprint=file_digest(self._file), uri=str(self._file.resolve()))

    async def prove(self, ability: Ability) -> None:
        """Refuse what the file does not define."""
        wanted = self._loglikelihood if ability == "loglikelihood" else self._complete
        if wanted is None:
            raise CapabilityMissing(
                f"{self.name} cannot do {ability}.", remedy="Define the function in the file."
            )

    async def ready(self) -> None:
        """Do nothing."""

    async def complete(self, call: Call) -> Completion | None:
        """Call the file's `complete`."""
        if self._complete is None:
            raise CapabilityMissing(f"{self.name} defines no function `complete`.")
        try:
            answer = self._complete(call)
        except ProviderError:
            raise
        except Exception as error:  # somebody else's code
            raise ProviderError(f"{self.name} raised {type(error).__name__}: {error}.") from error
        return Completion(text=answer) if isinstance(answer, str) else answer

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Call the file's `loglikelihood` for each pair."""
        if self._loglikelihood is None:
            raise CapabilityMissing(f"{self.name} defines no function `loglikelihood`.")
        return [
            LogLikelihood(logprob=self._loglikelihood(pair), tokens=max(1, len(pair.continuation.split())))
            for pair in pairs
        ]

    async def aclose(self) -> None:
        """Do nothing."""


def open_provider(name: str, settings: Mapping[str, str]) -> Opened:
    """Load a file of functions; raises BadSpec."""
    read = read_settings(settings, Settings, provider="scripted")
    file = Path(name).expanduser()
    if not file.is_file():
        raise BadSpec(f"There is no Python file {name!r}.", remedy="Name a file that defines complete(call).")
    spec = importlib.util.spec_from_file_location(f"assay_scripted_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # somebody else's code
        raise BadSpec(f"The file {name!r} cannot be loaded: {type(error).__name__}: {error}.") from error
    functions = {key: getattr(module, key, None) for key in ("complete", "loglikelihood")}
    if not any(functions.values()):
        raise BadSpec(f"The file {name!r} defines neither complete(call) nor loglikelihood(pair).")
    return Opened(ScriptedProvider(file, **functions), read)
