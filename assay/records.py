"""The plain values that pass from room to room: question, request, sample, score, run.

All are frozen and refuse unknown fields. Times are seconds, dates are aware UTC, log-probabilities are
natural logarithms, rates are fractions of one.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

Status = Literal["scored", "truncated", "unparsed", "failed", "skipped"]
RunStatus = Literal["running", "completed", "failed", "invalid", "cancelled"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "unclosed_thought", "unknown"]
Reduction = Literal["mean", "pass_at", "pass_hat", "ratio"]
Role = Literal["system", "user", "assistant", "tool"]
LimitReason = Literal["began", "grew", "429", "timeout", "slow", "restored"]
Share = Annotated[float, Field(ge=0, le=1)]


class Record(BaseModel):
    """Freeze a value and refuse fields nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(Record):
    """One row of a benchmark with its gold answer."""

    text: str
    target: str | None = None
    """The gold answer, or None where only a program or `choices` decide."""
    aliases: tuple[str, ...] = ()
    """Other answers that are accepted as well."""
    choices: tuple[str, ...] = ()
    answer: int | None = None
    """Position of the right choice."""
    cluster: str | None = None
    """Questions of one cluster (a passage, a template) are not independent."""
    fields: dict[str, JsonValue] = Field(default_factory=dict)
    """What the prompt and the scorers need beside the above: tests, entry point, subject."""
    id: str = ""
    """The data set's own id, else derived from the content; set when the data set is read."""
    digest: str = ""
    """Hash of everything above but the id; set when the data set is read."""
    row: int | None = None
    """Position in the official split; says where the question was found and identifies nothing."""


class ToolCall(Record):
    """One call the model asks for; `arguments` is the JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


class ToolSpec(Record):
    """What the model is told of a tool; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, JsonValue]


class Message(Record):
    """One turn of a conversation."""

    role: Role
    content: str
    reasoning: str | None = None
    """What a reasoning model thought aloud; kept apart from the answer and never scored."""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    @classmethod
    def user(cls, content: str) -> "Message":
        """Write what a user says."""
        return cls(role="user", content=content)

    @classmethod
    def system(cls, content: str) -> "Message":
        """Write what the system prompt says."""
        return cls(role="system", content=content)


class Sampling(Record):
    """How an answer is drawn. Temperature 0 is greedy."""

    max_tokens: int = Field(default=512, gt=0)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    stop: tuple[str, ...] = ()
    seed: int | None = None
    logit_bias: dict[str, float] = Field(default_factory=dict)


class Pair(Record):
    """A continuation whose log-likelihood is asked, after its context."""

    context: str
    continuation: str
    rolling: bool = False
    """Whether the continuation is a whole text, without a context, scored in windows where it is too long."""


class Request(Record):
    """What one question asks of a model: a text (`prompt` or `messages`) or log-likelihoods (`pairs`)."""

    kind: Literal["generate", "loglikelihood"]
    prompt: str = ""
    messages: tuple[Message, ...] = ()
    """The chat form, few-shots as turns; empty means one user turn holding `prompt`."""
    pairs: tuple[Pair, ...] = ()
    sampling: Sampling = Sampling()


class Call(Record):
    """One generation asked of a provider.

    `question_id`, `row` and `sample` say which answer is wanted of a provider that holds answers already
    (replay); only `sample` takes part in the identity of a response, so that K samples are K draws.
    """

    prompt: str = ""
    messages: tuple[Message, ...] = ()
    sampling: Sampling = Sampling()
    tools: tuple[ToolSpec, ...] = ()
    sample: int = 0
    question_id: str = ""
    row: int | None = None


class Completion(Record):
    """What a provider answered to a `Call`."""

    text: str
    finish_reason: FinishReason = "stop"
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class LogLikelihood(Record):
    """The sum of log-probabilities of a continuation, over `tokens` tokens."""

    logprob: float
    tokens: int
    greedy: bool | None = None
    """Whether greedy decoding would have given it; None where the backend does not tell."""


class Failure(Record):
    """Why a sample has no score: infrastructure, never the model."""

    kind: str
    message: str


class Sample(Record):
    """One model output for one question."""

    question_id: str
    index: int = 0
    output: str = ""
    finish_reason: FinishReason | None = None
    reasoning: str | None = None
    loglikelihoods: tuple[LogLikelihood, ...] = ()
    messages: tuple[Message, ...] = ()
    """The whole conversation of a multi-turn harness."""
    ended: str | None = None
    """How a multi-turn harness ended: answered, submitted, max_turns, ..."""
    missing: bool = False
    """No answer exists (a replay that lacks it): wrong, and counted."""
    failure: Failure | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    cached: bool = False


