"""WinoGrande: which of two names a sentence means (Sakaguchi et al. 2020)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import GAP, SchemaPrompt, both_forms
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "allenai/winogrande"
OLMES_KEYS = (
    "d22719bb17336a01", "0f750d6cb1cf3767", "64e39dcaa9bf205d", "02b41c98a3670a6c", "c3896fc87fa490eb",
)  # fmt: skip
LISTED = both_forms("Fill in the blank: {blanked}\n")


@register("winogrande")
def winogrande() -> Task:
    """Sentences with a gap that one of two names fills: after which the rest is likelier."""
    return Task(
        source=Hub(DATASET, "winogrande_xl", split="validation"),
        fewshot=Hub(DATASET, "winogrande_xl", split="train"),
        question=question,
        prompt=SchemaPrompt(),
        metrics=[choice_accuracy()],
    )


@register_variant("winogrande", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness, which asks the same."""
    return task.with_(shot_rule="lm-eval-one-more")


@register_variant("winogrande", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: partial scoring after five fixed shots, plain sentences."""
    return follow_olmes(task, norm="none", shot_keys=OLMES_KEYS)


@register_variant("winogrande", "mc")
def mc(task: Task) -> Task:
    """List the two names and compare the likelihood of their letters."""
    return task.with_(prompt=LISTED.lettered(), metrics=[choice_accuracy()])


def question(row: Row) -> Question:
    """Take the sentence with its gap and the two names, which are counted from 1."""
    return Question(
        text=row["sentence"],
        choices=(row["option1"], row["option2"]),
        answer=int(row["answer"]) - 1,
        fields={"blanked": row["sentence"].replace(GAP, "___")},
    )
