"""Rows become questions: ids, digests, limits, and what is wrong with a row."""

from pathlib import Path

import pytest

from assay.errors import BadRow, BadSpec, DatasetNotFound, DuplicateQuestion, EmptyDataset
from assay.records import Question
from assay.spool import CAPACITY
from tasks_lib.olmes import PackagedShots
from tasks_lib.questions import load, text_key
from tasks_lib.sources import Hub, Local
from tasks_lib.spec import resolve_task
from tasks_lib.task import Row, Task
from tests.tasks_lib.rows import Rows, file_of, task_of


def sums(count: int = 30) -> Rows:
    return [{"question": f"What is {n} and {n}?", "answer": f"Twice.\n#### {2 * n}"} for n in range(count)]


def named(row: Row) -> Question:
    return Question(id=str(row["id"]), text=str(row["question"]), target="x")


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return task_of("gsm8k:0shot", tmp_path, sums())


def test_ids_come_from_the_content_where_the_data_set_has_none(tmp_path: Path, task: Task) -> None:
    before = {q.text: q.id for q in load(task).questions}
    moved = {q.text: q.id for q in load(task_of("gsm8k:0shot", tmp_path, sums()[::-1])).questions}
    assert moved == before
    assert len(set(before.values())) == 30


def test_content_that_occurs_again_gets_an_id_of_its_own(tmp_path: Path) -> None:
    rows = sums(2)
    ids = [q.id for q in load(task_of("gsm8k:0shot", tmp_path, [rows[0], rows[1], rows[0]])).questions]
    assert ids[2] == f"{ids[0]}-2"
    assert len(set(ids)) == 3


def test_an_id_of_the_data_set_is_kept_and_must_be_one_questions(tmp_path: Path, task: Task) -> None:
    rows: Rows = [{"id": "b", "question": "B?"}, {"id": "a", "question": "A?"}]
    mine = task.with_(question=named, source=file_of(tmp_path, rows))
    assert [(q.id, q.row) for q in load(mine).questions] == [("b", 0), ("a", 1)]
    twice = mine.with_(source=file_of(tmp_path, [*rows, {"id": "a", "question": "Another?"}]))
    with pytest.raises(DuplicateQuestion, match="a"):
        load(twice)


def test_a_limit_is_a_prefix_of_a_fixed_shuffle(task: Task) -> None:
    ten = [q.id for q in load(task, limit=10).questions]
    assert [q.id for q in load(task, limit=4).questions] == ten[:4]
    assert sorted(ten) != sorted(q.id for q in load(task).questions[:10])
    assert {q.id for q in load(task, limit=1000).questions} == {q.id for q in load(task).questions}
    assert [q.id for q in load(task.with_(seed=1), limit=10).questions] != ten
    with pytest.raises(BadSpec, match="limit of 0"):
        load(task, limit=0)


def test_questions_beyond_those_in_memory_are_the_same(tmp_path: Path, task: Task) -> None:
    rows = sums(CAPACITY + 20)
    many = load(task_of("gsm8k:0shot", tmp_path, rows)).questions
    assert len(many) == CAPACITY + 20
    few = load(task_of("gsm8k:0shot", tmp_path, rows[-20:])).questions
    assert [q.model_copy(update={"row": q.row - CAPACITY if q.row else 0}) for q in many[CAPACITY:]] == list(
        few
    )
    limited = load(task_of("gsm8k:0shot", tmp_path, rows), limit=CAPACITY + 20).questions
    assert {q.id for q in limited} == {q.id for q in many}


def test_the_data_set_is_part_of_the_tasks_identity(tmp_path: Path, task: Task) -> None:
    before = load(task)
    assert load(task).task_fingerprint == before.task_fingerprint
    assert load(task, limit=3).task_fingerprint == before.task_fingerprint
    rows = sums()
    rows[7]["answer"] = "#### 15"
    after = load(task_of("gsm8k:0shot", tmp_path, rows))
    assert after.dataset_digest != before.dataset_digest
    assert after.task_fingerprint != before.task_fingerprint


