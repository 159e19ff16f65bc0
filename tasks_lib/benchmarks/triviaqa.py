"""TriviaQA: quiz questions, without a passage (Joshi et al. 2017). Apache-2.0; scored by its own rule."""

import string

from assay.records import Question, Sampling
from tasks_lib.metrics import accuracy, answer_metrics
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.text import exact_match
from tasks_lib.scorers.trivia import trivia_metrics
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "mandarjoshi/trivia_qa"
UNPUNCTUATED = str.maketrans("", "", string.punctuation)


@register("triviaqa", aliases=["trivia_qa"])
def triviaqa() -> Task:
    """Quiz questions with many accepted answers, scored by exact match and F1."""
    return Task(
        source=Hub(DATASET, "rc.wikipedia.nocontext", split="validation"),
        fewshot=Hub(DATASET, "rc.wikipedia.nocontext", split="train"),
        question=question,
        prompt=completion("Question: {text}\nAnswer:"),
        metrics=trivia_metrics(),
        generate=Sampling(max_tokens=50, stop=("Question:", "Q:", "\n\n")),
    )


@register_variant("triviaqa", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: cut at a line, full stop or comma; articles count."""
    return task.with_(
        source=Hub(DATASET, "rc.nocontext", split="validation"),
        fewshot=Hub(DATASET, "rc.nocontext", split="train"),
        prompt=completion("Question: {text}?\nAnswer:"),
        generate=Sampling(max_tokens=32, stop=("\n", ".", ",")),
        shot_rule="lm-eval-one-more",
        metrics=[accuracy(exact_match(normalise=without_marks), name="exact_match")],
    )


@register_variant("triviaqa", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five shots drawn from train, F1 by SQuAD's rule."""
    exact, overlap = answer_metrics()
    return task.with_(shots=5, shot_rule="olmes", metrics=[overlap, exact])


def question(row: Row) -> Question:
    """Take the question, the answer and its other names."""
    answer = row["answer"]
    others = tuple(alias for alias in answer["aliases"] if alias != answer["value"])
    return Question(id=row["question_id"], text=row["question"], target=answer["value"], aliases=others)


def without_marks(text: str) -> str:
    """Compare without case and punctuation, and with articles, as lm-eval does."""
    return text.lower().translate(UNPUNCTUATED)
