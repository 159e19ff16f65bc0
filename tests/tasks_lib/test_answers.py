"""Short answers against references, as SQuAD's official program judges them."""

from pathlib import Path

import pytest

from assay.records import Question, Sample
from tasks_lib.benchmarks.mmlu_pro import STATED
from tasks_lib.questions import load
from tasks_lib.scorers.answers import SameAnswer, WordOverlap, overlap, plain
from tasks_lib.spec import resolve_task
from tests.tasks_lib.rows import Rows, task_of


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The  Cat's\tmat.", "cats mat"),
        ("an A-team", "ateam"),
        ("A. B. theory", "b theory"),
        ("\u201cquoted\u201d", "\u201cquoted\u201d"),
        ("the", ""),
    ],
)
def test_a_plain_answer(text: str, said: str) -> None:
    assert plain(text) == said


@pytest.mark.parametrize(
    ("answer", "same", "shared"),
    [
        ("The red house", 1.0, 1.0),
        ("red", 0.0, 2 / 3),
        ("a red red house", 0.0, 4 / 5),
        ("mill", 1.0, 1.0),
        ("green", 0.0, 0.0),
        ("", 0.0, 0.0),
    ],
)
def test_the_best_reference_counts(answer: str, same: float, shared: float) -> None:
    question = Question(id="q", text="?", target="red house", aliases=("the Mill",))
    sample = Sample(question_id="q", output=answer)
    assert SameAnswer().judge(question, sample).value == same
    assert WordOverlap().judge(question, sample).value == pytest.approx(shared)


def test_answers_without_words_are_the_same_and_overlap_by_nothing() -> None:
    question, sample = Question(id="q", text="?", target="---"), Sample(question_id="q", output="The.")
    assert (SameAnswer().judge(question, sample).value, overlap([], [])) == (1.0, 0.0)


def test_squad_asks_with_the_passage_which_is_a_cluster(tmp_path: Path) -> None:
    row: dict[str, object] = {"title": "My_Town", "question": "Where?", "answers": {"text": ["x", "y"]}}
    rows: Rows = [row | {"id": text, "context": text[:4]} for text in ("One. 1", "One. 2", "Two. 1")]
    task = task_of("squad", tmp_path, rows)
    loaded = load(task)
    assert loaded.request(task, loaded.questions[0]).prompt == (
        "Title: My Town\n\nPassage: One.\n\nQuestion: Where?\n\nAnswer:"
    )
    first, second, third = (question.cluster for question in loaded.questions)
    assert first == second != third
    assert loaded.questions[0].aliases == ("y",)


def test_nq_open_asks_with_a_mark(tmp_path: Path) -> None:
    task = task_of("nq_open", tmp_path, [{"question": "who sang it", "answer": ["me", "I"]}])
    loaded = load(task)
    assert loaded.request(task, loaded.questions[0]).prompt == "Q: who sang it?\nA:"
    assert (loaded.questions[0].target, loaded.questions[0].aliases) == ("me", ("I",))


def pro(number: int, thought: str = "") -> dict[str, object]:
    return {
        "question_id": number,
        "question": f"Which {number}?",
        "options": ["this", "that"],
        "answer": "B",
        "answer_index": 1,
        "cot_content": thought,
        "category": "law",
    }


def test_mmlu_pro_shows_thoughts_and_asks_for_one(tmp_path: Path) -> None:
    shots = [pro(1, "A: Let's think step by step. It is that. The answer is (B).")]
    task = task_of("mmlu_pro:1shot", tmp_path, [pro(7)], shots=shots)
    loaded = load(task)
    head = (
        "The following are multiple choice questions (with answers) about law. Think step by step and then "
        'finish your answer with "the answer is (X)" where X is the correct letter choice.\n\n'
    )
    asked = "Question:\nWhich {}?\nOptions:\nA. this\nB. that\nAnswer: Let's think step by step."
    solved = asked.format(1) + " It is that. The answer is (B).\n\n"
    assert loaded.request(task, loaded.questions[0]).prompt == head + solved + asked.format(7)
    assert loaded.questions[0].id == "7"


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("the answer is (J).", "J"),
        ("answer is C, or the answer is D", "C"),
        ("The Answer is (B)", None),
        ("Answer: B", None),
        ("answer is (K)", None),
    ],
)
def test_mmlu_pro_takes_the_first_answer_that_is_stated(text: str, letter: str | None) -> None:
    assert STATED(text) == letter


def test_mmlu_pro_compares_letters() -> None:
    scorer = resolve_task("mmlu_pro", {}).headline.scorer
    question = Question(id="q", text="?", target="It is that. The answer is (B).")
    said = ("So the answer is (B).", "The answer is (A).", "No idea.")
    values = [scorer.judge(question, Sample(question_id="q", output=text)).value for text in said]  # type: ignore[union-attr]
    assert values == [1.0, 0.0, None]
