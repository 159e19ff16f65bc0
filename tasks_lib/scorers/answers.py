"""Judge a short answer against reference answers as SQuAD does (Rajpurkar et al. 2016)."""

import re
import string
from collections import Counter
from dataclasses import dataclass

from assay.records import Question, Sample
from tasks_lib.task import Verdict

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def plain(text: str) -> str:
    """Lower the case, delete ASCII punctuation, drop the articles and squeeze white space, in this order."""
    return " ".join(ARTICLES.sub(" ", text.lower().translate(PUNCTUATION)).split())


@dataclass(frozen=True, kw_only=True)
class SameAnswer:
    """1 where the plain answer equals that of any reference; what is empty equals what is empty."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Compare with target and aliases."""
        answer = plain(sample.output)
        return Verdict(float(any(answer == plain(text) for text in references(question))), answer)


@dataclass(frozen=True, kw_only=True)
class WordOverlap:
    """F1 of the words of the plain answer, against the reference where it is highest."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Compare with target and aliases."""
        answer = plain(sample.output)
        best = max(overlap(answer.split(), plain(text).split()) for text in references(question))
        return Verdict(best, answer)


def references(question: Question) -> tuple[str, ...]:
    """List the answers that are accepted."""
    return (question.target or "", *question.aliases)


def overlap(answer: list[str], reference: list[str]) -> float:
    """Take the F1 of two bags of words: 2 * common / (size of both); 0 without a common word.

    So two answers without a word overlap by 0 though they are the same, as in the official program.
    """
    common = (Counter(answer) & Counter(reference)).total()
    return 2 * common / (len(answer) + len(reference)) if common else 0.0
