"""One sample becomes one score for each metric, with its status."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from assay.errors import BadSpec, SandboxUnavailable
from assay.records import Failure, LogLikelihood, Question, Sample
from sandbox.protocol import Sandbox
from tasks_lib.metrics import accuracy, bits_per_byte, choice_accuracy, pass_at
from tasks_lib.prompts import GoldPrompt, cloze, completion
from tasks_lib.scorers.choices import LikeliestChoice, Norm, WrittenLetter
from tasks_lib.scorers.program import PassesTests
from tasks_lib.scorers.text import exact_match
from tasks_lib.scoring import score_sample, score_text
from tasks_lib.spec import resolve_task
from tasks_lib.task import Metric, Task

pytestmark = pytest.mark.anyio

QUESTION = Question(id="q", text="?", choices=("a", "bbb", "ééé"), answer=1)


def likelihoods(*values: float, tokens: Sequence[int] = ()) -> Sample:
    counts = tokens or [1] * len(values)
    found = tuple(LogLikelihood(logprob=v, tokens=n) for v, n in zip(values, counts, strict=True))
    return Sample(question_id="q", loglikelihoods=found)


@pytest.mark.parametrize(
    ("norm", "values", "tokens", "chosen"),
    [
        ("none", (-2.0, -3.0, -4.0), (), "A"),
        # per character: -2, -1, -4/3
        ("characters", (-2.0, -3.0, -4.0), (), "B"),
        # per byte: -2, -1, -4/6
        ("bytes", (-2.0, -3.0, -4.0), (), "C"),
        # with the blank: -3/2, -8/4, -9/4; without it B (-8/3) would lose to C and A alike
        ("characters_with_blank", (-3.0, -8.0, -9.0), (), "A"),
        ("characters_with_blank", (-4.4, -8.0, -9.0), (), "B"),
        ("characters", (-4.4, -8.0, -9.0), (), "B"),
        ("characters", (-2.5, -8.0, -9.0), (), "A"),
        ("tokens", (-2.0, -3.0, -4.0), (1, 1, 4), "C"),
        # less the likelihood alone: -1, -3, 0
        ("unconditional", (-2.0, -3.0, -4.0, -1.0, 0.0, -4.0), (), "C"),
        # equal values: the first
        ("none", (-2.0, -2.0, -2.0), (), "A"),
        ("none", (-3.0, -2.0, -2.0), (), "B"),
    ],
)
def test_the_likeliest_choice(
    norm: Norm, values: tuple[float, ...], tokens: tuple[int, ...], chosen: str
) -> None:
    verdict = LikeliestChoice(norm=norm).judge(QUESTION, likelihoods(*values, tokens=tokens))
    assert verdict.answer == chosen
    assert verdict.value == float(chosen == "B")


def test_a_blank_before_the_choice_changes_who_wins() -> None:
    values = (-1.9, -3.9, -99.0)
    per_character = LikeliestChoice(norm="characters").judge(QUESTION, likelihoods(*values))
    with_blank = LikeliestChoice(norm="characters_with_blank").judge(QUESTION, likelihoods(*values))
    assert (per_character.answer, with_blank.answer) == ("B", "A")


def test_a_choice_that_was_written_is_judged_by_its_letter() -> None:
    for scorer in (LikeliestChoice(), WrittenLetter()):
        assert scorer.judge(QUESTION, Sample(question_id="q", output="Answer: B")).value == 1
        assert scorer.judge(QUESTION, Sample(question_id="q", output="Answer: A")).value == 0
        assert scorer.judge(QUESTION, Sample(question_id="q", output="Answer: D")).value is None


def test_bits_per_byte_count_the_blank_and_weigh_by_bytes() -> None:
    prompt = GoldPrompt(inner=completion("{text}"))
    question = Question(id="q", text="?", target="éa")
    scorer = bits_per_byte(prompt).scorer
    verdict = scorer.judge(question, likelihoods(-math.log(2) * 8))  # type: ignore[union-attr]
    assert verdict.value == pytest.approx(2.0)
    assert verdict.weight == len(" éa".encode()) == 4
    with pytest.raises(BadSpec, match="log-likelihoods"):
        scorer.judge(question, Sample(question_id="q", output="x"))  # type: ignore[union-attr]


def test_a_question_without_gold_has_no_bits() -> None:
    prompt = GoldPrompt(inner=completion("{text}"))
    with pytest.raises(BadSpec, match="no gold text"):
        prompt.request(Question(id="q", text="?"), shots=(), sampling=resolve_task("gsm8k", {}).generate)
    gold = GoldPrompt(inner=cloze("{text}")).gold(QUESTION)
    assert gold == " bbb"


def test_an_answer_may_equal_an_alias() -> None:
    scorer = exact_match(normalise=str.lower)
    question = Question(id="q", text="?", target="One", aliases=("1",))
    assert [scorer.judge(question, Sample(question_id="q", output=o)).value for o in ("one ", "1", "2")] == [
        1, 1, 0,
    ]  # fmt: skip
    assert scorer.judge(question, Sample(question_id="q", output=" ")).value is None


def text_task(*metrics: Metric) -> Task:
    return resolve_task("gsm8k", {}).with_(metrics=metrics or [accuracy(exact_match())])


@pytest.mark.parametrize(
    ("sample", "status", "value"),
    [
        (Sample(question_id="q", output="yes"), "scored", 1.0),
        (Sample(question_id="q", output="no"), "scored", 0.0),
        (Sample(question_id="q", output="yes", finish_reason="length"), "truncated", 1.0),
        (Sample(question_id="q", output="", finish_reason="length"), "unparsed", 0.0),
        (Sample(question_id="q", output=" "), "unparsed", 0.0),
        (Sample(question_id="q", missing=True), "unparsed", 0.0),
        (Sample(question_id="q", output="yes", failure=Failure(kind="x", message="down")), "failed", None),
    ],
)
async def test_each_sample_ends_with_one_status(sample: Sample, status: str, value: float | None) -> None:
    question = Question(id="q", text="?", target="yes")
    scores = await score_sample(text_task(), question, sample, pool=None)
    assert [(score.status, score.value) for score in scores] == [(status, value)]
    assert score_text(text_task(), question, sample) == scores


async def test_there_is_one_score_for_each_metric_in_order() -> None:
    task = text_task(choice_accuracy(), choice_accuracy("characters", name="acc_norm"))
    scores = await score_sample(task, QUESTION, likelihoods(-2.0, -3.0, -40.0), pool=None)
    assert [(s.metric, s.value) for s in scores] == [("accuracy", 0.0), ("acc_norm", 1.0)]


class Broken:
    """A pool whose sandboxes break while a program runs."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.leased = 0

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Sandbox]:
        self.leased += 1
        if self.left:
            self.left -= 1
            raise SandboxUnavailable("It broke.")
        yield None  # type: ignore[misc]


class Counted(PassesTests):
    """A scorer that needs a sandbox and counts how often it judges."""

    async def judge_in(self, question: Question, sample: Sample, sandbox: Sandbox) -> object:  # type: ignore[override]
        return exact_match().judge(question, sample)


@pytest.mark.parametrize(
    ("broken", "status", "leased"), [(0, "scored", 1), (1, "scored", 2), (2, "failed", 2)]
)
async def test_a_sandbox_that_breaks_is_replaced_once_and_never_a_zero(
    broken: int, status: str, leased: int
) -> None:
    pool = Broken(broken)
    task = text_task(*pass_at(Counted(assemble=lambda question, output: output), 1, 2))
    question = Question(id="q", text="?", target="yes")
    scores = await score_sample(task, question, Sample(question_id="q", output="yes"), pool=pool)
    assert [(s.metric, s.status, s.value) for s in scores] == [
        (name, status, 1.0 if status == "scored" else None) for name in ("pass@1", "pass@2")
    ]
    assert pool.leased == leased
