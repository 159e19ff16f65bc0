"""ARC: science questions with choices (Clark et al. 2018)."""

from dataclasses import replace

from assay.records import Question, Sampling
from tasks_lib.metrics import accuracy, choice_accuracy
from tasks_lib.prompts import ChoicePrompt, cloze, mcq, written
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.choices import Norm, WrittenLetter
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "allenai/ai2_arc"
CLOZE = "Question: {text}\nAnswer:"
LISTED = "Question: {text}\n{options}Answer:"
OLMES_SHOTS = {"arc_easy": (1, 2, 3, 4, 5), "arc_challenge": (0, 1, 2, 3, 8)}
"""Rows of train that OLMES fixes (its std_fewshot.py, first five)."""


@register("arc_easy")
def arc_easy() -> Task:
    """Easy science questions, each choice's text compared by likelihood."""
    return _arc("ARC-Easy")


@register("arc_challenge")
def arc_challenge() -> Task:
    """Hard science questions, each choice's text compared by likelihood."""
    return _arc("ARC-Challenge")


@register_variant("arc_easy", "lm-eval")
@register_variant("arc_challenge", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: no shots, acc and acc_norm."""
    return task.with_(
        shot_rule="lm-eval", metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")]
    )


@register_variant("arc_easy", "olmes")
def olmes_easy(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood for each character."""
    return _olmes(task, cloze(CLOZE), norm="characters_with_blank")


@register_variant("arc_challenge", "olmes")
def olmes_challenge(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood against that after `Answer:` alone."""
    return _olmes(task, cloze(CLOZE, unconditional="Answer:"), norm="unconditional")


@register_variant("arc_easy", "mc")
@register_variant("arc_challenge", "mc")
def mc(task: Task) -> Task:
    """List the choices and compare the likelihood of their letters."""
    return task.with_(prompt=mcq(LISTED, option=" {letter}. {choice}\n"), metrics=[choice_accuracy()])


@register_variant("arc_easy", "text")
@register_variant("arc_challenge", "text")
def text(task: Task) -> Task:
    """List the choices and let the model write a letter, for endpoints without likelihoods."""
    prompt = task.prompt
    assert isinstance(prompt, ChoicePrompt)
    listed = replace(prompt, template=LISTED, unconditional=None, turns=True)
    return task.with_(
        prompt=written(listed), metrics=[accuracy(WrittenLetter())], generate=Sampling(max_tokens=32)
    )


def _arc(config: str) -> Task:
    return Task(
        source=Hub(DATASET, config, split="test"),
        fewshot=Hub(DATASET, config, split="train"),
        question=question,
        prompt=cloze(CLOZE),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


def _olmes(task: Task, prompt: ChoicePrompt, *, norm: Norm) -> Task:
    bare = task.name.partition(":")[0]
    return task.with_(
        prompt=prompt,
        shots=5,
        shot_rule="fixed",
        shot_rows=OLMES_SHOTS[bare],
        metrics=[choice_accuracy(norm), choice_accuracy(name="acc_raw")],
    )


def question(row: Row) -> Question:
    """Take question and choices; the answer is found by its label, which may be a letter or a digit."""
    choices = row["choices"]
    return Question(
        id=row["id"],
        text=row["question"],
        choices=tuple(choices["text"]),
        answer=list(choices["label"]).index(row["answerKey"]),
    )
