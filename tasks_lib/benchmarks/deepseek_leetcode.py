"""LeetCode's contests as DeepSeek-Coder asks them (Guo et al. 2024); no mirror holds them."""

from assay.records import Question, Sampling
from tasks_lib.benchmarks.humaneval import FENCED_STOPS
from tasks_lib.extract.code import fenced_code
from tasks_lib.metrics import pass_at
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.program import PassesTests, TestedProgram
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task


@register("deepseek_leetcode")
def deepseek_leetcode() -> Task:
    """Contest problems, the start of a class to be completed, judged by tests; not in the mirror."""
    return Task(
        source=Hub("davidheineman/deepseek-leetcode", split="test"),
        question=question,
        prompt=completion("{text}"),
        metrics=pass_at(PassesTests(assemble=completed), 1),
        generate=Sampling(max_tokens=512, stop=FENCED_STOPS),
    )


@register_variant("deepseek_leetcode", "olmo3base")
def olmo3base(task: Task) -> Task:
    """Follow OLMo 3's base evaluation: 32 answers at temperature 0.6, pass@1 to 16."""
    return task.with_(
        samples=32,
        generate=task.generate.model_copy(update={"temperature": 0.6, "top_p": 0.6}),
        metrics=pass_at(task.headline.scorer, 1, 2, 4, 8, 16),
    )


def question(row: Row) -> Question:
    """Take the start of the program and its tests; there is no reference solution."""
    return Question(id=str(row.get("task_id") or ""), text=row["prompt"], fields={"test": row["test"]})


def completed(question: Question, output: str) -> TestedProgram | None:
    """Put prompt, completion and tests together; None where nothing was written."""
    code = output if "```" not in output else fenced_code(output)
    return TestedProgram(question.text + code, str(question.fields["test"])) if code else None
