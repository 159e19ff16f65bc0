"""What is measured: a task is a value that says where questions come from, how each becomes a request,
and how an answer is extracted and scored. It knows nothing of models, tools or sandboxes in use.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, Protocol, TypeGuard

from pydantic import JsonValue

from assay.errors import BadSpec
from assay.fingerprint import fingerprint
from assay.records import Question, Reduction, Request, Sample, Sampling
from sandbox.protocol import Sandbox

Row = Mapping[str, Any]
ShotRule = Literal[
    "by_question", "first", "fixed",
    "lm-eval", "lm-eval-one-more", "olmes", "olmes-one-more", "olmes-shuffle", "llm-foundry",
]  # fmt: skip

NAMING = frozenset({"name", "dialect", "margin", "options", "source", "fewshot", "key_text"})
"""Fields that name or find things; what they lead to is hashed by its content."""


class Source(Protocol):
    """Where rows come from; building one reads nothing."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows in the official order; raises DataError."""
        ...


class Prompt(Protocol):
    """How a question becomes a request, after its few-shots."""

    def request(self, question: Question, *, shots: Sequence[Question], sampling: Sampling) -> Request:
        """Build what is asked of the model."""
        ...

    def gold(self, question: Question) -> str | None:
        """Write the right answer as it would follow the prompt; None where the question has no gold text."""
        ...


class Verdict(NamedTuple):
    """What a scorer says of one sample; `value` None means nothing could be extracted."""

    value: float | None
    answer: str | None = None
    explanation: str | None = None
    weight: float = 1.0


class Scorer(Protocol):
    """Judge one sample by its text or log-likelihoods alone."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Score the sample."""
        ...


class SandboxScorer(Protocol):
    """Judge one sample by running something; `needs` names the capabilities this takes."""

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities, such as `python`."""
        ...

    async def judge_in(self, question: Question, sample: Sample, sandbox: Sandbox) -> Verdict:
        """Score the sample inside a sandbox."""
        ...


def in_sandbox(scorer: Scorer | SandboxScorer) -> TypeGuard[SandboxScorer]:
    """Tell which kind a scorer is; asking for the protocol takes longer than judging."""
    return hasattr(scorer, "judge_in")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of a task: a scorer for each sample, and how its values become one."""

    name: str
    scorer: Scorer | SandboxScorer
    reduction: Reduction = "mean"
    k: int = 1
    """For pass_at and pass_hat: how many tries."""
    lower_is_better: bool = False
    low: float | None = 0.0
    high: float | None = 1.0
    """The range of a value, None where there is no end."""


def always(question: Question, output: str) -> bool:
    """Whatever the model writes goes on from the prompt."""
    return True


def question_text(question: Question) -> str:
    """The text of a question, by which most few-shots are known."""
    return question.text


@dataclass(frozen=True, kw_only=True)
class Task:
    """One benchmark, ready to be asked of any model under any harness."""

    source: Source
    question: Callable[[Row], Question]
    prompt: Prompt
    metrics: Sequence[Metric]
    """The first speaks for the task."""
    generate: Sampling = Sampling()
    continues: Callable[[Question, str], bool] = always
    """Whether an output goes on from the prompt, so that `generate.stop` ends it: a program may not."""
    fewshot: Source | None = None
    shots: int = 0
    shot_rule: ShotRule = "by_question"
    fixed_shots: Sequence[Question] = ()
    """The list, in order, where a dialect fixes questions that are in no data set."""
    shot_rows: Sequence[int | Mapping[str, JsonValue]] = ()
    """The list, in order, where a dialect fixes rows of `fewshot`: position, or values only that row has."""
    shot_keys: Sequence[str] = ()
    """The list, in order, where a dialect fixes texts by what they say: the `text_key` of each."""
    key_text: Callable[[Question], str] = question_text
    """What of a few-shot its key is made of."""
    shot_field: str | None = None
    """Few-shots share this field with the question, such as the subject."""
    samples: int = 1
    seed: int = 1234
    """Chooses the few-shots and the order in which a limited run takes questions."""
    margin: float = 0.01
    """The difference that would not matter; fixed before any run."""
    name: str = ""
    dialect: str = ""
    """Whose conventions the task follows; empty for our own."""
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    """What `-o` changed, for the record."""

    def with_(self, **changes: Any) -> "Task":
        """Copy the task with some fields changed."""
        return replace(self, **changes)

    @property
    def headline(self) -> Metric:
        """The metric that speaks for the task."""
        return self.metrics[0]

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities the scorers need of a sandbox."""
        scorers = [metric.scorer for metric in self.metrics]
        return frozenset().union(*(scorer.needs for scorer in scorers if in_sandbox(scorer)))

    def definition(self) -> str:
        """Hash configuration and code; the data set's digest is added when it is read. Raises BadSpec."""
        said = {key: value for key, value in vars(self).items() if key not in NAMING}
        origins = [_origin(source) for source in (self.source, self.fewshot)]
        try:
            return fingerprint([said, origins])
        except TypeError as error:
            raise BadSpec(
                f"The task {self.name!r} cannot be identified: {error}.",
                remedy="Make it of functions, dataclasses and plain values.",
            ) from error


def _origin(source: Source | None) -> Mapping[str, object]:
    """Say what names a data set; where its file lies is no part of it."""
    names = ("id", "config", "split", "revision", "category")
    return {key: getattr(source, key) for key in names if hasattr(source, key)}
