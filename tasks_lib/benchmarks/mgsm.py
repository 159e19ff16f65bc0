"""MGSM: 250 problems of GSM8K in eleven languages, after eight shots (Shi et al. 2023). CC BY 4.0.

Source: `juletxara/mgsm`. The prompt is the paper's native chain of thought: labels and reasoning in the
language of the question. The last number counts, digits of any script read as 0 to 9.
"""

import unicodedata
from functools import partial
from typing import NamedTuple

from assay.records import Question, Sampling
from tasks_lib.benchmarks.gsm8k import plain_number
from tasks_lib.extract.numbers import last_number
from tasks_lib.metrics import accuracy
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_suite
from tasks_lib.scorers.text import exact_match
from tasks_lib.sources import Hub
from tasks_lib.suites.suite import Suite, suite
from tasks_lib.task import Row, Task

DATASET = "juletxara/mgsm"


class Labels(NamedTuple):
    """What stands before a question and before its solution, the mark at the end included."""

    question: str
    answer: str


LABELS = {
    "bn": Labels("প্রশ্ন:", "ধাপে ধাপে উত্তর:"),
    "de": Labels("Frage:", "Schritt-für-Schritt-Antwort:"),
    "en": Labels("Question:", "Step-by-Step Answer:"),
    "es": Labels("Pregunta:", "Respuesta paso a paso:"),
    "fr": Labels("Question :", "Réponse étape par étape :"),
    "ja": Labels("問題：", "ステップごとの答え："),
    "ru": Labels("Задача:", "Пошаговое решение:"),
    "sw": Labels("Swali:", "Jibu la Hatua kwa Hatua:"),
    "te": Labels("ప్రశ్న:", "దశలవారీగా సమాధానం:"),
    "th": Labels("โจทย์:", "คำตอบทีละขั้นตอน:"),
    "zh": Labels("问题：", "逐步解答："),
}


def mgsm(language: str) -> Task:
    """Solve word problems in one language after eight solved ones, scored on the last number."""
    labels = LABELS[language]
    blank = "" if labels.question.endswith("：") else " "
    return Task(
        source=Hub(DATASET, language, split="test"),
        fewshot=Hub(DATASET, language, split="train"),
        shots=8,
        shot_rule="first",
        question=partial(question, labels=labels),
        prompt=completion(
            f"{labels.question}{blank}{{text}}\n{labels.answer}", target=f"{blank}{{target}}", turns=True
        ),
        metrics=[accuracy(exact_match(last_figure, normalise=plain_number))],
        generate=Sampling(max_tokens=512, stop=("\n\n", labels.question)),
    )


def question(row: Row, *, labels: Labels) -> Question:
    """Take the problem and its number; a shot's labels are dropped and its whole solution is the target."""
    solution = row["answer"]
    target = str(row["answer_number"]) if solution is None else solution.removeprefix(labels.answer).strip()
    return Question(text=row["question"].removeprefix(labels.question).strip(), target=target)


def last_figure(text: str) -> str | None:
    """Return the last number, whatever digits it is written in, commas dropped."""
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() and c.isalnum() else c for c in text)
    return last_number(plain)


for _language in LABELS:
    register(
        f"mgsm_{_language}", about=f"Word problems of GSM8K in the language {_language}: the last number."
    )(partial(mgsm, _language))


@register_suite("mgsm")
def every_language() -> Suite:
    """MGSM in its eleven languages, each counting the same."""
    return suite(*(f"mgsm_{language}" for language in LABELS))
