"""Jeopardy: clues of the quiz show, answered shortly (MosaicML's selection)."""

from assay.records import Question, Sampling
from tasks_lib.metrics import answer_metrics
from tasks_lib.olmes import PackagedShots
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

OLMES_KEYS = (
    "df3d5afcee17df36", "f3530803fc57fc75", "9e20ffe220aab6d6", "7a885f33af51ad9f", "8c97e47f71cd97c7",
)  # fmt: skip
OLMES_SHOT = r"Category: (?P<category>[^\n]*)\nQuestion: (?P<question>[^\n]*)\nAnswer: (?P<answer>[^\n]*)\n\n"


@register("jeopardy")
def jeopardy() -> Task:
    """Clues of a quiz show, scored by exact match and F1."""
    return Task(
        source=Hub("soldni/jeopardy", "mosaicml_gauntlet", split="train"),
        question=question,
        prompt=completion("Category: {category}\nQuestion: {text}\nAnswer:"),
        metrics=answer_metrics(),
        generate=Sampling(max_tokens=50, stop=("\n\n", "Question:", "Category:")),
    )


@register_variant("jeopardy", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots, none of them among the rows, which its package holds; F1."""
    exact, overlap = task.metrics
    return task.with_(
        fewshot=PackagedShots("jeopardy/bpb_5shot", OLMES_SHOT),
        shots=5,
        shot_rule="fixed",
        shot_keys=OLMES_KEYS,
        key_text=category_and_clue,
        metrics=[overlap, exact],
    )


def category_and_clue(question: Question) -> str:
    """What few-shots of Jeopardy are known by."""
    return f"{question.fields['category']}: {question.text}"


def question(row: Row) -> Question:
    """Part the category from the clue; a few-shot has them apart."""
    if "question" in row:
        return Question(text=row["question"], target=row["answer"], fields={"category": row["category"]})
    category, _, clue = row["context"].partition(": ")
    return Question(text=clue, target=row["continuation"], fields={"category": category})
