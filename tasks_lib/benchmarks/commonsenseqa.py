"""CommonsenseQA: everyday knowledge, five choices (Talmor et al. 2019)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import both_forms, mcq
from tasks_lib.registry import register, register_variant
from tasks_lib.rows import labelled_question
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "tau/commonsense_qa"
OLMES_SHOTS = tuple(
    {"id": name}
    for name in (
        "61fe6e879ff18686d7552425a36344c8", "02e821a3e53cb320790950aab4489e85",
        "23505889b94e880c3e89cff4ba119860", "a76403b4921a9281b6ee2a7241a5ec9f",
        "6dc921840aa1e5dda3333b79007f630b",
    )
)  # fmt: skip


@register("commonsenseqa", aliases=["csqa", "commonsense_qa"])
def commonsenseqa() -> Task:
    """Everyday questions with five choices, compared by likelihood."""
    return Task(
        source=Hub(DATASET, split="validation"),
        fewshot=Hub(DATASET, split="train"),
        question=question,
        prompt=both_forms("Question: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("commonsenseqa", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: the choices are listed and their letters compared."""
    prompt = mcq("Question: {text}\n{options}Answer:")
    return task.with_(
        question=lm_eval_question, prompt=prompt, metrics=[choice_accuracy()], shot_rule="lm-eval-one-more"
    )


@register_variant("commonsenseqa", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood against that after `Answer:` alone."""
    return follow_olmes(task, norm="unconditional", shot_rows=OLMES_SHOTS)


def question(row: Row) -> Question:
    """Take question and choices."""
    return labelled_question(row, text=row["question"])


def lm_eval_question(row: Row) -> Question:
    """Take the same, the question without outer blanks."""
    return labelled_question(row, text=row["question"].strip())
