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
 +-- UnsafePath                 a file or folder that another user could have put there
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

from assay.redaction import redact

SHOWN_IDS = 10


class AssayError(Exception):
    """What is wrong, which ids (at most ten) are concerned, and what to do."""

    exit_code: ClassVar[int] = 3

    def __init__(self, what: str, *, ids: Iterable[str] = (), remedy: str = "") -> None:
        self.what = what = redact(what)
        self.ids = tuple(str(i) for i in ids)
        self.remedy = redact(remedy)
        super().__init__(str(self))

    def __str__(self) -> str:
        shown = ", ".join(self.ids[:SHOWN_IDS])
        if len(self.ids) > SHOWN_IDS:
            shown += f" and {len(self.ids) - SHOWN_IDS} more"
        return " ".join(part for part in (self.what + (f": {shown}." if shown else ""), self.remedy) if part)


class UsageError(AssayError):
    """The command or a definition is wrong."""

    exit_code = 2


class UnknownName(UsageError):
    """A name that is not registered; the nearest ones are suggested.

    Of names that nobody can guess, such as ids, only very near ones are suggested; else `lister` names the
    command that lists them.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, lister: str = "") -> None:
        candidates = sorted(known)
        near = get_close_matches(name, candidates, n=3, cutoff=0.8 if lister else 0.5)
        near = near or ([] if lister else candidates[:5])
        nothing = f"See `{lister}`." if lister else f"No {kind} is registered."
        hint = f"Did you mean {', '.join(near)}?" if near else nothing
        super().__init__(f"There is no {kind} {name!r}.", remedy=hint)
        self.kind, self.name, self.known = kind, name, candidates


class BadSpec(UsageError):
    """A spec, option or definition that does not parse."""


class DataError(AssayError):
    """A data set that cannot be used."""


class DatasetNotFound(DataError):
    """A data set, configuration, split or file that does not exist or cannot be read."""


class EmptyDataset(DataError):
    """A data set without rows."""


class BadRow(DataError):
    """A row that cannot be turned into a question."""


class ProviderError(AssayError):
    """A request to an inference backend failed."""

    retryable: ClassVar[bool] = False
    kind: ClassVar[str] = "provider"


class ProviderUnavailable(ProviderError):
    """The backend refused the connection, timed out, answered 5xx, or sent something unreadable."""

    retryable = True
    kind = "unavailable"


class NothingAnswers(ProviderUnavailable):
    """No connection to the backend: it is starting, restarting or gone."""


class RateLimited(ProviderError):
    """The backend asks to slow down; `retry_after` is in seconds, None where it did not say."""

    retryable = True
    kind = "rate_limited"

    def __init__(self, what: str, *, retry_after: float | None = None, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.retry_after = retry_after


class RequestRefused(ProviderError):
    """The backend will never accept this request, such as one longer than the context."""

    kind = "refused"


class EndpointRefused(RequestRefused):
    """The backend will accept no request at all: wrong key, unknown model or address."""


class CapabilityMissing(ProviderError):
    """The backend cannot do what the task needs, such as score a given continuation."""

    kind = "capability"


class SandboxError(AssayError):
    """A program could not be run as requested; never raised for what the program itself did."""


class SandboxUnavailable(SandboxError):
    """No isolation is possible here, or a sandbox broke while it was in use."""


class ExtensionFailed(AssayError):
    """A tool or a scaffold raised an exception while a sample was drawn; the sample fails."""


class StoreError(AssayError):
    """The store or the response log cannot be read or written."""


class InvalidRecords(StoreError):
    """A batch of records that does not pass its contract."""


class StoreUnavailable(StoreError):
    """The database is locked or the connection was lost, which may pass."""


class ServerError(AssayError):
    """The Prefect server cannot be started or reached."""


class UnsafePath(AssayError):
    """A file or folder that another user of the machine could have put there, or could change."""


class RunFailed(AssayError):
    """A run ended with more failed samples than allowed, or with invalid records."""

    exit_code = 1

    def __init__(self, what: str, *, run: str = "", remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.run = run


class StatisticsError(AssayError):
    """A number that is not defined for this input."""


class EmptyScores(StatisticsError):
    """No scores at all."""


class MissingScores(StatisticsError):
    """Some scores are NaN or infinite, and no policy says what to do with them."""


class ScoreOutOfRange(StatisticsError):
    """A score outside its declared range."""


class MissingCluster(StatisticsError):
    """Some questions name a cluster and others do not."""


class TooFewClusters(StatisticsError):
    """Fewer than two clusters, of which a clustered standard error is undefined."""


class NotEnoughSamples(StatisticsError):
    """Fewer than k samples, of which pass@k is undefined."""


class AlignmentError(AssayError):
    """Two runs that cannot be compared question by question."""


class DuplicateQuestion(DataError, AlignmentError):
    """Two questions of one run with the same id."""


class QuestionChanged(AlignmentError):
    """A question id that means different content in the two runs."""


class ClusterDisagrees(AlignmentError):
    """A question that belongs to different clusters in the two runs."""


class NothingInCommon(AlignmentError):
    """Two runs that share no question."""


class PartialOverlap(AlignmentError):
    """Two runs that cover different questions, where partial comparison was not allowed."""


class TaskChanged(AlignmentError):
    """Two runs that measured different definitions of a task."""
