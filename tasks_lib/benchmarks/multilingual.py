"""The same questions in many languages: Belebele (Bandarkar et al. 2024), Global-MMLU (Singh et al. 2025).

Not in our mirror: read from the Hub unproven. One language is one variant: `belebele:language-deu_Latn`.
"""

from assay.records import Question
from tasks_lib.extract.letters import LETTERS
from tasks_lib.metrics import choice_accuracy
from tasks_lib.prompts import ChoicePrompt, both_forms
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

BELEBELE, GLOBAL_MMLU = "facebook/belebele", "CohereForAI/Global-MMLU"


@register("belebele")
def belebele() -> Task:
    """Reading comprehension in 122 languages, English unless one is named; four choices."""
    return Task(
        source=Hub(BELEBELE, "eng_Latn", split="test"),
        question=belebele_question,
        prompt=both_forms("{passage}\nQuestion: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register("global_mmlu")
def global_mmlu() -> Task:
    """MMLU in 42 languages, English unless one is named; the letters compared by likelihood."""
    return Task(
        source=Hub(GLOBAL_MMLU, "en", split="test"),
        fewshot=Hub(GLOBAL_MMLU, "en", split="dev"),
        shot_rule="first",
        shot_field="subject",
        question=global_mmlu_question,
        prompt=ChoicePrompt(template="{text}\nAnswer:", listed="{text}\n{options}Answer:", answer="letter"),
        metrics=[choice_accuracy()],
    )


@register_variant("belebele", r"language-(\w+)")
def belebele_language(task: Task, code: str) -> Task:
    """Ask in one language, by its code and script."""
    return task.with_(source=Hub(BELEBELE, code, split="test"))


@register_variant("global_mmlu", r"language-(\w+)")
def global_mmlu_language(task: Task, code: str) -> Task:
    """Ask in one language, by its code."""
    return task.with_(
        source=Hub(GLOBAL_MMLU, code, split="test"), fewshot=Hub(GLOBAL_MMLU, code, split="dev")
    )


def belebele_question(row: Row) -> Question:
    """Take the question, its passage and choices; the questions of one passage are a cluster."""
    return Question(
        text=row["question"],
        choices=tuple(row[f"mc_answer{number}"] for number in range(1, 5)),
        answer=int(row["correct_answer_num"]) - 1,
        cluster=row["link"],
        fields={"passage": row["flores_passage"]},
    )


def global_mmlu_question(row: Row) -> Question:
    """Take the question, its choices and subject."""
    return Question(
        id=row["sample_id"],
        text=row["question"],
        choices=tuple(row[f"option_{letter.lower()}"] for letter in LETTERS[:4]),
        answer=LETTERS.index(row["answer"]),
        fields={"subject": row["subject"]},
    )
