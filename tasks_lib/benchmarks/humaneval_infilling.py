"""HumanEval with a gap: a line, several lines or any span (Bavarian et al. 2022). MIT.

Source: `loubnabnl/humaneval_infilling`. Models are trained with special tokens of their own around what
stands before and after the gap: those of OLMo and Qwen unless a variant names others. The program is what
stands before, the answer, what stands after, and the tests.
"""

from assay.records import Question, Sampling
from tasks_lib.metrics import pass_at
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.program import PassesTests, TestedProgram
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "loubnabnl/humaneval_infilling"
KINDS = {
    "single": "SingleLine",
    "multi": "MultiLine",
    "random": "RandomSpan",
    "light": "RandomSpanInfillingLight",
}
PIPED = "<|fim_prefix|>{text}<|fim_suffix|>{suffix}<|fim_middle|>"
PLAIN = "<fim_prefix>{text}<fim_suffix>{suffix}<fim_middle>"
STOPS = ("<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>", "<|file_sep|>")


@register("humaneval_infilling")
def humaneval_infilling() -> Task:
    """Python functions with a gap of one line, filled and judged by running the tests."""
    return Task(
        source=_source("single"),
        question=question,
        prompt=completion(PIPED, target="{target}"),
        metrics=pass_at(PassesTests(assemble=filled), 1),
        generate=Sampling(max_tokens=512, stop=STOPS),
    )


@register_variant("humaneval_infilling", "(single|multi|random|light)")
def gap(task: Task, kind: str) -> Task:
    """Leave out one line, several lines, any span, or one span of each function only (light)."""
    return task.with_(source=_source(kind))


@register_variant("humaneval_infilling", "olmo")
def olmo(task: Task) -> Task:
    """Ask by the special tokens of OLMo 3, which are also Qwen's."""
    return task.with_(prompt=completion(PIPED, target="{target}"))


@register_variant("humaneval_infilling", "olmo3base")
def olmo3base(task: Task) -> Task:
    """Draw answers as OLMo 3's base evaluation draws programs: 32 at temperature 0.6, pass@1 to 16."""
    sampling = task.generate.model_copy(update={"temperature": 0.6, "top_p": 0.6})
    return task.with_(samples=32, generate=sampling, metrics=pass_at(task.headline.scorer, 1, 2, 4, 8, 16))


@register_variant("humaneval_infilling", "starcoder")
def starcoder(task: Task) -> Task:
    """Ask by the special tokens of StarCoder."""
    stop = ("<|endoftext|>", "<file_sep>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>")
    sampling = task.generate.model_copy(update={"stop": stop})
    return task.with_(prompt=completion(PLAIN, target="{target}"), generate=sampling)


def question(row: Row) -> Question:
    """Take what stands before and after the gap, and what stood in it."""
    fields = {"suffix": row["suffix"], "test": row["test"], "entry_point": row["entry_point"]}
    return Question(
        id=row["task_id"],
        text=row["prompt"],
        target=row["canonical_solution"],
        cluster="/".join(row["task_id"].split("/")[1:3]),
        fields=fields,
    )


def filled(question: Question, output: str) -> TestedProgram:
    """Put the answer into the gap and append the tests; beside these stand the functions of the whole."""
    program, gold = (
        f"{question.text}{part}{question.fields['suffix']}" for part in (output, question.target)
    )
    entry = str(question.fields["entry_point"])
    return TestedProgram(program, f"{question.fields['test']}\ncheck({entry})", context=gold, names=[entry])


def _source(kind: str) -> Hub:
    name = KINDS[kind]
    return Hub(DATASET, f"HumanEval-{name if name.endswith('Light') else f'{name}Infilling'}")
