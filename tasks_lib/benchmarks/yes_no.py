"""Yes or no about scientific papers: QASPER (Dasigi et al. 2021) and SciRIFF (Wadden et al. 2024)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import ChoicePrompt
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Source, Task

PROMPT = ChoicePrompt(
    template="{passage}\nQuestion: {text}\nAnswer:",
    listed="Context: {passage}\nQuestion: {text}\n{options}Answer:",
    option=" {letter}. {choice}\n",
)
CHOICES = ("Yes", "No")


@register("qasper_yesno")
def qasper_yesno() -> Task:
    """Yes or no about a paper on language processing, from the evidence its annotator marked."""
    return _yes_no(Hub("allenai/qasper-yesno", split="train"))


@register("sciriff_yesno")
def sciriff_yesno() -> Task:
    """Yes or no about scientific texts, mostly of biomedicine."""
    return _yes_no(Hub("allenai/sciriff-yesno", split="train"))


@register_variant("qasper_yesno", "olmes")
@register_variant("sciriff_yesno", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five shots drawn from the same split, likelihood for each token."""
    return follow_olmes(task, norm="tokens")


def _yes_no(source: Source) -> Task:
    return Task(source=source, fewshot=source, question=question, prompt=PROMPT, metrics=[choice_accuracy()])


def question(row: Row) -> Question:
    """Take the question and its passage, QASPER's in several parts."""
    passage = row["context"] if "context" in row else " ".join(row["evidence"])
    return Question(
        id=row["id"],
        text=row["question"],
        choices=CHOICES,
        answer=CHOICES.index(row["answer"]),
        fields={"passage": passage},
    )
