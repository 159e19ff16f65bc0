"""The Berkeley Function-Calling Leaderboard, its single-turn part in Python (Patil et al. 2025). Apache-2.0.

Source: `gorilla-llm/Berkeley-Function-Calling-Leaderboard`, in the mirror's layout with one configuration a
category. Functions stand in the prompt and calls are written as Python, as in the leaderboard's form for
models without tool calls, in words of our own. Java, JavaScript, and several turns are left out. Four of
3,541 questions cannot be answered rightly, here as there: their accepted calls contradict their functions.
"""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from assay.records import Question, Sampling
from tasks_lib.metrics import accuracy
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_suite
from tasks_lib.scorers.calls import OPTIONAL, RightCalls, calls_in, fits
from tasks_lib.sources import Hub
from tasks_lib.suites.suite import Suite, suite
from tasks_lib.task import Row, Task

DATASET = "gorilla-llm/Berkeley-Function-Calling-Leaderboard"
WRITTEN = ("simple_python", "multiple", "parallel", "parallel_multiple")
LIVE = ("live_simple", "live_multiple", "live_parallel", "live_parallel_multiple")
NONE = ("irrelevance", "live_irrelevance")
ASK = (
    "You can call these functions, each described by JSON:\n{functions_text}\n\n"
    "Answer the request below with calls of these functions and nothing else, written as a Python list with "
    "named arguments: [name(first=1, second='x'), other(third=[2.5])]. If no function fits, or an argument "
    "that is required is not given, say so in words and call nothing.\n\n{text}"
)


def bfcl(category: str) -> Task:
    """Ask for the calls of one category."""
    want = "none" if category in NONE else "some" if category == "live_relevance" else "listed"
    return Task(
        source=Hub(DATASET, category, split="test"),
        question=question,
        prompt=completion(ASK, target="{target}"),
        metrics=[accuracy(RightCalls(want=want))],  # type: ignore[arg-type]
        generate=Sampling(max_tokens=1024),
    )


def question(row: Row) -> Question:
    """Take the request, the functions and the accepted calls; these three are JSON."""
    turns = json.loads(row["question"])
    if len(turns) != 1:
        raise ValueError(f"{len(turns)} turns")
    functions, accepted = json.loads(row["function"]), json.loads(row["ground_truth"] or "null")
    return Question(
        id=row["id"],
        text="\n\n".join(message["content"] for message in turns[0]),
        target=None if accepted is None else _attainable(accepted, functions),
        fields={
            "functions_text": json.dumps(functions, ensure_ascii=False),
            "functions": functions,
            "accepted": accepted,
        },
    )


def gold(accepted: list[Mapping[str, Mapping[str, list[Any]]]], *, functions: list[Mapping[str, Any]]) -> str:
    """Write calls with the first accepted value of each parameter that cannot be left out."""
    required = {each["name"]: each["parameters"].get("required", ()) for each in functions}
    calls = []
    for wanted in accepted:
        name, parameters = next(iter(wanted.items()))
        given = {
            key: next((value for value in values if value != OPTIONAL), OPTIONAL)
            for key, values in parameters.items()
            if OPTIONAL not in values or key in required.get(name, ())
        }
        arguments = ", ".join(f"{key}={_first(value)!r}" for key, value in given.items())
        calls.append(f"{name}({arguments})")
    return f"[{', '.join(calls)}]"


def _attainable(accepted: list[Any], functions: list[Any]) -> str | None:
    """The accepted calls; None for a few questions whose accepted calls contradict their own functions."""
    text = gold(accepted, functions=functions)
    known = {each["name"]: each for each in functions}
    calls = calls_in(text) or []
    right = all(fits(call, wanted, known) for call, wanted in zip(calls, accepted, strict=True))
    return text if right else None


def _first(value: Any) -> Any:
    """Choose the first accepted value inside a dictionary, whose values are lists of them."""
    if isinstance(value, dict):
        kept = {
            key: values if isinstance(values, list) else [values]
            for key, values in value.items()
            if not (isinstance(values, list) and OPTIONAL in values)
        }
        return {key: _first(values[0]) for key, values in kept.items()}
    return [_first(each) for each in value] if isinstance(value, list) else value


for _category in (*WRITTEN, *LIVE, *NONE, "live_relevance"):
    _about = _category.replace("_", " ")
    register(f"bfcl_{_category}", about=f"Function calls ({_about}), compared by their syntax tree.")(
        partial(bfcl, _category)
    )


@register_suite("bfcl:written")
def written() -> Suite:
    """Function calls of questions written for the purpose, in Python: the mean of four categories."""
    return suite(*(f"bfcl_{category}" for category in WRITTEN))


@register_suite("bfcl:live")
def live() -> Suite:
    """Function calls of questions that users asked, each question counting the same."""
    return suite(*(f"bfcl_{category}" for category in LIVE), aggregate="questions")
