"""MMLU: exam questions of 57 subjects (Hendrycks et al. 2021)."""

from assay.errors import UnknownName
from assay.records import Question, Sampling
from tasks_lib.metrics import accuracy, bits_per_byte, choice_accuracy
from tasks_lib.prompts import GoldPrompt, cloze, mcq, written
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.choices import WrittenLetter
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "cais/mmlu"
INTRO = "The following are multiple choice questions (with answers) about {subject_words}.\n\n"
CLOZE = "Question: {text}\nAnswer:"
LISTED = "{text}\n{options}Answer:"

SUBJECTS = (
    "abstract_algebra", "anatomy", "astronomy", "business_ethics", "clinical_knowledge",
    "college_biology", "college_chemistry", "college_computer_science", "college_mathematics",
    "college_medicine", "college_physics", "computer_security", "conceptual_physics", "econometrics",
    "electrical_engineering", "elementary_mathematics", "formal_logic", "global_facts",
    "high_school_biology", "high_school_chemistry", "high_school_computer_science",
    "high_school_european_history", "high_school_geography", "high_school_government_and_politics",
    "high_school_macroeconomics", "high_school_mathematics", "high_school_microeconomics",
    "high_school_physics", "high_school_psychology", "high_school_statistics", "high_school_us_history",
    "high_school_world_history", "human_aging", "human_sexuality", "international_law", "jurisprudence",
    "logical_fallacies", "machine_learning", "management", "marketing", "medical_genetics",
    "miscellaneous", "moral_disputes", "moral_scenarios", "nutrition", "philosophy", "prehistory",
    "professional_accounting", "professional_law", "professional_medicine", "professional_psychology",
    "public_relations", "security_studies", "sociology", "us_foreign_policy", "virology",
    "world_religions",
)  # fmt: skip


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
        prompt=mcq(LISTED, description=INTRO),
        metrics=[choice_accuracy()],
    )


@register_variant("mmlu", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: the same prompt, no shots unless asked for."""
    return task.with_(shots=0)


@register_variant("mmlu", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: `Question:` before the text, a blank before each letter."""
    prompt = mcq("Question: {text}\n{options}Answer:", option=" {letter}. {choice}\n", description=INTRO)
    return task.with_(prompt=prompt)


@register_variant("mmlu", "cloze")
def as_cloze(task: Task) -> Task:
    """Compare the likelihood of each choice's text, for each character; OLMES's cloze form."""
    prompt = cloze(CLOZE, description=INTRO)
    raw = choice_accuracy(name="acc_raw")
    return task.with_(prompt=prompt, metrics=[choice_accuracy("characters_with_blank"), raw])


@register_variant("mmlu", "continuation")
def continuation(task: Task) -> Task:
    """Follow lm-evaluation-harness's `mmlu_continuation`: cloze, no shots unless asked for, `acc_norm`."""
    return task.with_(
        prompt=cloze(CLOZE, description=INTRO.replace("multiple choice ", "")),
        shots=0,
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("mmlu", "bpb")
def bpb(task: Task) -> Task:
    """Measure the bits per byte of the right choice's text, after the cloze prompt."""
    prompt = GoldPrompt(inner=cloze(CLOZE, description=INTRO))
    return task.with_(prompt=prompt, metrics=[bits_per_byte(prompt)], samples=1)


@register_variant("mmlu", r"subject-(\w+)")
def subject(task: Task, name: str) -> Task:
    """Ask the questions of one subject; the suite `mmlu-by-subject` holds all of them."""
    if name not in SUBJECTS:
        raise UnknownName("subject of mmlu", name, SUBJECTS)
    return task.with_(source=Hub(DATASET, name, split="test"))


@register_variant("mmlu", "text")
def text(task: Task) -> Task:
    """Let the model write the letter, for endpoints without likelihoods."""
    prompt = written(mcq(LISTED, description=INTRO, turns=True))
    return task.with_(prompt=prompt, metrics=[accuracy(WrittenLetter())], generate=Sampling(max_tokens=32))


def question(row: Row) -> Question:
    """Take question, choices and subject."""
    subject = row["subject"]
    return Question(
        text=row["question"].strip(),
        choices=tuple(row["choices"]),
        answer=int(row["answer"]),
        fields={"subject": subject, "subject_words": subject.replace("_", " ")},
    )