def test_the_few_shots_are_part_of_the_tasks_identity(tmp_path: Path) -> None:
    prints = {
        load(task_of("gsm8k:2shot", tmp_path, sums(), shots=shots)).task_fingerprint
        for shots in (sums(5), sums(6))
    }
    assert len(prints) == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"question": "Q?"}, "Row 30 .* KeyError: 'answer'.*columns are question"),
        ({"question": 5, "answer": "#### 5"}, "Row 30 .* text: Input should be a valid string"),
    ],
)
def test_a_broken_row_is_one_sentence_with_its_number(
    tmp_path: Path, row: dict[str, object], said: str
) -> None:
    with pytest.raises(BadRow, match=said) as caught:
        load(task_of("gsm8k:0shot", tmp_path, [*sums(), row]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("answer", [-1, 2])
def test_an_answer_beyond_the_choices_is_a_broken_row(tmp_path: Path, answer: int) -> None:
    row = {"question": "Q?", "choices": ["a", "b"], "answer": answer, "subject": "law"}
    with pytest.raises(BadRow, match=f"the answer {answer} is none of 2 choices"):
        load(task_of("mmlu:0shot", tmp_path, [row]))


def test_an_empty_data_set_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EmptyDataset, match="no rows"):
        load(task_of("gsm8k:0shot", tmp_path, []))


def test_few_shots_that_are_not_there_name_the_way_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_DATASETS_DIR", str(tmp_path))
    task = task_of("hellaswag:olmes", tmp_path, [])
    rows = [{"activity_label": "A", "ctx_a": "b", "ctx_b": "", "endings": ["x", "y"], "label": "0"}]
    with pytest.raises(DatasetNotFound, match="hellaswag:olmes:0shot"):
        load(task.with_(source=file_of(tmp_path, rows), fewshot=Hub("Rowan/hellaswag", split="train")))


def test_fixed_rows_are_found_by_place_or_by_value(tmp_path: Path) -> None:
    task = task_of("gsm8k:2shot", tmp_path, sums(3), shots=sums(5)).with_(shot_rule="fixed")
    for rows in ((3, 1), ({"question": "What is 3 and 3?"}, {"question": "What is 1 and 1?"})):
        fixed = task.with_(shot_rows=rows)
        loaded = load(fixed)
        for question in loaded.questions:
            assert [shot.text for shot in loaded.shots(question)] == ["What is 3 and 3?", "What is 1 and 1?"]
    for rows in ((3, 9), ({"question": "none"}, 1)):
        with pytest.raises(BadRow, match="fits 0 of 5 rows"):
            load(task.with_(shot_rows=rows))


def test_texts_that_a_dialect_fixes_are_known_by_their_keys(tmp_path: Path) -> None:
    shots = sums(2)
    keys = [text_key(str(row["question"])) for row in shots]
    task = task_of("gsm8k:2shot", tmp_path, sums(3), shots=shots)
    fixed = task.with_(shot_rule="fixed", shot_keys=keys)
    assert [shot.text for shot in load(fixed).shots(load(fixed).questions[2])] == [
        row["question"] for row in shots
    ]
    others = load(fixed.with_(shot_keys=keys[::-1]))
    assert [shot.text for shot in others.shots(others.questions[2])] == [row["question"] for row in shots][
        ::-1
    ]
    with pytest.raises(BadRow, match=r"by number: 2\."):
        load(fixed.with_(shot_keys=[keys[0], text_key("What is 7 and 7?")]))


def test_a_text_key_looks_past_case_white_space_and_marks() -> None:
    assert text_key("There are 15 trees, he said.") == text_key("there are\n15 trees  he SAID –")
    assert text_key("15 trees") != text_key("16 trees")


def test_the_shots_of_olmes_must_be_its_own(tmp_path: Path) -> None:
    task = task_of("gsm8k:olmes", tmp_path, sums(3))
    missing = PackagedShots("no_such_set", "")
    with pytest.raises(DatasetNotFound, match=r"fewshot_source=FILE.*gsm8k:olmes:0shot"):
        load(task.with_(fewshot=missing))
    with pytest.raises(BadRow, match="1, 2, 3, 4, 5, 6, 7, 8"):
        load(task.with_(fewshot=file_of(tmp_path, sums(8), name="shots")))
    assert load(resolve_task("gsm8k:olmes:0shot", {}).with_(source=task.source)).questions
    assert isinstance(task.source, Local)
