"""SciQ: science exam questions (Welbl et al. 2017)."""

import random
from dataclasses import replace

from assay.records import Question
from tasks_lib.benchmarks.any_task import reworded
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import LISTED_SHOT, DrawnShots, PackagedShots, follow_olmes, packaged_question
from tasks_lib.prompts import ChoicePrompt, TextPrompt, both_forms, cloze
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Numbered
from tasks_lib.task import Row, Task

DATASET = "allenai/sciq"
CLOZE = both_forms("Question: {text}\n")
SUPPORTED = "{passage}Question: {text}\nAnswer:"


@register("sciq")
def sciq() -> Task:
    """Science exam questions, each choice's text compared by likelihood."""
    return Task(
        source=Numbered(DATASET, split="validation"),
        fewshot=Numbered(DATASET, split="train"),
        question=question,
        prompt=CLOZE,
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("sciq", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: test split, the supporting passage first, acc and acc_norm."""
    return task.with_(
        source=Numbered(DATASET, split="test"),
        prompt=cloze("{support}\nQuestion: {text}\nAnswer:"),
        shot_rule="lm-eval",
    )


@register_variant("sciq", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five shots drawn from train, likelihood for each character."""
    shots = DrawnShots(Numbered(DATASET, split="train"), PackagedShots("sciq/mc_5shot", LISTED_SHOT))
    return follow_olmes(task, fewshot=shots, shot_rule="fixed")


@register_variant("sciq", "0shot")
def without_shots(task: Task) -> Task:
    """Ask without few-shots; OLMES's cloze form then gives the supporting passage."""
    bare = task.with_(shots=0)
    return reworded(bare, supported) if task.dialect == "olmes" else bare


@register_variant("sciq", "mc")
def mc(task: Task) -> Task:
    """List the choices in an order of each question's own and compare the likelihood of their letters."""
    return task.with_(question=shuffled_question, prompt=CLOZE.lettered(), metrics=[choice_accuracy()])


def supported(prompt: TextPrompt) -> TextPrompt:
    """Put the supporting passage before the question, in the cloze form."""
    if isinstance(prompt, ChoicePrompt) and prompt.answer == "choice":
        return replace(prompt, template=SUPPORTED)
    return prompt


def question(row: Row) -> Question:
    """Take the question and its choices, the right one last; a packaged few-shot is in order."""
    if shot := packaged_question(row):
        return shot
    support = row["support"].lstrip()
    wrong = (row["distractor1"], row["distractor2"], row["distractor3"])
    return Question(
        text=row["question"],
        choices=(*wrong, row["correct_answer"]),
        answer=3,
        fields={"support": support, "passage": f"{support}\n" if support else ""},
    )


def shuffled_question(row: Row) -> Question:
    """Shuffle the choices by the row's position, as OLMES does where it lists them."""
    plain = question(row)
    if "index" not in row:
        return plain
    order = list(range(len(plain.choices)))
    random.Random(row["index"]).shuffle(order)  # noqa: S311
    choices = tuple(plain.choices[position] for position in order)
    return plain.model_copy(update={"choices": choices, "answer": order.index(plain.answer or 0)})
