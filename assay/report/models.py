"""What a comparison and a learning curve consist of: values only, no text layout and no store.

Differences are B - A, signed so that more is better; rates are fractions of one.
"""

from typing import Literal

from pydantic import JsonValue

from assay.records import Checkpoint, Counts, MetricSummary, Record, Run
from assay.stats.words import Verdict

Direction = Literal["fixed", "broke"]


class SideSummary(Record):
    """One of the two things compared, by name: the runs of one checkpoint."""

    label: Literal["A", "B"]
    checkpoint: Checkpoint
    harness: str
    runs: tuple[str, ...]
    started: str
    """When the first run started, ISO 8601 in UTC."""


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
    """Questions of A without a value, because all their samples failed."""
    missing_b: int = 0
    partial_a: int = 0
    """Paired questions that lack some of A's samples."""
    partial_b: int = 0
    dropped: float = 0.0
    """Share of the questions without a pair; one that lacks some of its samples counts in part."""
    clusters: int | None = None
    samples_a: int = 1
    samples_b: int = 1
    worst: float | None = None
    """The difference if every missing sample went against B; None when none is missing."""
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
    """truncated, unparsed, failed, output tokens."""
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


class JudgeAgreement(Record):
    """How the judge of one side agrees with its labels."""

    side: Literal["A", "B"]
    labels: int
    accuracy: float
    sensitivity: float | None = None
    """Share of right answers that the judge accepts; None where no answer was right."""
    specificity: float | None = None
    """Share of wrong answers that the judge refuses; None where no answer was wrong."""


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
    """McNemar mid-p for single right-or-wrong samples, else of the paired t test."""
    p_second: float | None = None
    """The second opinion: exact McNemar, or the sign-flip test."""
    p_holm: float | None = None
    """Corrected for the tasks tested together; decides the verdict."""
    p_better: float | None = None
    """Probability that B is better, under a flat prior."""
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
    """The verdict and what so many questions can detect, in plain English."""
    method: str = ""
    table: TwoByTwo | None = None
    spread: Spread | None = None
    """Of the questions' differences; None where they are right or wrong, and where none differs."""
    judges: tuple[JudgeAgreement, ...] = ()
    """Where labels correct a judge: how far it can be trusted."""
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    sanity: tuple[Sanity, ...] = ()


class Recipe(Record):
    """A difference with the noise of training added to that of the questions."""

    delta: float | None = None
    """Of the means over the seeds of both recipes."""
    noise_a: float
    """Standard deviation of the score over trainings by A's recipe that differ in their seed alone."""
    noise_b: float
    se: float
    p: float
    df: float | None = None
    seeds_a: int = 0
    """Trainings by A's recipe, the one compared included."""
    seeds_b: int = 0


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
    """The difference as a claim about two recipes; None where no other seeds of each were evaluated."""
    dropped: float = 0.0
    """Share of the questions without a pair, in the mean of the tasks."""
    notes: tuple[str, ...] = ()


class Answer(Record):
    """What one side answered to a question."""

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
    a: SideSummary
    b: SideSummary
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
    """Seed of the few-shots, of a limited selection and of the samples."""
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
    p_corrected: float | None = None
    """Corrected by Holm for the tasks of this step; an alarm where it is at most `alpha`."""
    alpha: float | None = None
    """What is spent on this look, so that all looks together stay below the level."""
    alarm: Literal["improved", "regressed"] | None = None


class Curve(Record):
    """One task over the checkpoints of a training run."""

    task: str
    metric: str
    lower_is_better: bool = False
    unit: Literal["rate", "number"] = "rate"
    points: tuple[Point, ...]
    noise: float | None = None
    """Standard deviation over the last checkpoints, which contains what was still learned."""
    signal_to_noise: float | None = None
    monotonicity: float | None = None
    """Kendall's tau of score on step, signed so that 1 is steadily better."""
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
