"""NQ-open: questions people asked a search engine, without a passage (Lee et al. 2019)."""

from assay.records import Question, Sampling
from tasks_lib.metrics import answer_metrics
from tasks_lib.olmes import PackagedShots
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "google-research-datasets/nq_open"
OLMES_KEYS = (
    "610b0754004da640", "70eddc65315de7ac", "c253138dd2197945", "a0b7cb8e2db127fa", "9a897b3eabc51379",
)  # fmt: skip
OLMES_SHOT = r"Question: (?P<question>[^\n]*)\nAnswer: (?P<answer>[^\n]*)\n\n"


@register("nq_open", aliases=["naturalqs", "naturalqs_open"])
def nq_open() -> Task:
    """Open questions with short answers, scored by exact match and F1 as SQuAD does."""
    return Task(
        source=Hub(DATASET, "nq_open", split="validation"),
        fewshot=Hub(DATASET, "nq_open", split="train"),
        question=question,
        prompt=completion("Q: {text}?\nA:"),
        metrics=answer_metrics(),
        generate=Sampling(max_tokens=32, stop=("\n",)),
    )


@register_variant("nq_open", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: no question mark, five fixed shots that its package holds, F1."""
    exact, overlap = task.metrics
    return task.with_(
        prompt=completion("Question: {text}\nAnswer:"),
        fewshot=PackagedShots("naturalqs_open/bpb_5shot", OLMES_SHOT),
        shots=5,
        shot_rule="fixed",
        shot_keys=OLMES_KEYS,
        metrics=[overlap, exact],
        generate=Sampling(max_tokens=50, stop=("Question:", "Q:", "\n\n")),
    )


def question(row: Row) -> Question:
    """Take the question, which is written without its mark, and all accepted answers."""
    first, *others = [row["answer"]] if isinstance(row["answer"], str) else row["answer"]
    return Question(text=row["question"], target=first, aliases=tuple(others))
