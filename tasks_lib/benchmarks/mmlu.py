"""MMLU: exam questions of 57 subjects (Hendrycks et al. 2021)."""

from assay.records import Question, Sampling
from tasks_lib.metrics import accuracy, choice_accuracy
from tasks_lib.prompts import cloze, mcq, written
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.choices import WrittenLetter
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "cais/mmlu"
INTRO = "The following are multiple choice questions (with answers) about {subject_words}.\n\n"
LISTED = "{text}\n{options}Answer:"


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
    """Compare the likelihood of each choice's text, for each character."""
    prompt = cloze("Question: {text}\nAnswer:", description=INTRO)
    raw = choice_accuracy(name="acc_raw")
    return task.with_(prompt=prompt, metrics=[choice_accuracy("characters_with_blank"), raw])


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
