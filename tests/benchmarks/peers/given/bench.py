"""The benchmark's questions as a task of ours, for the whole command."""

from tasks_lib.registry import register
from tasks_lib.task import Task
from tests.benchmarks.path import chat_task


@register("bench")
def bench() -> Task:
    """Ask each question once, scored on the last number."""
    return chat_task("questions.jsonl")
