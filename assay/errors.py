"""Every error Assay raises on purpose.

Each message is one sentence that says what is wrong, names at most ten of the ids concerned and ends
with what to do; the command line prints it as it is and exits with the class's `exit_code`.

AssayError
 +-- UsageError                 the command or a definition is wrong (exit code 2)
 |    +-- UnknownName           no such task, variant, option, harness, provider, suite, run
 |    +-- BadSpec               a spec or option that does not parse
 +-- DataError                  the data set cannot be used
 |    +-- DatasetNotFound
 |    +-- EmptyDataset
 |    +-- BadRow
 |    +-- DuplicateQuestion     (also an AlignmentError)
 +-- ProviderError              a request failed; `kind` says whose fault, `retryable` whether to ask again
 |    +-- ProviderUnavailable   time-out, broken connection, 5xx, garbage
 |    |    +-- NothingAnswers   no connection at all: starting, restarting or gone
 |    +-- RateLimited           429, with what Retry-After said
 |    +-- RequestRefused        4xx: context length, unsupported field
 |    |    +-- EndpointRefused  401, 403, 404: no request will be accepted
 |    +-- CapabilityMissing     the endpoint cannot do what the task needs
 +-- SandboxError
 |    +-- SandboxUnavailable    no isolation here, or it broke while working
 +-- StoreError                 the store or the response log cannot be read or written
 |    +-- InvalidRecords        a batch did not pass its contract
 |    +-- StoreUnavailable      locked, or the connection was lost: worth trying again
 +-- ServerError                the Prefect server cannot be started or reached
 +-- RunFailed                  more samples failed than --max-failed allows (exit code 1)
 +-- StatisticsError            a number that is not defined for this input
 |    +-- EmptyScores
 |    +-- MissingScores
 |    +-- ScoreOutOfRange
 |    +-- MissingCluster
 |    +-- TooFewClusters
 |    +-- NotEnoughSamples
 +-- AlignmentError             two runs that cannot be compared
      +-- DuplicateQuestion
      +-- QuestionChanged
      +-- ClusterDisagrees
      +-- NothingInCommon
      +-- PartialOverlap
      +-- TaskChanged
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar

SHOWN_IDS = 10


class AssayError(Exception):
    """Say what is wrong, which ids (at most ten) are concerned, and what to do."""

    exit_code: ClassVar[int] = 3

    def __init__(self, what: str, *, ids: Iterable[str] = (), remedy: str = "") -> None:
        self.what = what
        self.ids = tuple(str(i) for i in ids)
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        shown = ", ".join(self.ids[:SHOWN_IDS])
        if len(self.ids) > SHOWN_IDS:
            shown += f" and {len(self.ids) - SHOWN_IDS} more"
        return " ".join(part for part in (self.what + (f": {shown}." if shown else ""), self.remedy) if part)


class UsageError(AssayError):
    """Raise when the command or a definition is wrong."""

    exit_code = 2


class UnknownName(UsageError):
    """Raise when a name is not registered, suggesting the nearest ones.

    Of names that nobody can guess, such as ids, only very near ones are suggested; else `lister` names the
    command that lists them.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, lister: str = "") -> None:
        known = sorted(known)
        near = get_close_matches(name, known, n=3, cutoff=0.8 if lister else 0.5)
        near = near or ([] if lister else known[:5])
        nothing = f"See `{lister}`." if lister else f"No {kind} is registered."
        hint = f"Did you mean {', '.join(near)}?" if near else nothing
        super().__init__(f"There is no {kind} {name!r}.", remedy=hint)
        self.kind, self.name = kind, name


class BadSpec(UsageError):
    """Raise when a spec, option or definition does not parse."""


class DataError(AssayError):
    """Raise when a data set cannot be used."""


class DatasetNotFound(DataError):
    """Raise when a data set, configuration, split or file is not there or cannot be read."""


class EmptyDataset(DataError):
    """Raise when a data set has no rows."""


class BadRow(DataError):
    """Raise when a row cannot be turned into a question."""


class ProviderError(AssayError):
    """Raise when a request to an inference backend failed."""

    retryable: ClassVar[bool] = False
    kind: ClassVar[str] = "provider"


class ProviderUnavailable(ProviderError):
    """Raise when the backend refused the connection, timed out, answered 5xx or sent garbage."""

    retryable = True
    kind = "unavailable"


class NothingAnswers(ProviderUnavailable):
    """Raise when no connection to the backend can be made: it is starting, restarting or gone."""


class RateLimited(ProviderError):
    """Raise when the backend asks to slow down; `retry_after` is in seconds, None where it did not say."""

    retryable = True
    kind = "rate_limited"

    def __init__(self, what: str, *, retry_after: float | None = None, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.retry_after = retry_after


class RequestRefused(ProviderError):
    """Raise when the backend will never accept this request, such as one longer than the context."""

    kind = "refused"


class EndpointRefused(RequestRefused):
    """Raise when the backend will accept no request at all: wrong key, unknown model or address."""


class CapabilityMissing(ProviderError):
    """Raise when the backend cannot do what the task needs, such as score a given continuation."""

    kind = "capability"


class SandboxError(AssayError):
    """Raise when a program could not be run as asked; never for what the program itself did."""


class SandboxUnavailable(SandboxError):
    """Raise when no isolation is possible here, or the sandbox broke while it was in use."""


class StoreError(AssayError):
    """Raise when the store or the response log cannot be read or written."""


class InvalidRecords(StoreError):
    """Raise when a batch of records does not pass its contract."""


class StoreUnavailable(StoreError):
    """Raise when the database is locked or the connection was lost, which may pass."""


class ServerError(AssayError):
    """Raise when the Prefect server cannot be started or reached."""


class RunFailed(AssayError):
    """Raise when a run ended with more failed samples than allowed, or with records that are invalid."""

    exit_code = 1

    def __init__(self, what: str, *, run: str = "", remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.run = run


class StatisticsError(AssayError):
    """Raise when a number is not defined for this input."""


class EmptyScores(StatisticsError):
    """Raise when there is no score at all."""


class MissingScores(StatisticsError):
    """Raise when some scores are NaN or infinite and no policy says what to do with them."""


class ScoreOutOfRange(StatisticsError):
    """Raise when a score lies outside its declared range."""


class MissingCluster(StatisticsError):
    """Raise when some questions name a cluster and others do not."""


class TooFewClusters(StatisticsError):
    """Raise when a clustered standard error is asked of fewer than two clusters."""


class NotEnoughSamples(StatisticsError):
    """Raise when pass@k is asked of fewer than k samples."""


class AlignmentError(AssayError):
    """Raise when two runs cannot be compared question by question."""


class DuplicateQuestion(DataError, AlignmentError):
    """Raise when two questions of one run have the same id."""


class QuestionChanged(AlignmentError):
    """Raise when a question id means different content in the two runs."""


class ClusterDisagrees(AlignmentError):
    """Raise when a question belongs to different clusters in the two runs."""


class NothingInCommon(AlignmentError):
    """Raise when the two runs share no question."""


class PartialOverlap(AlignmentError):
    """Raise when the runs cover different questions and partial comparison was not allowed."""


class TaskChanged(AlignmentError):
    """Raise when the two runs measured different definitions of a task."""
