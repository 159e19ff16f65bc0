"""Mathematical answers: boxes, notations, equality by meaning, comparisons that do not end."""

from pathlib import Path

import pytest

from assay.records import Question, Sample
from tasks_lib.check import check
from tasks_lib.mathematics.boxed import last_boxed
from tasks_lib.mathematics.equality import Comparer
from tasks_lib.mathematics.notation import same_notation
from tasks_lib.scorers.mathematics import SameMathematics, SameNotation
from tasks_lib.spec import resolve_task
from tests.tasks_lib.rows import Rows, task_of


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"So \boxed{1}, no: \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"\boxed{3} or \boxed{4", "3"),
        (r"\fbox{x}", "x"),
        ("none", None),
    ],
)
def test_the_last_closed_box_counts(text: str, answer: str | None) -> None:
    assert last_boxed(text) == answer


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (r"\tfrac12", r"\frac{1}{2}", True),
        ("0.5", "1/2", True),
        (r"x=5\%", "5", True),
        (r"10\text{ cm}", "10", True),
        (r"\sqrt3", r"\sqrt{3}", True),
        (r"\left(1,2\right)", "(1, 2)", True),
        ("2/4", "1/2", False),
        ("x+y=1", "1", False),
    ],
)
def test_one_notation_computes_nothing(one: str, other: str, equal: bool) -> None:
    assert same_notation(one, other) is equal


def test_two_missing_answers_are_the_same() -> None:
    assert same_notation(None, None)
    assert not same_notation(None, "1")


def judged(output: str, gold: str) -> tuple[float | None, str | None]:
    question = Question(text="?", target="no box", fields={"answer": gold})
    value, answer, *_ = SameMathematics().judge(question, Sample(question_id="q", output=output))
    return value, answer


@pytest.mark.parametrize(
    ("output", "gold", "verdict"),
    [
        (r"It is $\boxed{\frac{2}{4}}$.", r"\frac12", (1.0, r"\frac{2}{4}")),
        ("The answer is 12.", "12", (1.0, "12")),
        (r"\boxed{13}", "12", (0.0, "13")),
        (r"\boxed{(x+1)^2}", "x^2+2x+1", (1.0, "(x+1)^2")),
    ],
)
def test_equal_by_meaning_is_right(output: str, gold: str, verdict: tuple[float, str]) -> None:
    pytest.importorskip("math_verify")
    assert judged(output, gold) == verdict


def test_a_text_without_mathematics_has_no_answer() -> None:
    pytest.importorskip("math_verify")
    assert judged("I cannot say", "12") == (None, None)


def test_without_a_box_the_authors_rule_has_no_answer() -> None:
    question = Question(text="?", fields={"answer": "1"})
    assert SameNotation().judge(question, Sample(question_id="q", output="1")).value is None


def test_a_comparison_that_takes_too_long_is_ended_and_the_next_one_works() -> None:
    pytest.importorskip("math_verify")
    comparer = Comparer()
    assert comparer.compare("$1$", answer="$1$", kinds=["latex"]).equal
    comparer._seconds = 0.0
    assert not comparer.compare("$2$", answer="$2$", kinds=["latex"]).in_time
    comparer._seconds = 20.0
    assert comparer.compare("$3$", answer="$3$", kinds=["latex"]).equal
    comparer.close()


MATHS: Rows = [
    {"problem": f"{n}+1?", "level": "Level 1", "type": "Algebra", "solution": f"It is $\\boxed{{{n + 1}}}$."}
    for n in range(2)
]
CONTEST: Rows = [{"id": 60 + n, "problem": f"{n}+1?", "answer": n + 1} for n in range(2)]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("spec", "rows"),
    [
        ("minerva_math:subject-algebra", MATHS),
        ("math500", MATHS),
        ("math500:chat", MATHS),
        ("aime25", CONTEST),
        ("hmmt_feb_2026", CONTEST),
    ],
)
async def test_gold_answers_score_1_and_others_do_not(spec: str, rows: Rows, tmp_path: Path) -> None:
    pytest.importorskip("math_verify")
    task = task_of(spec, tmp_path, rows)
    assert await check(task, pool=None) == []
    assert task.definition() == task_of(spec, tmp_path, rows).definition()


def test_repeats_are_part_of_a_contest() -> None:
    task = resolve_task("aime25", {})
    assert (task.samples, task.generate.temperature, task.generate.max_tokens) == (32, 1.0, 32768)
    assert [metric.name for metric in task.metrics] == ["accuracy", "pass@32"]
    base = resolve_task("minerva_math:olmo3base", {})
    assert (base.samples, base.shots, base.generate.top_p) == (4, 4, 0.6)
