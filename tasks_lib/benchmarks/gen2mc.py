"""Questions with free answers, given four choices by a model (Ai2 2025): CoQA, DROP, Jeopardy, NQ, SQuAD.

Their rows are not in our mirror, so they are read from the Hub unproven. The few-shots of OLMES have
choices of its own, which no data set and no package holds: name a file of them.
"""

from functools import partial

from assay.records import Question
from tasks_lib.metrics import cloze_metrics
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import ChoicePrompt
from tasks_lib.registry import register, register_variant
from tasks_lib.rows import labelled_question
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task, question_text

PROMPT = ChoicePrompt(
    template="{before}Question: {text}\nAnswer:",
    listed="{before}Question: {text}\n{options}Answer:",
    option=" {letter}. {choice}\n",
)
OLMES_KEYS = {
    "coqa": (),
    "drop": (
        "0612f948628e42ce", "1752f61ed7c97ef4", "1031fa0677d4a167", "71452182143274e1", "4cb966caee9c5896",
    ),
    "jeopardy": (
        "df3d5afcee17df36", "f3530803fc57fc75", "9e20ffe220aab6d6", "7a885f33af51ad9f", "bde75e49c8142a67",
    ),
    "nq_open": (
        "610b0754004da640", "537115553be87b66", "c253138dd2197945", "2948c5e14cb9cc3b", "9a897b3eabc51379",
    ),
    "squad": (
        "a5430ede2f2b1260", "2f233d1fd2d83dce", "9ca3ff14a1927bf0", "5501978b2833595d", "4ddcf2b932e1a935",
    ),
}  # fmt: skip
ALIASES = {"nq_open": ["naturalqs_mc"]}


def twin(name: str) -> Task:
    """Compare each choice's text for each character, after what the free question has before it."""
    return Task(
        source=Hub(f"allenai/{name}_mc", split="validation"),
        question=question,
        prompt=PROMPT,
        metrics=cloze_metrics("characters_with_blank"),
    )


def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots from a file you name; CoQA without any."""
    name = task.name.removesuffix("_mc")
    keys = OLMES_KEYS[name]
    known_by = whole_text if name in {"drop", "jeopardy"} else question_text
    return follow_olmes(task, shots=len(keys), shot_keys=keys, key_text=known_by)


def whole_text(question: Question) -> str:
    """What few-shots of DROP and Jeopardy are known by: passage or category, and question."""
    return f"{str(question.fields['before']).partition(':')[2]}{question.text}"


def question(row: Row) -> Question:
    """Take the question, its choices, and what stands before it: a passage, a category, a conversation."""
    before = row["query_original"].rpartition("Question:")[0]
    plain = labelled_question(row, text=row["question_original"])
    return plain.model_copy(update={"fields": {"before": before}})


for _name in OLMES_KEYS:
    register(
        f"{_name}_mc",
        aliases=ALIASES.get(_name, ()),
        about=f"The questions of {_name}, each with four choices.",
    )(partial(twin, _name))
    register_variant(f"{_name}_mc", "olmes")(olmes)
