"""Few-shots belong to the question: whatever else is asked, it gets the same."""

import random
from pathlib import Path

import pytest

from assay.errors import BadSpec, DatasetNotFound
from tasks_lib.questions import Loaded, load
from tasks_lib.task import Task
from tests.tasks_lib.rows import Rows, file_of, task_of


def sums(first: int, count: int) -> Rows:
    return [{"question": f"What is {n}?", "answer": f"#### {n}"} for n in range(first, first + count)]


def given(loaded: Loaded) -> dict[str, list[str]]:
    return {q.text: [shot.text for shot in loaded.shots(q)] for q in loaded.questions}


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return task_of("gsm8k:3shot", tmp_path, sums(0, 20), shots=sums(100, 50))


@pytest.mark.parametrize("rule", ["by_question", "first", "lm-eval", "lm-eval-one-more"])
def test_a_limit_and_another_order_change_no_questions_shots(
    tmp_path: Path, task: Task, rule: object
) -> None:
    task = task.with_(shot_rule=rule)
    whole = given(load(task))
    assert all(len(set(shots)) == 3 for shots in whole.values())
    assert given(load(task)) == whole
    part = given(load(task, limit=5))
    assert {text: whole[text] for text in part} == part
    if rule in {"by_question", "first"}:
        fewer = task.with_(source=file_of(tmp_path, sums(0, 20)[::-2]))
        assert {text: whole[text] for text in given(load(fewer))} == given(load(fewer))


def test_questions_draw_different_shots_and_another_seed_draws_others(task: Task) -> None:
    drawn = given(load(task))
    assert len({tuple(shots) for shots in drawn.values()}) > 15
    assert given(load(task.with_(seed=1))) != drawn


def test_more_shots_begin_with_the_fewer(task: Task) -> None:
    fewer, more = given(load(task)), given(load(task.with_(shots=5)))
    assert all(more[text][:3] == fewer[text] for text in fewer)


@pytest.mark.parametrize("rule", ["by_question", "first", "lm-eval"])
def test_a_question_is_never_its_own_shot(tmp_path: Path, rule: object) -> None:
    rows = sums(0, 6)
    task = task_of("gsm8k:5shot", tmp_path, rows).with_(shot_rule=rule)
    for text, shots in given(load(task.with_(fewshot=task.source))).items():
        assert text not in shots
        assert len(shots) == 5


@pytest.mark.parametrize("rule", ["by_question", "first", "lm-eval", "fixed"])
def test_too_few_to_draw_from_is_one_sentence(tmp_path: Path, rule: object) -> None:
    task = task_of("gsm8k:3shot", tmp_path, sums(0, 3), shots=sums(9, 2)).with_(shot_rule=rule)
    with pytest.raises(BadSpec, match="asks for 3 few-shots and there are 2"):
        load(task)
    with pytest.raises(BadSpec, match="there are 0"):
        load(task.with_(fewshot=None))


def test_few_shots_that_only_a_file_holds_are_missing_data(tmp_path: Path) -> None:
    task = task_of("gsm8k:2shot", tmp_path, sums(0, 3), shots=sums(9, 2))
    listed = task.with_(fewshot=None, shot_rule="fixed", shot_keys=("a", "b"))
    with pytest.raises(DatasetNotFound, match=r"in no data set.*gsm8k:2shot:0shot"):
        load(listed)


@pytest.mark.parametrize("rule", ["by_question", "first"])
def test_copies_of_the_question_are_nothing_to_draw_from(tmp_path: Path, rule: object) -> None:
    rows = sums(0, 1)
    task = task_of("gsm8k:2shot", tmp_path, rows, shots=[*rows, *rows, *rows, *sums(9, 1)])
    loaded = load(task.with_(shot_rule=rule))
    with pytest.raises(BadSpec, match="asks for 2 few-shots and there are 1"):
        loaded.shots(loaded.questions[0])


def test_the_first_of_the_subject_are_taken_in_order(tmp_path: Path) -> None:
    def row(subject: str, n: int) -> dict[str, object]:
        return {"question": f"{subject} {n}?", "choices": ["a", "b"], "answer": n % 2, "subject": subject}

    pool = [row(subject, n) for n in range(4) for subject in ("law", "art")]
    task = task_of("mmlu:3shot", tmp_path, [row("art", 2), row("law", 9)], shots=pool)
    assert given(load(task)) == {
        "art 2?": ["art 0?", "art 1?", "art 3?"],
        "law 9?": ["law 0?", "law 1?", "law 2?"],
    }
    alone = task_of("mmlu:3shot", tmp_path, [row("music", 1)], shots=pool)
    with pytest.raises(BadSpec, match="there are 0"):
        given(load(alone))


@pytest.mark.parametrize(("rule", "extra"), [("lm-eval", 0), ("lm-eval-one-more", 1)])
def test_lm_evals_stream_is_one_generator_for_all_questions(task: Task, rule: object, extra: int) -> None:
    stream = random.Random(1234)
    expected = [[f"What is {100 + n}?" for n in stream.sample(range(50), 3 + extra)[:3]] for _ in range(20)]
    assert list(given(load(task.with_(shot_rule=rule))).values()) == expected


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        (7473, [[6374, 3610, 957, 61, 742], [7462, 6610, 4769, 286, 5501], [5677, 687, 806, 6279, 2905]]),
        (2251, [[1805, 478, 30, 371, 143], [343, 403, 1452, 969, 71], [126, 64, 1417, 1983, 1898]]),
        (1119, [[902, 239, 15, 185, 71], [171, 201, 726, 484, 35], [63, 32, 708, 991, 949]]),
    ],
    ids=["gsm8k", "arc_easy", "arc_challenge"],
)
def test_lm_evals_stream_takes_the_rows_it_is_known_for(
    tmp_path: Path, size: int, rows: list[list[int]]
) -> None:
    loaded = load(task_of("gsm8k:lm-eval:5shot", tmp_path, sums(-3, 3), shots=sums(0, size)))
    assert [[shot.row for shot in loaded.shots(question)] for question in loaded.questions] == rows


@pytest.mark.parametrize("rule", ["by_question", "first"])
def test_a_question_in_other_words_of_its_answer_is_never_shown(tmp_path: Path, rule: object) -> None:
    twins = [{"question": f"what is  {n} ?", "answer": f"It is plain:\n#### {n}"} for n in range(20)]
    task = task_of("gsm8k:5shot", tmp_path, sums(0, 20), shots=[*twins, *sums(100, 5)])
    for text, shots in given(load(task.with_(shot_rule=rule))).items():
        assert len(shots) == 5
        assert text.replace("What is ", "what is  ").replace("?", " ?") not in shots


def test_where_only_twins_are_left_there_are_fewer_shots(tmp_path: Path) -> None:
    twins = [{"question": f"what is  {n}?", "answer": f"#### {n}"} for n in range(3)]
    shots = given(load(task_of("gsm8k:3shot", tmp_path, sums(0, 4), shots=twins)))
    assert [len(shots[f"What is {n}?"]) for n in range(4)] == [2, 2, 2, 3]
