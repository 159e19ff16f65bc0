"""Social IQa: what people feel, want or do next (Sap et al. 2019)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import both_forms, cloze
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "allenai/social_i_qa"
OLMES_KEYS = (
    "f565dc315796a94d", "8804f33aca1efd13", "7704989a461008b7", "595dbc931cbb36a1", "5231a70962597fe9",
)  # fmt: skip


@register("socialiqa", aliases=["siqa", "social_iqa"])
def socialiqa() -> Task:
    """Everyday situations and three answers about the people in them, compared by likelihood."""
    return Task(
        source=Hub(DATASET, split="validation"),
        fewshot=Hub(DATASET, split="train"),
        question=question,
        prompt=both_forms("Question: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("socialiqa", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: `Q:` and `A:`, acc alone."""
    return task.with_(
        prompt=cloze("Q: {text}\nA:"), metrics=[choice_accuracy()], shot_rule="lm-eval-one-more"
    )


@register_variant("socialiqa", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood for each character."""
    return follow_olmes(task, shot_keys=OLMES_KEYS)


def question(row: Row) -> Question:
    """Take situation and question as one text, and the three answers, which are counted from 1."""
    return Question(
        text=f"{row['context']} {row['question']}",
        choices=(row["answerA"], row["answerB"], row["answerC"]),
        answer=int(row["label"]) - 1,
    )
