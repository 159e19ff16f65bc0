"""BoolQ: yes or no, from a passage (Clark et al. 2019), with the passage's title as in SuperGLUE."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import both_forms
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "aps/super_glue"
OLMES_KEYS = (
    "83637a9d263dabdf", "2ebfa49e9013b739", "13442113d8ade36e", "b8b4ce5f78a75515", "80e4837c69ce58b9",
)  # fmt: skip


@register("boolq")
def boolq() -> Task:
    """Questions that people asked a search engine, answered yes or no from a passage."""
    return Task(
        source=Hub(DATASET, "boolq", split="validation"),
        fewshot=Hub(DATASET, "boolq", split="train"),
        question=question,
        prompt=both_forms("{passage}\nQuestion: {text}?\n"),
        metrics=[choice_accuracy()],
    )


@register_variant("boolq", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: the same prompt, `no` before `yes`."""
    return task.with_(question=lm_eval_question, shot_rule="lm-eval-one-more")


@register_variant("boolq", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood as it is."""
    return follow_olmes(task, norm="none", shot_keys=OLMES_KEYS)


def question(row: Row) -> Question:
    """Take the question, written without its mark, and the passage."""
    return Question(
        text=row["question"],
        choices=("yes", "no"),
        answer=1 - int(row["label"]),
        fields={"passage": row["passage"]},
    )


def lm_eval_question(row: Row) -> Question:
    """Take the same with the choices the other way round, so that ties fall on `no`."""
    return question(row).model_copy(update={"choices": ("no", "yes"), "answer": int(row["label"])})
