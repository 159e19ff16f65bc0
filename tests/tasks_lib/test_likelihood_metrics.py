"""Each normalisation and each mean of likelihoods, on numbers that tell them apart."""

import math
from pathlib import Path

import pytest

from assay.errors import BadSpec
from assay.records import LogLikelihood, Question, Sample, Score
from tasks_lib.metrics import bits_metrics, centred, choice_accuracy, greedy_accuracy
from tasks_lib.prompts import GoldPrompt, completion
from tasks_lib.questions import load
from tasks_lib.scorers.choices import LikeliestChoice, Norm
from tasks_lib.scoring import score_text
from tasks_lib.spec import resolve_task
from tasks_lib.summary import summarise
from tests.tasks_lib.rows import task_of

CHOICES = Question(id="q", text="?", choices=("a", "bé", "cc c"), answer=0)
PROMPT = GoldPrompt(inner=completion("{text}"))


def sample(*values: tuple[float, int]) -> Sample:
    return Sample(
        question_id="q",
        loglikelihoods=tuple(LogLikelihood(logprob=logprob, tokens=tokens) for logprob, tokens in values),
    )


@pytest.mark.parametrize(
    ("norm", "values", "likeliest"),
    [
        ("none", [(-3.0, 1), (-4.0, 1), (-5.0, 1)], "A"),
        # -3/1, -4/2, -5/4 without the blank, -3/2, -4/3, -5/5 with it.
        ("characters", [(-3.0, 1), (-4.0, 1), (-9.0, 1)], "B"),
        ("characters_with_blank", [(-3.0, 1), (-4.8, 1), (-9.0, 1)], "A"),
        # `é` is two bytes: -4.1/3 beats -5.6/4, as characters -4.1/2 would not.
        ("bytes", [(-3.0, 1), (-4.1, 1), (-5.6, 1)], "B"),
        ("tokens", [(-3.0, 1), (-5.0, 2), (-8.0, 2)], "B"),
        ("unconditional", [(-3.0, 1), (-4.0, 1), (-5.0, 1), (-3.0, 1), (-4.5, 1), (-7.0, 1)], "C"),
    ],
)
def test_each_normalisation_chooses_by_its_own_length(
    norm: Norm, values: list[tuple[float, int]], likeliest: str
) -> None:
    assert LikeliestChoice(norm=norm).judge(CHOICES, sample(*values)).answer == likeliest


def test_a_centred_score_is_0_by_chance_and_1_where_all_is_right(tmp_path: Path) -> None:
    metric = centred(choice_accuracy(), chance=0.25)
    right, wrong = sample((-1.0, 1), (-2.0, 1), (-3.0, 1)), sample((-3.0, 1), (-2.0, 1), (-1.0, 1))
    values = [metric.scorer.judge(CHOICES, each).value for each in (right, wrong)]  # type: ignore[union-attr]
    assert values == [1.0, pytest.approx(-1 / 3)]
    assert sum(values[:1] + 3 * values[1:]) == pytest.approx(0)  # type: ignore[arg-type]
    assert (metric.name, metric.low, metric.high) == ("centred_accuracy", pytest.approx(-1 / 3), 1.0)
    assert resolve_task("dclm_boolq", {}).headline.low == pytest.approx(-0.62 / 0.38)


def test_the_centred_mean_is_the_centre_of_the_mean(tmp_path: Path) -> None:
    rows = [{"query": f"Is it {n}?", "choices": ["no", "yes"], "gold": 1} for n in range(4)]
    task = task_of("dclm_copa", tmp_path, rows)
    questions = load(task).questions
    scores: list[Score] = []
    for number, question in enumerate(questions):
        better = (-2.0, 1), (-1.0, 1)
        answer = sample(*better) if number else sample(*reversed(better))
        scores += score_text(task, question, answer.model_copy(update={"question_id": question.id}))
    metrics, _ = summarise(task, questions, scores, expected=4)
    assert metrics["accuracy"].value == 0.75
    assert metrics["centred_accuracy"].value == pytest.approx((0.75 - 0.5) / (1 - 0.5))


def test_bits_count_bytes_or_questions(tmp_path: Path) -> None:
    rows = [{"text": "Say", "rest": " a"}, {"text": "Say", "rest": " abcdef"}]
    task = task_of("demo_stories", tmp_path, [{"id": str(n), **row} for n, row in enumerate(rows)])
    task = task.with_(prompt=PROMPT, metrics=bits_metrics(PROMPT))
    questions = load(task).questions
    scores: list[Score] = []
    for question, nats in zip(questions, (3 * math.log(2), 8 * math.log(2)), strict=True):
        # The target is " " and the rest, so 3 and 8 bytes.
        answer = sample((-2 * nats if question.id == "0" else -nats, 1))
        scores += score_text(task, question, answer.model_copy(update={"question_id": question.id}))
    metrics, _ = summarise(task, questions, scores, expected=2)
    assert metrics["bits_per_byte"].value == pytest.approx((6 + 8) / (3 + 8))
    assert metrics["bits_per_byte_mean"].value == pytest.approx((2 + 1) / 2)
    assert [metric.name for metric in bits_metrics(PROMPT, dialect="olmes")] == [
        "bits_per_byte_mean",
        "bits_per_byte",
    ]


def test_a_greedy_match_is_the_backends_word_and_never_guessed() -> None:
    metric = greedy_accuracy()
    question = Question(id="q", text="?", target="word")
    for greedy in (True, False):
        exact = Sample(
            question_id="q", loglikelihoods=(LogLikelihood(logprob=-1.0, tokens=1, greedy=greedy),)
        )
        assert metric.scorer.judge(question, exact).value == float(greedy)  # type: ignore[union-attr]
    with pytest.raises(BadSpec, match="greedy"):
        metric.scorer.judge(question, sample((-1.0, 1)))  # type: ignore[union-attr]
