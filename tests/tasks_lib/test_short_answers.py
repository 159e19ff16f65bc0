"""Short answers by their authors' rules: DROP, TriviaQA, PopQA, CRUXEval's outputs."""

from pathlib import Path

import pytest

from assay.records import Question, Sample
from tasks_lib.benchmarks.cruxeval import SameLiteral, called
from tasks_lib.benchmarks.humaneval_infilling import filled
from tasks_lib.check import check
from tasks_lib.scorers.drop import DropAnswer, drop_score
from tasks_lib.scorers.program import PassesTests
from tasks_lib.scorers.trivia import MentionsAnswer, TriviaAnswer
from tasks_lib.spec import resolve_task
from tasks_lib.task import Scorer
from tests.tasks_lib.rows import Rows, task_of


def value(
    scorer: Scorer, output: str, *, target: str = "", aliases: tuple[str, ...] = (), **fields: object
) -> object:
    question = Question.model_validate({"text": "?", "target": target, "aliases": aliases, "fields": fields})
    return scorer.judge(question, Sample(question_id="q", output=output)).value


@pytest.mark.parametrize(
    ("predicted", "gold", "scores"),
    [
        (["12.0"], ["12"], (1.0, 1.0)),
        (["the 5-yard run"], ["5 yard run"], (1.0, 1.0)),
        (["5 yards"], ["6 yards"], (0.0, 0.0)),
        (["red", "blue"], ["blue", "red"], (1.0, 1.0)),
        (["red"], ["red", "blue"], (0.0, 0.5)),
        (["rain fell"], ["rain"], (0.0, 0.67)),
        ([], ["rain"], (0.0, 0.0)),
    ],
)
def test_drop_pairs_spans_and_wants_the_same_numbers(
    predicted: list[str], gold: list[str], scores: tuple[float, float]
) -> None:
    assert drop_score(predicted, gold) == scores


def test_a_list_in_words_answers_several_spans_of_drop() -> None:
    answers = [["red", "blue"], ["green"]]
    for text in ("red, blue", "Blue and red", "green"):
        assert value(DropAnswer(measure="exact"), text, answers=answers) == 1.0
    assert value(DropAnswer(measure="exact", listed=False), "red, blue", answers=answers) == 0.0
    assert value(DropAnswer(measure="f1"), "red", answers=answers) == 0.5


def test_triviaqa_turns_marks_into_blanks() -> None:
    exact, f1 = TriviaAnswer(measure="exact"), TriviaAnswer(measure="f1")
    assert value(exact, "The Mother-in-Law", target="mother in law") == 1.0
    assert value(exact, "O’Neill", target="x", aliases=("o neill",)) == 1.0
    assert value(f1, "blue bird", target="bird") == pytest.approx(2 / 3)


def test_lm_eval_keeps_the_articles_of_triviaqa() -> None:
    scorer = resolve_task("triviaqa:lm-eval", {}).headline.scorer
    assert value(scorer, "the Bird!", target="The Bird") == 1.0
    assert value(scorer, "Bird", target="The Bird") == 0.0


def test_popqa_looks_for_a_name_in_the_text() -> None:
    assert value(MentionsAnswer(), "He is a politician.", target="politics", aliases=("Politician",)) == 1.0
    assert value(MentionsAnswer(), "He is a painter.", target="Politician") == 0.0


@pytest.mark.parametrize(
    ("text", "verdict"), [("[1, 2]", 1.0), (" [1,2] ", 1.0), ("[2]", 0.0), ("f([1])", None), ("(1, 2)", 0.0)]
)
def test_an_output_is_a_literal_of_the_same_value(text: str, verdict: float | None) -> None:
    assert value(SameLiteral(), text, target="[1, 2]") == verdict


CODE: Rows = [
    {"id": f"s{n}", "code": "def f(x, y=1):\n    return [x, y]", "input": f"{n}", "output": f"[{n}, 1]"}
    for n in range(3)
]
POP: Rows = [
    {"id": n, "question": f"Who is {n}?", "prop": "job", "possible_answers": f'["Bird {n}", "bird"]'}
    for n in range(3)
]


@pytest.mark.anyio
@pytest.mark.parametrize(("spec", "rows"), [("cruxeval_o", CODE), ("popqa", POP)])
async def test_gold_answers_score_1_and_others_do_not(spec: str, rows: Rows, tmp_path: Path) -> None:
    assert await check(task_of(spec, tmp_path, rows), pool=None) == []


@pytest.mark.parametrize(
    ("output", "right"), [("2)", True), ("2) == [2, 1]", True), ("2, y=1)", True), ("3)", False)]
)
def test_any_input_that_gives_the_output_is_right(output: str, right: bool) -> None:
    question = Question(text="def f(x, y=1):\n    return [x, y]", fields={"output": "[2, 1]"})
    program = called(question, output)
    assert program is not None
    try:
        exec(program, {})
    except AssertionError:
        assert not right
    else:
        assert right


def test_an_input_without_its_bracket_is_none() -> None:
    assert called(Question(text="", fields={"output": "1"}), "2") is None


def test_a_gap_is_filled_between_prompt_and_suffix() -> None:
    fields = {
        "suffix": "    return y\n",
        "test": "def check(f):\n    assert f(1) == 2\n",
        "entry_point": "add",
    }
    question = Question(text="def add(x):\n", fields=fields)
    exec(filled(question, "    y = x + 1\n"), {})
    task = resolve_task("humaneval_infilling:multi:olmo:olmo3base", {})
    assert isinstance(task.headline.scorer, PassesTests)
    assert (task.source.config, task.samples) == ("HumanEval-MultiLineInfilling", 32)  # type: ignore[attr-defined]
