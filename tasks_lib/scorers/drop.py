"""Judge an answer to DROP as its authors do: bags of words, aligned spans, equal numbers (Dua 2019).

Case, articles and punctuation of words go, hyphens part words, numbers are compared as numbers. Each span is
a bag of words; the spans of answer and reference are paired for the highest sum, a pair whose reference holds
a number counts 0 unless they share one, and F1 is the mean over the longer list, rounded to two decimals.
"""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from scipy.optimize import linear_sum_assignment

from assay.records import Question, Sample
from tasks_lib.task import Metric, Verdict

Bag = frozenset[str]
ARTICLES = re.compile(r"\b(a|an|the)\b")
PARTS = re.compile(r" |-")
UNPUNCTUATED = str.maketrans("", "", string.punctuation)
LIST = re.compile(r"\s*(?:,| and |\n)\s*")


@dataclass(frozen=True, kw_only=True)
class DropAnswer:
    """Exact match or F1 against the field `answers`, lists of spans, where it is highest.

    Where a reference has several spans, `listed` parts the answer at commas and `and`; OLMES and lm-eval
    take the whole text as one span, so that such a question can never be answered exactly.
    """

    measure: Literal["exact", "f1"]
    listed: bool = True

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Compare with each reference."""
        text = sample.output.strip()
        best = 0.0
        for spans in cast("Sequence[Sequence[str]]", question.fields["answers"]):
            exact, f1 = drop_score(self._spans(text, spans), spans)
            best = max(best, exact if self.measure == "exact" else f1)
        return Verdict(best, text)

    def _spans(self, text: str, reference: Sequence[str]) -> Sequence[str]:
        if not self.listed or len(reference) == 1:
            return [text]
        if _plain(text) == _plain(", ".join(reference)):
            # A span may hold a comma.
            return reference
        return [part for part in LIST.split(text) if part]


def drop_metrics(*, listed: bool = True) -> list[Metric]:
    """Report exact match and F1 of DROP."""
    return [
        Metric(name="exact_match", scorer=DropAnswer(measure="exact", listed=listed)),
        Metric(name="f1", scorer=DropAnswer(measure="f1", listed=listed)),
    ]


def drop_score(predicted: Sequence[str], reference: Sequence[str]) -> tuple[float, float]:
    """Return exact match and F1 of two lists of spans."""
    own, gold = [_plain(span) for span in predicted], [_plain(span) for span in reference]
    exact = float(set(own) == set(gold) and len(own) == len(gold))
    own_bags, gold_bags = [frozenset(t.split()) for t in own], [frozenset(t.split()) for t in gold]
    return exact, _aligned(own_bags, gold_bags)


def _aligned(predicted: Sequence[Bag], reference: Sequence[Bag]) -> float:
    if not predicted or not reference:
        return 0.0
    scores = np.array([[_overlap(bag, gold) for bag in predicted] for gold in reference])
    rows, columns = linear_sum_assignment(-scores)
    return round(float(scores[rows, columns].sum()) / max(len(predicted), len(reference)), 2)


def _overlap(predicted: Bag, gold: Bag) -> float:
    numbers = {word for word in gold if _number(word) is not None}
    if numbers and not numbers & predicted:
        return 0.0
    common = len(predicted & gold)
    precision = common / len(predicted) if predicted else 1.0
    recall = common / len(gold) if gold else 1.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _plain(text: str) -> str:
    return " ".join(word for part in PARTS.split(text) if (word := _plain_word(part)))


def _plain_word(word: str) -> str:
    word = word.lower()
    if _number(word) is None:
        word = word.translate(UNPUNCTUATED)
    number = _number(word)
    word = word if number is None else str(number)
    return " ".join(ARTICLES.sub(" ", word).split())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
