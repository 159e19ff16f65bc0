"""MMLU-Pro: exam questions with up to ten choices, answered after thinking (Wang et al. 2024)."""

from assay.records import Question, Sampling
from tasks_lib.extract.letters import LETTERS
from tasks_lib.extract.patterns import first_match, last_match
from tasks_lib.metrics import accuracy, choice_accuracy, cloze_metrics
from tasks_lib.prompts import both_forms, completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.text import exact_match
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "TIGER-Lab/MMLU-Pro"
STATED = first_match(r"answer is \(?([A-J])\)?")
WRITTEN = first_match(r".*[aA]nswer:\s*([A-J])")
STANDING = last_match(r"\b([B-HJ])\b|\b(?:(?<!^)([AI])|([AI])(?!\s+[a-z]))\b")
"""An article that opens the text is none; on its authors' own outputs their program finds the same."""
THINK = "Let's think step by step."
INTRO = (
    "The following are multiple choice questions (with answers) about {category}. Think step by step and "
    'then finish your answer with "the answer is (X)" where X is the correct letter choice.\n\n'
)

FORMS = both_forms("Question: {text}\n")


@register("mmlu_pro")
def mmlu_pro() -> Task:
    """Exam questions with up to ten choices, answered after thinking and read as its authors do."""
    return Task(
        source=Hub(DATASET, split="test"),
        fewshot=Hub(DATASET, split="validation"),
        shots=0,
        shot_rule="first",
        shot_field="category",
        question=question,
        prompt=completion(
            "Question:\n{text}\nOptions:\n{options}Answer: " + THINK, description=INTRO, turns=True
        ),
        metrics=[accuracy(exact_match(authors_letter))],
        generate=Sampling(max_tokens=2048, stop=("Question:",)),
    )


@register_variant("mmlu_pro", "level1")
def level1(task: Task) -> Task:
    """Read the first "answer is (X)" alone, the first of the authors' three levels."""
    return task.with_(metrics=[accuracy(exact_match(STATED))])


@register_variant("mmlu_pro", "mc")
def mc(task: Task) -> Task:
    """Follow OLMES's `mmlu_pro:mc`: five shots of the category, the letters compared by likelihood."""
    return task.with_(prompt=FORMS.lettered(), shots=5, metrics=[choice_accuracy()])


@register_variant("mmlu_pro", "rc|cloze")
def rc(task: Task) -> Task:
    """Follow OLMES's `mmlu_pro:rc`: the same with the choices' texts, for each character."""
    return task.with_(prompt=FORMS, shots=5, metrics=cloze_metrics("characters_with_blank"))


@register_variant("mmlu_pro", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: its listed form, unless another is named."""
    return mc(task)


def authors_letter(text: str) -> str | None:
    """Find the letter by the authors' three levels (`extract_answer` of their `evaluate_from_api.py`).

    The first "answer is (X)", else the last "Answer: X" of the first line with one, else the last letter
    that stands alone.
    """
    return STATED(text) or WRITTEN(text) or STANDING(text)


def question(row: Row) -> Question:
    """Take question, choices and category; the few-shots come with their thoughts."""
    letter = LETTERS[row["answer_index"]]
    thought = row["cot_content"].strip().removeprefix("A:").strip().removeprefix(THINK).strip()
    listed = "".join(f"{LETTERS[n]}. {choice}\n" for n, choice in enumerate(row["options"]))
    return Question(
        id=str(row["question_id"]),
        text=row["question"],
        target=thought or f"The answer is ({letter}).",
        choices=tuple(row["options"]),
        answer=row["answer_index"],
        fields={"category": row["category"], "options": listed},
    )
