"""LAMBADA: the last word of a passage (Paperno et al. 2016), as OpenAI cleaned it."""

from assay.records import Question
from tasks_lib.metrics import bits_metrics, greedy_accuracy
from tasks_lib.prompts import GoldPrompt, completion
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task


@register("lambada", aliases=["lambada_openai"])
def lambada() -> Task:
    """The last word of a passage of a novel: whether greedy decoding would write it."""
    prompt = GoldPrompt(inner=completion("{text}"))
    return Task(
        source=Hub("EleutherAI/lambada_openai", split="test"),
        question=question,
        prompt=prompt,
        metrics=[greedy_accuracy(), *bits_metrics(prompt)],
    )


@register_variant("lambada", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness, which asks the same."""
    return task.with_()


@register_variant("lambada", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: line breaks in the passage become blanks."""
    return task.with_(question=olmes_question)


@register_variant("lambada", "bpb")
def bpb(task: Task) -> Task:
    """Let the bits per byte of the last word speak for the task; OLMES counts each passage the same."""
    return task.with_(metrics=bits_metrics(task.prompt, dialect=task.dialect))


def question(row: Row) -> Question:
    """Part the last word from the passage."""
    passage, _, word = row["text"].rpartition(" ")
    return Question(text=passage, target=word)


def olmes_question(row: Row) -> Question:
    """Take the same from the text in one line."""
    return question({"text": " ".join(row["text"].split())})
