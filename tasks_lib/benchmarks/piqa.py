"""PIQA: which of two ways reaches a goal (Bisk et al. 2020)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes, with_choices
from tasks_lib.prompts import both_forms, cloze
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "ybisk/piqa"
OLMES_KEYS = (
    "419c2f3b57680d2f", "dd9fff06add3b68a", "94e6db7fdf7e4d81", "3ca50dd286fe811a", "7b493206acc193e8",
)  # fmt: skip


@register("piqa")
def piqa() -> Task:
    """Everyday goals and two ways to reach each, compared by likelihood."""
    return Task(
        source=Hub(DATASET, "plain_text", split="validation"),
        fewshot=Hub(DATASET, "plain_text", split="train"),
        question=question,
        prompt=both_forms("Goal: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("piqa", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: `Question:` before the goal, acc and acc_norm."""
    return task.with_(prompt=cloze("Question: {text}\nAnswer:"), shot_rule="lm-eval-one-more")


@register_variant("piqa", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood for each character."""
    return follow_olmes(task, shot_keys=OLMES_KEYS, key_text=with_choices)


def question(row: Row) -> Question:
    """Take the goal and its two solutions."""
    return Question(text=row["goal"], choices=(row["sol1"], row["sol2"]), answer=row["label"])
