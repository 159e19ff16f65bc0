"""DROP: reading, counting and comparing (Dua et al. 2019). CC BY-SA 4.0; scored by the authors' rule."""

from collections.abc import Sequence

from assay.fingerprint import digest
from assay.records import Question, Sampling
from tasks_lib.benchmarks.any_task import bits_of_gold
from tasks_lib.olmes import PackagedShots
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.drop import drop_metrics
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "EleutherAI/drop"
OLMES_KEYS = (
    "0612f948628e42ce", "1752f61ed7c97ef4", "1031fa0677d4a167", "71452182143274e1", "0ffb6ba8f06fed3d",
)  # fmt: skip
OLMES_INTRO = (
    "The following are reading comprehension questions, where the answer to each question is either a "
    "segment of text from the corresponding passage, a number, or a date (containing any of the date, month, "
    "and/or year components). Some questions may require you to pull together information pieces from the "
    "passage and reason over them.\n\n"
)
OLMES_SHOT = r"Passage: (?P<passage>.*?)\nQuestion: (?P<question>[^\n]*)\nAnswer: (?P<shown>[^\n]*)\n\n"


@register("drop")
def drop() -> Task:
    """Questions that take counting and comparing within a passage, scored by exact match and F1."""
    return Task(
        source=Hub(DATASET, split="validation"),
        fewshot=Hub(DATASET, split="train"),
        question=question,
        prompt=completion("Passage: {passage}\nQuestion: {text}\nAnswer:"),
        metrics=drop_metrics(),
        generate=Sampling(max_tokens=50, stop=("Passage:", "Question:", "\n\n")),
    )


@register_variant("drop", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: a line of description, five fixed shots that its package holds, F1."""
    exact, overlap = drop_metrics(listed=False)
    return task.with_(
        prompt=completion("Passage: {passage}\nQuestion: {text}\nAnswer:", description=OLMES_INTRO),
        fewshot=PackagedShots("drop/bpb_5shot", OLMES_SHOT),
        shots=5,
        shot_rule="fixed",
        shot_keys=OLMES_KEYS,
        key_text=passage_and_question,
        metrics=[overlap, exact],
    )


@register_variant("drop", "bpb")
def bpb(task: Task) -> Task:
    """Measure the bits per byte of the gold answer; OLMES's is the text of a Python tuple: ('swedish',)."""
    if task.dialect == "olmes":
        task = task.with_(question=tuple_question)
    return bits_of_gold(task)


def passage_and_question(question: Question) -> str:
    """What few-shots of DROP are known by."""
    return f"{question.fields['passage']}{question.text}"


def question(row: Row) -> Question:
    """Take the question with all accepted answers; the questions of one passage are a cluster."""
    answers = [(row["shown"],)] if "shown" in row else accepted(row)
    first, *others = (", ".join(spans) for spans in answers)
    return Question(
        id=row.get("query_id", ""),
        text=row["question"],
        target=first,
        aliases=tuple(others),
        cluster=digest(row["passage"].encode(), length=16),
        fields={"passage": row["passage"], "answers": [list(spans) for spans in answers]},
    )


def tuple_question(row: Row) -> Question:
    """Take the same, the gold answer as OLMES writes it; a few-shot's is plain."""
    plain = question(row)
    return plain if "shown" in row else plain.model_copy(update={"target": str(accepted(row)[0])})


def accepted(row: Row) -> Sequence[tuple[str, ...]]:
    """List the annotators' answers, each once, as spans."""
    others = row["validated_answers"]
    count = len(others["number"])
    annotated = [
        row["answer"],
        *({key: others[key][n] for key in ("number", "date", "spans")} for n in range(count)),
    ]
    return list(dict.fromkeys(spans for answer in annotated if (spans := _spans(answer))))


def _spans(answer: Row) -> tuple[str, ...]:
    if answer["number"]:
        return (str(answer["number"]),)
    if answer["spans"]:
        return tuple(span.strip() for span in answer["spans"])
    parts = (answer["date"][part] for part in ("day", "month", "year"))
    date = " ".join(part for part in parts if part).strip()
    return (date,) if date else ()
