"""What is checked of a batch of scores, and what was found: the messages between client and server."""

from assay.records import Record


class MetricRange(Record):
    """A metric of a batch and the range of its values; None where there is no end."""

    name: str
    low: float | None = None
    high: float | None = None


class Batch(Record):
    """The columns of a batch of scores, and what must be true of them."""

    question_id: list[str]
    sample_index: list[int]
    metric: list[str]
    status: list[str]
    value: list[float | None]
    rows: int
    """How many scores there must be."""
    known: list[str]
    """Ids of the questions that were asked."""
    metrics: list[MetricRange]


class Violation(Record):
    """One broken expectation: which rows broke it; none where it concerns the batch as a whole."""

    reason: str
    rows: tuple[int, ...] = ()
