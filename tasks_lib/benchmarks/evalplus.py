"""HumanEval+ and MBPP+: code tasks with many more tests (Liu et al. 2023)."""

from assay.records import Question, Sampling
from tasks_lib.benchmarks.humaneval import STOPS, continues_prompt, tested
from tasks_lib.benchmarks.mbpp import tested_names, with_tests
from tasks_lib.extract.code import defines, fenced_code
from tasks_lib.metrics import pass_at
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.scorers.program import PassesTests, TestedProgram
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

SECONDS = 120.0
"""For all tests of a task together; right solutions take up to 30 seconds on a processor of their own."""
CALL_SECONDS = 4.0
"""For each test, as EvalPlus's evaluator allows where no right solution takes a second (none here does)."""


@register("humanevalplus")
def humanevalplus() -> Task:
    """HumanEval with many more tests; a whole program is run as it is, else it continues the prompt."""
    return Task(
        source=Hub("evalplus/humanevalplus", split="test"),
        question=human_question,
        prompt=completion("{text}", target="{target}"),
        metrics=pass_at(PassesTests(assemble=human_program, seconds=SECONDS, call_seconds=CALL_SECONDS), 1),
        generate=Sampling(max_tokens=1024, stop=STOPS),
        continues=continues_prompt,
    )


@register("mbppplus")
def mbppplus() -> Task:
    """Small Python programs written from one sentence and one test, judged by many more tests."""
    return Task(
        source=Hub("evalplus/mbppplus", split="test"),
        question=mbpp_question,
        prompt=completion('"""\n{text}\n{example}\n"""\n', target="{target}"),
        metrics=pass_at(PassesTests(assemble=mbpp_program, seconds=SECONDS, call_seconds=CALL_SECONDS), 1),
        generate=Sampling(max_tokens=1024, stop=('\n"""', "\nassert", "\nif __name__")),
    )


def human_question(row: Row) -> Question:
    """Take the prompt, the reference solution, the tests and the function's name."""
    return Question(
        id=row["task_id"],
        text=row["prompt"],
        target=row["canonical_solution"],
        fields={"test": row["test"], "entry_point": row["entry_point"]},
    )


def mbpp_question(row: Row) -> Question:
    """Take the sentence, the first test as an example, the reference solution and all tests."""
    return Question(
        id=f"Mbpp/{row['task_id']}",
        text=row["prompt"],
        target=row["code"].lstrip("\n"),
        fields={"test": row["test"], "example": row["test_list"][0]},
    )


def human_program(question: Question, output: str) -> TestedProgram | None:
    """Put program and tests together; None where nothing was written."""
    entry = str(question.fields["entry_point"])
    code = fenced_code(output, names=[entry])
    if code is None:
        return None
    program = code if defines(code, [entry]) else question.text + code
    return tested(question, program)


def mbpp_program(question: Question, output: str) -> TestedProgram | None:
    """Put program and tests together; None where nothing was written."""
    code = fenced_code(output, names=tested_names(question))
    return None if code is None else with_tests(question, code)
