"""RACE: reading tests of Chinese schools (Lai et al. 2017). Not in our mirror: read from the Hub unproven."""

from assay.records import Question
from tasks_lib.extract.letters import LETTERS
from tasks_lib.metrics import choice_accuracy
from tasks_lib.prompts import both_forms
from tasks_lib.registry import register
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task


@register("race")
def race() -> Task:
    """Questions on an English text with four choices, from tests of senior high schools."""
    return Task(
        source=Hub("ehovy/race", "high", split="test"),
        fewshot=Hub("ehovy/race", "high", split="train"),
        question=question,
        prompt=both_forms("Article: {article}\n\nQuestion: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


def question(row: Row) -> Question:
    """Take the question and its choices; those of one text are a cluster."""
    return Question(
        text=row["question"],
        choices=tuple(row["options"]),
        answer=LETTERS.index(row["answer"]),
        cluster=row["example_id"],
        fields={"article": row["article"]},
    )
