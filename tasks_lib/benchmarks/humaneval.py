"""HumanEval: Python functions completed from their docstrings (Chen et al. 2021)."""

import re
from dataclasses import replace

from assay.records import Question, Sampling
from tasks_lib.benchmarks.any_task import bits_of_gold, reworded
from tasks_lib.extract.code import defines, fenced_code
from tasks_lib.metrics import pass_at
from tasks_lib.prompts import CompletionPrompt, completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.program import PassesTests, TestedProgram
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task, always

STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
FENCED = completion("```python\n{text}", target="{target}", separator="\n\n")
FENCED_STOPS = ("\nclass", "\nif", "\nprint", "\n#", "\n```")
ANNOUNCED = completion("{text}Here is the completed function:\n\n```python\n", target="{target}")


@register("humaneval", aliases=["codex_humaneval"])
def humaneval() -> Task:
    """Python functions completed from their docstrings, judged by running their tests."""
    return Task(
        source=Hub("openai/openai_humaneval", "openai_humaneval", split="test"),
        question=question,
        prompt=completion("{text}", target="{target}", separator="\n\n"),
        metrics=pass_at(PassesTests(assemble=continued, agent=rewritten), 1),
        generate=Sampling(max_tokens=1024, stop=STOPS),
        continues=continues_prompt,
    )


@register_variant("humaneval", "instruct")
def instruct(task: Task) -> Task:
    """Ask a chat model for the whole function in a code block."""
    task_ = "Complete this Python function. Answer with the whole function in one code block."
    ask = task_ + "\n\n```python\n{text}\n```"
    return task.with_(
        prompt=completion(ask, target="{target}"),
        metrics=pass_at(PassesTests(assemble=rewritten), 1),
        generate=Sampling(max_tokens=1024),
    )


@register_variant("humaneval", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES's settings for OLMo 3: three shots from the same split, 32 samples, pass@1 to 16."""
    sampling = task.generate.model_copy(update={"temperature": 0.6, "top_p": 0.6})
    return task.with_(
        fewshot=task.source,
        shots=3,
        shot_rule="olmes-one-more",
        samples=32,
        generate=sampling,
        metrics=pass_at(PassesTests(assemble=completed, agent=rewritten), 1, 2, 4, 8, 16),
        continues=always,
    )


@register_variant("humaneval", "olmo3base")
def olmo3base(task: Task) -> Task:
    """Follow OLMo 3's base evaluation: OLMES's settings, each program in a block of code."""
    sampled = olmes(task)
    return sampled.with_(
        prompt=replace(FENCED, solved="```python\n{text}{target}```"),
        generate=sampled.generate.model_copy(update={"stop": FENCED_STOPS}),
    )


@register_variant("humaneval", "0shot")
def without_shots(task: Task) -> Task:
    """Ask without few-shots; OLMES then announces the answer, in a block of code."""
    bare = task.with_(shots=0)
    return reworded(bare, lambda prompt: ANNOUNCED) if task.dialect == "olmes" else bare


@register_variant("humaneval", "bpb")
def bpb(task: Task) -> Task:
    """Measure the bits per byte of the solution; OLMES puts one more blank before those of few-shots."""
    assert isinstance(task.prompt, CompletionPrompt)
    if task.dialect == "olmes":
        task = task.with_(prompt=replace(task.prompt, solved="{text} {target}"))
    return bits_of_gold(task)


@register_variant("humaneval", "64")
def sixty_four(task: Task) -> Task:
    """Draw 64 samples at temperature 0.2 and report pass@1, 10 and 64."""
    scorer = task.headline.scorer
    sampling = task.generate.model_copy(update={"temperature": 0.2, "top_p": 0.95})
    return task.with_(samples=64, generate=sampling, metrics=pass_at(scorer, 1, 10, 64))


def question(row: Row) -> Question:
    """Take the prompt, the reference solution, the tests and the function's name."""
    return Question(
        id=row["task_id"],
        text=row["prompt"],
        target=row["canonical_solution"],
        fields={"test": row["test"], "entry_point": row["entry_point"]},
    )


def completed(question: Question, output: str) -> TestedProgram:
    """Put prompt, completion and tests together, as the data set's authors do."""
    return tested(question, question.text + output)


def continued(question: Question, output: str) -> TestedProgram | None:
    """Put prompt, completion and tests together; a whole function, or one between fences, stands alone."""
    whole = "```" in output or "~~~" in output or not continues_prompt(question, output)
    return rewritten(question, output) if whole else completed(question, output)


def continues_prompt(question: Question, output: str) -> bool:
    """Whether an output goes on from the prompt; one that defines the function is a whole program."""
    return not defines(output, [str(question.fields["entry_point"])])


def rewritten(question: Question, output: str) -> TestedProgram | None:
    """Take the function from the code block, else the text; None where nothing was written.

    What stands before the function in the prompt stays: imports and other functions. Code that does not
    define the function continues the prompt.
    """
    entry = str(question.fields["entry_point"])
    code = fenced_code(output, names=[entry])
    if code is None:
        return None
    name = re.escape(entry)
    header = question.text[: _definition(name, question.text) or 0]
    whole = defines(code, [entry])
    return tested(question, f"{header}\n{code}" if whole else question.text + code)


def _definition(name: str, code: str) -> int | None:
    found = re.search(rf"^(?:async )?def {name}\b", code, re.MULTILINE)
    return found.start() if found else None


def tested(question: Question, program: str) -> TestedProgram:
    """Append the tests and their call; what they use beside the function is the prompt's own."""
    entry = str(question.fields["entry_point"])
    tests = f"{question.fields['test']}\ncheck({entry})"
    return TestedProgram(program, tests, context=question.text + (question.target or ""), names=[entry])
