"""MedMCQA: questions of Indian medical entrance exams (Pal et al. 2022)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import LISTED_SHOT, DrawnShots, PackagedShots, follow_olmes, packaged_question
from tasks_lib.prompts import both_forms, mcq
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "openlifescienceai/medmcqa"


@register("medmcqa")
def medmcqa() -> Task:
    """Medical entrance exam questions, each choice's text compared by likelihood."""
    return Task(
        source=Hub(DATASET, split="validation"),
        fewshot=Hub(DATASET, split="train"),
        question=question,
        prompt=both_forms("Question: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("medmcqa", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: the choices are listed and their letters compared."""
    prompt = mcq("Question: {text}\nChoices:\n{options}Answer:")
    return task.with_(prompt=prompt, metrics=[choice_accuracy()], shot_rule="lm-eval")


@register_variant("medmcqa", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five shots drawn from train, likelihood for each character."""
    shots = DrawnShots(Hub(DATASET, split="train"), PackagedShots("medmcqa/mc_5shot", LISTED_SHOT))
    return follow_olmes(task, fewshot=shots, shot_rule="fixed")


def question(row: Row) -> Question:
    """Take the question and its four choices."""
    return packaged_question(row) or Question(
        id=row["id"],
        text=row["question"],
        choices=(row["opa"], row["opb"], row["opc"], row["opd"]),
        answer=row["cop"],
        fields={"subject": row["subject_name"]},
    )
