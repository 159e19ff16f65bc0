"""SQuAD 1.1: a span of the passage answers the question (Rajpurkar et al. 2016)."""

from assay.fingerprint import digest
from assay.records import Question, Sampling
from tasks_lib.metrics import answer_metrics
from tasks_lib.olmes import PackagedShots
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "rajpurkar/squad"
OLMES_KEYS = (
    "a5430ede2f2b1260", "2f233d1fd2d83dce", "9ca3ff14a1927bf0", "5501978b2833595d", "4ddcf2b932e1a935",
)  # fmt: skip
OLMES_INTRO = (
    "The following are reading comprehension questions, where the answer to each question is a segment of "
    "text from the corresponding background text.\n\n"
)
OLMES_SHOT = (
    r"Title: (?P<title>[^\n]*)\nBackground: (?P<context>.*?)\n"
    r"Question: (?P<question>[^\n]*)\nAnswer: (?P<answer>[^\n]*)\n\n"
)


@register("squad")
def squad() -> Task:
    """Questions answered by a span of a passage, scored by the official exact match and F1."""
    return Task(
        source=Hub(DATASET, "plain_text", split="validation"),
        fewshot=Hub(DATASET, "plain_text", split="train"),
        question=question,
        prompt=completion("Title: {title}\n\nPassage: {context}\n\nQuestion: {text}\n\nAnswer:"),
        metrics=answer_metrics(),
        generate=Sampling(max_tokens=64, stop=("\n",)),
        continues=continues_passage,
    )


@register_variant("squad", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: a line of description, five fixed shots that its package holds, F1."""
    exact, overlap = task.metrics
    template = "Title: {page}\nBackground: {context}\nQuestion: {text}\nAnswer:"
    return task.with_(
        prompt=completion(template, description=OLMES_INTRO),
        fewshot=PackagedShots("squad/bpb_5shot", OLMES_SHOT),
        shots=5,
        shot_rule="fixed",
        shot_keys=OLMES_KEYS,
        metrics=[overlap, exact],
        generate=Sampling(max_tokens=50, stop=("Title:", "\n\n")),
    )


def question(row: Row) -> Question:
    """Take the question and all annotators' answers; the questions of one passage are a cluster."""
    first, *others = row["answers"]["text"] if "answers" in row else [row["answer"]]
    return Question(
        id=str(row.get("id", "")),
        text=row["question"],
        target=first,
        aliases=tuple(others),
        cluster=digest(row["context"].encode(), length=16),
        fields={
            "title": row["title"].replace("_", " "),
            "page": row["title"],
            "context": row["context"],
        },
    )


def continues_passage(question: Question, output: str) -> bool:
    """Whether an output is more than a span of the passage, within which a line may end: `O\\n2`."""
    return output not in str(question.fields.get("context", ""))