class Score(Record):
    """The judgement of one sample by one metric."""

    question_id: str
    sample_index: int = 0
    metric: str
    status: Status
    value: float | None = None
    """None exactly when the status is failed or skipped."""
    weight: float = 1.0
    """What the value is averaged by in a ratio: bytes, for bits per byte."""
    answer: str | None = None
    """What was extracted from the output."""
    explanation: str | None = None


class Checkpoint(Record):
    """One set of weights."""

    name: str
    """The spec it was named by: `embedded:runs/a/step-100`."""
    fingerprint: str
    proven: bool = True
    """Whether the fingerprint comes from the weights or an immutable revision."""
    uri: str | None = None
    training_run: str | None = None
    step: int | None = None

    @property
    def label(self) -> str:
        """What people call it: the training run's step where that is known."""
        if self.training_run is None or self.step is None:
            return self.name
        return f"{self.training_run}@{self.step}"


class Counts(Record):
    """How the samples of a run ended; `scored` to `skipped` add up to `expected` once it has ended."""

    expected: int = 0
    scored: int = 0
    truncated: int = 0
    unparsed: int = 0
    failed: int = 0
    skipped: int = 0
    unclosed: int = 0
    """Of the unparsed, those whose thought never ended."""


class MetricSummary(Record):
    """One score with its uncertainty; a number that is not defined is None and `undefined` says why."""

    value: float | None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    level: Share = 0.95
    mde: float | None = None
    """The smallest difference from a fixed value that this many questions find with 80 % power."""
    n: int
    clusters: int | None = None
    df: float | None = None
    method: str = ""
    undefined: str | None = None
    worst: float | None = None
    """The value if every failed sample had the worst score; None when nothing failed."""
    best: float | None = None
    lower_is_better: bool = False
    unit: Literal["rate", "number"] = "rate"
    """A rate is shown in percent and its differences in percentage points."""
    reduction: Reduction = "mean"
    """How the samples of a question become one number."""
    k: int = 1
    """For pass_at and pass_hat: how many tries."""
    margin: float = 0.01
    """The difference that would not matter, fixed by the task before any run."""


class Provenance(Record):
    """Where a run was made: enough to make it again."""

    command: str = ""
    commit: str | None = None
    versions: dict[str, str] = {}
    flow_run: str | None = None


class Stopped(Record):
    """Why a run asked fewer questions than its task has: the comparison it was made for was settled."""

    against: str
    """The run it was compared with while it was going on."""
    verdict: str
    reason: str
    questions: int
    """How many the task would have asked."""
    saved: int
    """How many of them were not asked."""


class LimitChange(Record):
    """What became of the number of requests allowed in flight, and why.

    `slow` is half the limit on trial, since no more got done with it; `restored` ends a trial that failed.
    `429` stands for every wish of the backend to be asked more slowly.
    """

    seconds: float = Field(ge=0)
    """Since the beginning, of steps of growth the last."""
    limit: int = Field(ge=1)
    reason: LimitReason
    times: int = Field(default=1, ge=1)
    """How many changes of this kind it stands for, where old ones were drawn together."""


class Run(Record):
    """One checkpoint, task and harness evaluated."""

    id: str
    task: str
    task_fingerprint: str
    harness: str
    harness_fingerprint: str
    checkpoint: Checkpoint
    dataset_digest: str
    asked: str = ""
    """Hash of the requests of some questions: whether answers may be scored as those of another task."""
    conditions: dict[str, str] = {}
    """Provider settings that can change an answer, such as the API used."""
    options: dict[str, str] = {}
    """What `-o` changed of the task."""
    limit: int | None = None
    seed: int = 0
    status: RunStatus = "running"
    headline: str = ""
    """Name of the metric that speaks for the run."""
    metrics: dict[str, MetricSummary] = {}
    counts: Counts = Counts()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    requested: int = 0
    """Requests sent this time; the rest came from the response log."""
    limits: tuple[LimitChange, ...] = ()
    """How many requests could be in flight in this time, for all runs of the process together."""
    started: AwareDatetime
    ended: datetime | None = None
    seconds: float | None = None
    problem: str | None = None
    """Why the run did not complete."""
    stopped: Stopped | None = None
    """Set where it stopped early, on purpose."""
    rescored_from: str | None = None
    """The run whose answers these are, where they were scored again and not asked for."""
    provenance: Provenance = Provenance()
