"""Variants that any task takes."""

from collections.abc import Callable
from typing import cast

from assay.errors import BadSpec
from tasks_lib.metrics import bits_metrics
from tasks_lib.prompts import ChoicePrompt, CompletionPrompt, GoldPrompt, SchemaPrompt, TextPrompt
from tasks_lib.registry import register_variant
from tasks_lib.task import Task


@register_variant("*", r"(\d+)shot")
def shots(task: Task, count: str) -> Task:
    """Change how many solved questions stand before each question."""
    if int(count) and task.fewshot is None and not (task.fixed_shots or task.shot_keys):
        raise BadSpec(
            f"The task {task.name!r} has nothing to take few-shots from.",
            remedy="Leave the variant out, or name a file: -o fewshot_source=FILE",
        )
    return task.with_(shots=int(count))


@register_variant("*", r"n(\d+)")
def samples(task: Task, count: str) -> Task:
    """Draw several samples of each question."""
    if int(count) < 1:
        raise BadSpec(f"The task {task.name!r} cannot draw {count} samples.", remedy="Write n1 or more.")
    return task.with_(samples=int(count))


@register_variant("*", "bpb")
def bpb(task: Task) -> Task:
    """Measure the bits per byte of the gold text instead; OLMES counts each question the same."""
    return task if isinstance(task.prompt, GoldPrompt) else bits_of_gold(task)


def reworded(task: Task, change: Callable[[TextPrompt], TextPrompt]) -> Task:
    """Change the words of a prompt, and where only the gold text's likelihood is asked, those before it."""
    if isinstance(task.prompt, GoldPrompt):
        return bits_of_gold(task.with_(prompt=change(task.prompt.inner)))
    return task.with_(prompt=change(cast("TextPrompt", task.prompt)))


def bits_of_gold(task: Task) -> Task:
    """Ask only for the likelihood of the gold text; raises BadSpec where there is none."""
    prompt = task.prompt
    if not isinstance(prompt, CompletionPrompt | ChoicePrompt | SchemaPrompt):
        raise BadSpec(
            f"The task {task.name!r} has no gold text after its prompt.",
            remedy="Write its prompt as a completion, or leave :bpb out.",
        )
    if isinstance(prompt, ChoicePrompt) and prompt.answer == "letter":
        raise BadSpec(
            f"The gold text of {task.name!r} is one letter, whose bits say little.",
            remedy="Measure the bits of a variant that compares the choices' texts.",
        )
    gold = GoldPrompt(inner=prompt)
    return task.with_(prompt=gold, metrics=bits_metrics(gold, dialect=task.dialect), samples=1)
