"""What a comparison and a learning curve consist of: values only, no text layout and no store.

Differences are B - A, turned so that more is better; rates are fractions of one.
"""

from typing import Literal

from pydantic import JsonValue

from assay.records import Checkpoint, Counts, MetricSummary, Record, Run
from assay.stats.verdict import Verdict

Direction = Literal["fixed", "broke"]


class Side(Record):
    """One of the two things compared: the runs of one checkpoint."""

    label: Literal["A", "B"]
    checkpoint: Checkpoint
    harness: str
    runs: tuple[str, ...]
    started: str
    """Of the first run, ISO 8601 in UTC."""


class Difference(Record):
    """A setting in which the two sides differ."""

    what: str
    a: str
    b: str
    intended: bool
    """Whether it is what one compares (the checkpoint), not something that spoils the comparison."""


class Pairing(Record):
    """How the questions of the two runs were matched."""

    paired: int
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    missing_a: int = 0
    """Questions of A without a value, because it failed."""
    missing_b: int = 0
    clusters: int | None = None
    samples_a: int = 1
    samples_b: int = 1
    worst: float | None = None
    """The difference if every unobserved cell went against B; None when all were observed."""
    best: float | None = None


class TwoByTwo(Record):
    """How binary outcomes fall together."""

    both_right: int
    a_only: int
    b_only: int
    both_wrong: int


class Sanity(Record):
    """A rate or mean of both sides beside the score, because scores often move with it."""

    what: str
    """truncated, unparsed, failed, output characters, output tokens."""
    a: float | None
    b: float | None
    delta: float | None
    low: float | None = None
    high: float | None = None


class Spread(Record):
    """How many questions differ by how much, in bars of one width, the middle one around zero."""

    width: float
    counts: tuple[int, ...]
    """From the largest loss of B to its largest win."""
    beyond: int = 0
    """Questions that lie beyond the outermost bars, in which they are counted."""


class TaskComparison(Record):
    """One task: the paired difference with everything needed to judge it."""

    task: str
    metric: str
    lower_is_better: bool = False
    a: MetricSummary
    b: MetricSummary
    counts_a: Counts
    counts_b: Counts
    pairing: Pairing
    delta: float | None
    se: float | None = None
    df: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    p: float | None = None
    """McNemar mid-p for single binary samples, else of the paired t test."""
    p_second: float | None = None
    """The second opinion: exact McNemar, or the sign-flip test."""
    p_holm: float | None = None
    p_better: float | None = None
    """Probability that B is better, under a flat prior; binary only."""
    n: int
    wins: int
    losses: int
    ties: int
    mde: float | None = None
    margin: float
    one_sided_low: float | None = None
    """Lower end of the interval of level 1 - 2 alpha: above -margin, B is not worse by the margin."""
    correlation: float | None = None
    pairing_gain: float | None = None
    """Standard error without pairing, divided by the one with it."""
    verdict: Verdict
    sentence: str
    """The verdict and what this set can resolve, in plain English."""
    method: str = ""
    table: TwoByTwo | None = None
    spread: Spread | None = None
    """Of the questions' differences; None where they are right or wrong, and where none differs."""
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    sanity: tuple[Sanity, ...] = ()


class Recipe(Record):
    """A difference with the noise of training added to that of the questions."""

    noise_a: float
    """Standard deviation of the score over the last checkpoints of A's training run."""
    noise_b: float
    se: float
    p: float


class SuiteComparison(Record):
    """The weighted mean of the tasks: the one primary test of a comparison."""

    name: str
    tasks: int
    delta: float | None
    se: float | None = None
    df: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    mde: float | None = None
    margin: float
    one_sided_low: float | None = None
    """Lower end of the interval of level 1 - 2 alpha: above -margin, B is not worse by the margin."""
    verdict: Verdict
    sentence: str
    undefined: str | None = None
    wins: int = 0
    losses: int = 0
    ties: int = 0
    p_better: float | None = None
    """Probability that B is better, under a flat prior."""
    between_tasks_se: float | None = None
    """Standard error of a claim about other tasks than these; shown from five tasks on."""
    recipe: Recipe | None = None
    """The difference as a claim about two trainings; None within one, and where the noise is not known."""


class Answer(Record):
    """What one side said to a question."""

    output: str
    extracted: str | None = None
    value: float | None = None
    status: str
    explanation: str | None = None
    run: str


class Flip(Record):
    """One question on which the two sides differ."""

    task: str
    question_id: str
    direction: Direction
    text: str
    target: str | None = None
    cluster: str | None = None
    choices: tuple[str, ...] = ()
    delta: float
    a: Answer
    b: Answer
    flaky: bool = False
    """Whether samples of one side disagree among themselves, so that it may flip by itself."""


class Family(Record):
    """The tests that were made together, and how their p-values were corrected."""

    name: str
    size: int
    members: tuple[str, ...]
    correction: str = "Holm"


class Comparison(Record):
    """Two checkpoints on the same questions."""

    id: str
    created: str
    a: Side
    b: Side
    differs: tuple[Difference, ...]
    suite: SuiteComparison
    tasks: tuple[TaskComparison, ...]
    only_a: tuple[str, ...] = ()
    """Tasks that B lacks."""
    only_b: tuple[str, ...] = ()
    flips: tuple[Flip, ...] = ()
    flips_left_out: int = 0
    family: Family
    alpha: float = 0.05
    power: float = 0.8
    data: dict[str, str] = {}
    """Digest of the data set of each task."""
    seed: int = 0
    """With which few-shots, a limited selection and samples were drawn."""
    versions: dict[str, str] = {}
    notes: tuple[str, ...] = ()


class Point(Record):
    """One checkpoint on a learning curve."""

    run: str
    step: int | None
    checkpoint: str
    value: float | None
    low: float | None = None
    high: float | None = None
    se: float | None = None
    n: int = 0
    delta: float | None = None
    """Against the first point, paired."""
    delta_low: float | None = None
    delta_high: float | None = None
    p: float | None = None
    alpha: float | None = None
    """What was spent on this look, so that all looks together stay below the level."""
    alarm: Literal["improved", "regressed"] | None = None


class Curve(Record):
    """One task over the checkpoints of a training run."""

    task: str
    metric: str
    lower_is_better: bool = False
    unit: Literal["rate", "number"] = "rate"
    points: tuple[Point, ...]
    noise: float | None = None
    """Standard deviation over the last checkpoints; of training alone only once the run has levelled off."""
    signal_to_noise: float | None = None
    monotonicity: float | None = None
    """Kendall's tau of score on step, turned so that 1 is steadily better."""
    undefined: str | None = None


class Series(Record):
    """A training run: a curve for each task."""

    id: str
    training_run: str
    curves: tuple[Curve, ...]
    comparison: Comparison | None = None
    """Of the last two checkpoints."""
    notes: tuple[str, ...] = ()


def plain(record: Record) -> dict[str, JsonValue]:
    """Write a record as JSON values."""
    return record.model_dump(mode="json")


class Scores(Record):
    """What `assay run` shows: the runs of one command."""

    runs: tuple[Run, ...]
