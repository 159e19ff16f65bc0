"""MMLU: exam questions of 57 subjects (Hendrycks et al. 2021)."""

from dataclasses import replace

from assay.errors import UnknownName
from assay.records import Question
from tasks_lib.benchmarks.any_task import bits_of_gold
from tasks_lib.metrics import choice_accuracy, cloze_metrics
from tasks_lib.prompts import ChoicePrompt
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "cais/mmlu"
INTRO = "The following are multiple choice questions (with answers) about {subject_words}.\n\n"
CATEGORIES = {
    "stem": (
        "abstract_algebra", "astronomy", "college_biology", "college_chemistry",
        "college_computer_science", "college_mathematics", "college_physics", "computer_security",
        "conceptual_physics", "electrical_engineering", "elementary_mathematics", "high_school_biology",
        "high_school_chemistry", "high_school_computer_science", "high_school_mathematics",
        "high_school_physics", "high_school_statistics", "machine_learning",
    ),
    "humanities": (
        "formal_logic", "high_school_european_history", "high_school_us_history",
        "high_school_world_history", "international_law", "jurisprudence", "logical_fallacies",
        "moral_disputes", "moral_scenarios", "philosophy", "prehistory", "professional_law",
        "world_religions",
    ),
    "social_sciences": (
        "econometrics", "high_school_geography", "high_school_government_and_politics",
        "high_school_macroeconomics", "high_school_microeconomics", "high_school_psychology",
        "human_sexuality", "professional_psychology", "public_relations", "security_studies",
        "sociology", "us_foreign_policy",
    ),
    "other": (
        "anatomy", "business_ethics", "clinical_knowledge", "college_medicine", "global_facts",
        "human_aging", "management", "marketing", "medical_genetics", "miscellaneous", "nutrition",
        "professional_accounting", "professional_medicine", "virology",
    ),
}  # fmt: skip
"""As its authors group the subjects: 18, 13, 12 and 14."""
SUBJECTS = tuple(sorted(subject for subjects in CATEGORIES.values() for subject in subjects))
PROMPT = ChoicePrompt(
    template="Question: {text}\nAnswer:",
    listed="{text}\n{options}Answer:",
    answer="letter",
    description=INTRO,
)
OLMES_PROMPT = replace(PROMPT, listed="Question: {text}\n{options}Answer:", option=" {letter}. {choice}\n")


@register("mmlu")
def mmlu() -> Task:
    """Exam questions of 57 subjects, the letters of the listed choices compared by likelihood."""
    return Task(
        source=Hub(DATASET, "all", split="test"),
        fewshot=Hub(DATASET, "all", split="dev"),
        shots=5,
        shot_rule="first",
        shot_field="subject",
        question=question,
        prompt=PROMPT,
        metrics=[choice_accuracy()],
    )


@register_variant("mmlu", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: the same prompt, no shots unless asked for."""
    return task.with_(shots=0)


@register_variant("mmlu", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: `Question:` before the text, a blank before each letter."""
    return task.with_(prompt=OLMES_PROMPT)


@register_variant("mmlu", "rc|cloze")
def rc(task: Task) -> Task:
    """Compare the likelihood of each choice's text, for each character; OLMES's cloze form."""
    prompt = replace(PROMPT, answer="choice")
    return task.with_(prompt=prompt, metrics=cloze_metrics("characters_with_blank"))


@register_variant("mmlu", "continuation")
def continuation(task: Task) -> Task:
    """Follow lm-evaluation-harness's `mmlu_continuation`: cloze, no shots unless asked for, `acc_norm`."""
    return task.with_(
        prompt=replace(PROMPT, answer="choice", description=INTRO.replace("multiple choice ", "")),
        shots=0,
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("mmlu", "bpb")
def bpb(task: Task) -> Task:
    """Measure the bits per byte of the right choice's text, after the cloze prompt."""
    return bits_of_gold(rc(task))


@register_variant("mmlu", r"subject-(\w+)")
def subject(task: Task, name: str) -> Task:
    """Ask the questions of one subject; the suite `mmlu-by-subject` holds all of them."""
    if name not in SUBJECTS:
        raise UnknownName("subject of mmlu", name, SUBJECTS)
    return task.with_(source=Hub(DATASET, name, split="test"))


def question(row: Row) -> Question:
    """Take question, choices and subject."""
    subject = row["subject"]
    return Question(
        text=row["question"].strip(),
        choices=tuple(row["choices"]),
        answer=int(row["answer"]),
        fields={"subject": subject, "subject_words": subject.replace("_", " ")},
    )
