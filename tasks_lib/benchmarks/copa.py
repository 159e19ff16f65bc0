"""COPA: the likelier cause or effect (Roemmele et al. 2011)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.prompts import cloze
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

WORDS = {"cause": "because", "effect": "therefore"}


@register("copa")
def copa() -> Task:
    """A premise and which of two sentences is its cause or effect, compared by likelihood."""
    return Task(
        source=Hub("aps/super_glue", "copa", split="validation"),
        question=question,
        prompt=cloze("{text}"),
        metrics=[choice_accuracy()],
    )


@register_variant("copa", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness, which puts two blanks before each choice."""
    return task.with_(question=lm_eval_question, shot_rule="lm-eval-one-more")


def question(row: Row) -> Question:
    """Join the premise by `because` or `therefore`, and begin the choices in small letters."""
    premise = row["premise"].strip().removesuffix(".")
    choices = (row["choice1"], row["choice2"])
    return Question(
        text=f"{premise} {WORDS[row['question']]}",
        choices=tuple(choice[0].lower() + choice[1:] for choice in choices),
        answer=row["label"],
    )


def lm_eval_question(row: Row) -> Question:
    """Take the same, whatever ends the premise dropped, each choice with a blank of its own."""
    plain = question({**row, "premise": row["premise"].strip()[:-1]})
    return plain.model_copy(update={"choices": tuple(f" {choice}" for choice in plain.choices)})
