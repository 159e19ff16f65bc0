"""The forms that any multiple-choice task takes: cloze, listed choices, a written letter.

`rc` is OLMES's name of the cloze form (rank classification), `mc` that of the listed one.
"""

from dataclasses import replace

from assay.errors import BadSpec
from assay.records import Sampling
from tasks_lib.metrics import accuracy, choice_accuracy, cloze_metrics
from tasks_lib.prompts import ChoicePrompt, SchemaPrompt, written
from tasks_lib.registry import register_variant
from tasks_lib.scorers.choices import WrittenLetter
from tasks_lib.task import Task

UNCONDITIONAL = "Answer:"
THINK = (
    "\nReason step by step, and end with the sentence `Therefore, the answer is X.`, where X is the letter "
    "of a choice."
)


@register_variant("*", "rc|cloze")
def rc(task: Task) -> Task:
    """Compare the likelihood of each choice's text, for each character where the task has no other norm."""
    if isinstance(task.prompt, SchemaPrompt):
        return task.with_()
    prompt = _choices(task)
    if "{options}" in prompt.template:
        raise BadSpec(f"The choices of {task.name!r} are letters only.", remedy="Use :mc or :text.")
    metrics = task.metrics
    if prompt.answer == "letter":
        metrics = cloze_metrics("characters_with_blank" if task.dialect == "olmes" else "characters")
    return task.with_(prompt=replace(prompt, answer="choice", ask="likelihood"), metrics=metrics)


@register_variant("*", "mc")
def mc(task: Task) -> Task:
    """List the choices and compare the likelihood of their letters."""
    return task.with_(prompt=_listed(task), metrics=[choice_accuracy()])


@register_variant("*", "text")
def text(task: Task) -> Task:
    """List the choices and let the model write a letter, for endpoints without likelihoods."""
    prompt = _listed(task)
    return task.with_(
        prompt=written(replace(prompt, option=prompt.option.lstrip(), turns=True)),
        metrics=[accuracy(WrittenLetter())],
        generate=Sampling(max_tokens=32),
    )


@register_variant("*", "cot")
def reasoned(task: Task) -> Task:
    """List the choices, without shots, and let a chat model reason before it writes a letter."""
    lettered = text(task)
    assert isinstance(lettered.prompt, ChoicePrompt)
    listed = (lettered.prompt.listed or lettered.prompt.template).removesuffix("Answer:") + THINK
    return lettered.with_(
        prompt=replace(lettered.prompt, listed=listed), shots=0, generate=Sampling(max_tokens=16384)
    )


@register_variant("*", "pmi")
def pmi(task: Task) -> Task:
    """Compare each choice's likelihood with that after `Answer:` alone (pointwise mutual information)."""
    prompt = _choices(task)
    if prompt.answer == "letter":
        raise BadSpec(f"{task.name!r} compares letters, not texts.", remedy="Write :rc before :pmi.")
    headline = choice_accuracy("unconditional", name="acc_uncond")
    others = [metric for metric in task.metrics if metric.name != headline.name]
    return task.with_(prompt=replace(prompt, unconditional=UNCONDITIONAL), metrics=[headline, *others])


def _listed(task: Task) -> ChoicePrompt:
    prompt = _choices(task)
    if not prompt.listed and "{options}" not in prompt.template:
        raise BadSpec(f"{task.name!r} has no form that lists its choices.", remedy="Leave the variant out.")
    return prompt.lettered()


def _choices(task: Task) -> ChoicePrompt:
    if not isinstance(task.prompt, ChoicePrompt):
        raise BadSpec(
            f"{task.name!r} does not ask for one of several choices here.",
            remedy="Leave the variant out, or write it before others.",
        )
    return task.prompt
