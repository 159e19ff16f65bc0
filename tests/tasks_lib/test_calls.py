"""Calls of functions by their syntax tree: what is read, what fits, what each category wants."""

import json
from pathlib import Path
from typing import Any

import pytest

from assay.records import Question, Sample
from tasks_lib.check import check
from tasks_lib.questions import load
from tasks_lib.scorers.calls import Call, RightCalls, calls_in
from tasks_lib.spec import expand
from tests.tasks_lib.rows import Rows, task_of

FUNCTION = {
    "name": "shop.buy",
    "description": "Buy something.",
    "parameters": {
        "type": "dict",
        "properties": {
            "item": {"type": "string"},
            "count": {"type": "integer"},
            "price": {"type": "float"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "box": {"type": "dict"},
            "gift": {"type": "boolean"},
        },
        "required": ["item"],
    },
}
ACCEPTED = {
    "shop.buy": {
        "item": ["red ink", "ink"],
        "count": [2, ""],
        "price": [3.0, ""],
        "tags": [["New-York"], ""],
        "box": [{"size": [1, 2], "lid": [True, ""]}, ""],
        "gift": [True, ""],
    }
}


def verdict(output: str, *accepted: dict[str, Any], want: Any = "listed") -> float | None:
    question = Question(text="?", fields={"functions": [FUNCTION], "accepted": list(accepted) or [ACCEPTED]})
    return RightCalls(want=want).judge(question, Sample(question_id="q", output=output)).value


@pytest.mark.parametrize(
    "output",
    [
        "[shop.buy(item='Red_Ink')]",
        "shop.buy(item='ink', count=2, price=3)",
        '```python\n[shop.buy(item="ink", tags=["new york"])]\n```',
        "[shop.buy(item='ink', box={'size': 2})]",
        "[shop.buy(item='ink', box={'size': 1, 'lid': True}, gift=True)]",
    ],
)
def test_what_is_accepted_is_right(output: str) -> None:
    assert verdict(output) == 1.0


@pytest.mark.parametrize(
    "output",
    [
        "[buy(item='ink')]",
        "[shop.buy(count=2)]",
        "[shop.buy(item='pen')]",
        "[shop.buy(item='ink', colour='red')]",
        "[shop.buy(item='ink', count=2.0)]",
        "[shop.buy(item='ink', count=True)]",
        "[shop.buy(item='ink', tags=['new york', 'x'])]",
        "[shop.buy(item='ink', box={'size': 3})]",
        "[shop.buy(item='ink', box={'lid': True})]",
        "[shop.buy(item='ink', gift=1)]",
        "[shop.buy(item='ink'), shop.buy(item='ink')]",
    ],
)
def test_what_is_not_accepted_is_wrong(output: str) -> None:
    assert verdict(output) == 0.0


def test_the_order_of_calls_is_free_and_each_counts_once() -> None:
    one, other = {"shop.buy": {"item": ["ink"]}}, {"shop.buy": {"item": ["pen"]}}
    assert verdict("[shop.buy(item='pen'), shop.buy(item='ink')]", one, other) == 1.0
    assert verdict("[shop.buy(item='ink'), shop.buy(item='ink')]", one, other) == 0.0


@pytest.mark.parametrize("output", ["I cannot buy it.", "[1, 2]", "[shop.buy('ink')]", "shop.buy(item=", ""])
def test_what_is_no_list_of_calls_is_no_answer(output: str) -> None:
    assert calls_in(output) is None
    assert verdict(output) is None
    assert verdict(output, want="none") == 1.0
    assert verdict(output, want="some") == 0.0


def test_a_call_where_none_fits_is_wrong() -> None:
    assert verdict("[shop.buy(item='ink')]", want="none") == 0.0
    assert verdict("[shop.buy(item='ink')]", want="some") == 1.0


def test_values_that_are_no_literals_are_their_text() -> None:
    assert calls_in("f(a=(1, 2), b=-x, c=None)") == [Call("f", {"a": [1, 2], "b": "-x", "c": None})]


ROW: Rows = [
    {
        "id": "simple_0",
        "question": json.dumps([[{"role": "user", "content": "Buy ink."}]]),
        "function": json.dumps([FUNCTION]),
        "ground_truth": json.dumps([ACCEPTED]),
    }
]


@pytest.mark.anyio
async def test_the_accepted_calls_score_1_and_others_do_not(tmp_path: Path) -> None:
    task = task_of("bfcl_simple_python", tmp_path, ROW)
    assert await check(task, pool=None) == []
    loaded = load(task)
    question = loaded.questions[0]
    assert question.target == "[shop.buy(item='red ink')]"
    assert loaded.request(task, question).prompt.endswith("\n\nBuy ink.")


def test_accepted_calls_that_contradict_their_function_are_no_gold_answer(tmp_path: Path) -> None:
    rows: Rows = [{**ROW[0], "ground_truth": json.dumps([{"shop.buy": {"count": [2]}}])}]
    assert load(task_of("bfcl_simple_python", tmp_path, rows)).questions[0].target is None


def test_the_suites_have_four_categories_each() -> None:
    assert len(expand("bfcl:written")) == len(expand("bfcl:live")) == 4
