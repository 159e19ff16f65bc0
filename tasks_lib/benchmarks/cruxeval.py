"""CRUXEval: what short Python functions return, and what they must be given (Gu et al. 2024). MIT.

Source: `cruxeval-org/cruxeval`. A predicted output must be a literal and equal the true one; a predicted
input is right where the function, run in a sandbox, returns what it should, whatever the input is.
"""

import ast
from dataclasses import dataclass

from assay.records import Question, Sample, Sampling
from tasks_lib.metrics import accuracy, pass_at
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.scorers.program import PassesTests
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task, Verdict

DATASET = "cruxeval-org/cruxeval"


@dataclass(frozen=True, kw_only=True)
class SameLiteral:
    """1 where the text is a Python literal that equals the target's."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Read both as literals and compare."""
        text = sample.output.strip()
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return Verdict(None)
        wanted = ast.literal_eval(question.target or "")
        return Verdict(float(value == wanted), text)


@register("cruxeval_o")
def outputs() -> Task:
    """Short Python functions and their input: the output as a literal."""
    return Task(
        source=Hub(DATASET),
        question=output_question,
        prompt=completion("{text}\n\nassert f({input}) =="),
        metrics=[accuracy(SameLiteral())],
        generate=Sampling(max_tokens=256, stop=("\n",)),
    )


@register("cruxeval_i")
def inputs() -> Task:
    """Short Python functions and their output: an input that gives it, pass@1."""
    return Task(
        source=Hub(DATASET),
        question=input_question,
        prompt=completion(
            "{text}\n\n# The input that makes this true:\n# f(?) == {output}\nassert f(", target="{target})"
        ),
        metrics=pass_at(PassesTests(assemble=called), 1),
        generate=Sampling(max_tokens=256, stop=("\n",)),
    )


def output_question(row: Row) -> Question:
    """Take the function, its input and its output."""
    return Question(id=row["id"], text=row["code"], target=row["output"], fields={"input": row["input"]})


def input_question(row: Row) -> Question:
    """Take the function, its output and an input that gives it."""
    return Question(id=row["id"], text=row["code"], target=row["input"], fields={"output": row["output"]})


def called(question: Question, output: str) -> str | None:
    """Call the function with what stands before the comparison, if any, and the last bracket."""
    call = output.strip().partition("\n")[0].rpartition(" == ")[0] or output.strip().partition("\n")[0]
    if not call.endswith(")"):
        return None
    return f"{question.text}\nassert f({call[:-1]}\n) == {question.fields['output']}\n"
