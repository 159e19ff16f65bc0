"""HumanEval+ and MBPP+ for chat models, which write whole programs into a block of code."""

from assay.records import Sampling
from tasks_lib.benchmarks.mbpp import ASK
from tasks_lib.prompts import completion
from tasks_lib.registry import register_variant
from tasks_lib.task import Task

ASK_FUNCTION = (
    "Please provide a self-contained Python script that solves the following problem in a markdown code "
    "block:\n```python\n{text}\n```\n"
)


@register_variant("humanevalplus", "instruct")
def humanevalplus(task: Task) -> Task:
    """Ask a chat model for the whole function, in EvalPlus's words."""
    answer = "```python\n{text}{target}\n```"
    return task.with_(prompt=completion(ASK_FUNCTION, target=answer), generate=Sampling(max_tokens=16384))


@register_variant("mbppplus", "instruct")
def mbppplus(task: Task) -> Task:
    """Ask a chat model for the whole program, in EvalPlus's words."""
    answer = "```python\n{target}\n```"
    return task.with_(prompt=completion(ASK, target=answer), generate=Sampling(max_tokens=16384))
