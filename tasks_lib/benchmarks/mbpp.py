"""MBPP: small Python programs from one sentence and three tests (Austin et al. 2021)."""

import re
from dataclasses import replace

from assay.records import Question, Sampling
from tasks_lib.benchmarks.any_task import reworded
from tasks_lib.extract.code import defines, fenced_code, imports
from tasks_lib.metrics import pass_at
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.program import PassesTests, TestedProgram
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "google-research-datasets/mbpp"
SECONDS = 15.0
"""For all tests of a program; the slowest reference solution takes 2 to 5 on a busy processor."""
OPEN = "```python\n"
CALLED = re.compile(r"([A-Za-z_]\w*)\s*\(")
ASK = (
    "Please provide a self-contained Python script that solves the following problem in a markdown code "
    "block:\n```\n{text}\n{example}\n```\n"
)
EVALPLUS = completion(
    ASK + "\nBelow is a Python script with a self-contained function that "
    "solves the problem and passes corresponding tests:\n```python\n",
    target=" {code}",
)
OLMO3_PROMPT = replace(
    completion(ASK + "Here is the completed function:\n\n```python\n", target="{target}"),
    solved=ASK + "{one_line}\n",
)
OLMO3_KEYS = ("6adb4454d89d2d4c", "65e0247ff40744a9", "e3f7fa94adb6cb28")
"""The tasks 2, 3 and 4."""


@register("mbpp", aliases=["codex_mbpp"])
def mbpp() -> Task:
    """Small Python programs written from one sentence and a test, judged by running all tests."""
    return Task(
        source=Hub(DATASET, "full", split="test"),
        fewshot=Hub(DATASET, "full", split="prompt"),
        shot_rule="first",
        question=question,
        prompt=completion('"""\n{text}\n{example}\n"""\n', target="{target}"),
        metrics=pass_at(PassesTests(assemble=program, seconds=SECONDS), 1),
        generate=Sampling(
            max_tokens=512, stop=("\nclass", "\nassert", '\n"""', "\nprint", "\nif", "\n```", "\n#")
        ),
    )


@register_variant("mbpp", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES's settings for OLMo 3: three shots of a shuffle, 32 samples, pass@1 to 16."""
    return task.with_(
        shots=3,
        shot_rule="olmes-shuffle",
        prompt=completion("{text}\n```python\n", target="{target}\n```"),
        samples=32,
        generate=task.generate.model_copy(update={"temperature": 0.6, "top_p": 0.6}),
        metrics=pass_at(PassesTests(assemble=opened_program, seconds=SECONDS), 1, 2, 4, 8, 16),
    )


@register_variant("mbpp", "olmo3base")
def olmo3base(task: Task) -> Task:
    """Follow OLMo 3's base evaluation: EvalPlus's words, and three shots whose code stands on one line."""
    sampled = olmes(task)
    return sampled.with_(
        shot_rule="fixed",
        shot_keys=OLMO3_KEYS,
        prompt=OLMO3_PROMPT,
        generate=sampled.generate.model_copy(update={"stop": ("```", '\n"""', "\nassert", "\n#")}),
    )


@register_variant("mbpp", "0shot")
def without_shots(task: Task) -> Task:
    """Ask without few-shots; OLMES then asks as EvalPlus does, and keeps the code's Windows line breaks.

    It shows one of the three tests, drawn without a seed; here it is the first.
    """
    bare = task.with_(shots=0)
    return reworded(bare, lambda prompt: EVALPLUS) if task.dialect == "olmes" else bare


def question(row: Row) -> Question:
    """Take the sentence, the first test as an example, the reference solution and all tests."""
    tests = "\n".join([row["test_setup_code"], *row["test_list"]]).strip()
    return Question(
        id=f"Mbpp/{row['task_id']}",
        text=row["text"].strip(),
        target=row["code"].rstrip().replace("\r", ""),
        fields={
            "test": tests,
            "example": row["test_list"][0],
            "code": row["code"],
            "one_line": " ".join(row["code"].splitlines()),
        },
    )


def tested_names(question: Question) -> list[str]:
    """What the first test calls: the names by which a program's block is known."""
    test = question.fields.get("example") or question.fields.get("test") or ""
    return CALLED.findall(str(test))


def opened_program(question: Question, output: str) -> TestedProgram | None:
    """Put program and tests together where the prompt has opened the block of code that the output closes.

    One blank before the program, which OLMES's gold text has, is none of it.
    """
    return program(question, output if OPEN in output else OPEN + output.removeprefix(" "))


def program(question: Question, output: str) -> TestedProgram | None:
    """Put program and tests together; None where nothing was written."""
    code = fenced_code(output, names=tested_names(question))
    return None if code is None else with_tests(question, code)


def with_tests(question: Question, code: str) -> TestedProgram:
    """Append the tests; what the reference solution imports is there for them too."""
    gold = question.target or ""
    names = [name for name in tested_names(question) if defines(gold, [name])]
    return TestedProgram(code, str(question.fields["test"]), context=imports(gold), names=names)
