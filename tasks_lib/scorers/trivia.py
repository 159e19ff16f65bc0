"""Judge an answer to TriviaQA and PopQA by their authors' rules."""

import re
import string
from dataclasses import dataclass
from typing import Literal

from assay.records import Question, Sample
from tasks_lib.scorers.answers import overlap, references
from tasks_lib.task import Metric, Verdict

MARKS = string.punctuation + "‘’´`"
SPACED = str.maketrans(dict.fromkeys(MARKS, " "))
ARTICLES = re.compile(r"\b(a|an|the)\b")


@dataclass(frozen=True, kw_only=True)
class TriviaAnswer:
    """Exact match or F1 of words as TriviaQA's program has them (Joshi et al. 2017).

    Unlike SQuAD's rule, punctuation and underscores become blanks, and typographic quotes are punctuation.
    """

    measure: Literal["exact", "f1"]

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Compare with target and aliases, where it is highest."""
        answer = plain_trivia(sample.output)
        accepted = [plain_trivia(text) for text in references(question)]
        if self.measure == "exact":
            return Verdict(float(answer in accepted), answer)
        return Verdict(max(overlap(answer.split(), text.split()) for text in accepted), answer)


@dataclass(frozen=True, kw_only=True)
class MentionsAnswer:
    """1 where the text holds an accepted answer as it is, in lower case or with a capital: PopQA's rule."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Look for target and aliases."""
        held = next((gold for gold in references(question) if _mentions(sample.output, gold)), None)
        return Verdict(float(held is not None), held)


def trivia_metrics() -> list[Metric]:
    """Report exact match and F1 of TriviaQA."""
    return [
        Metric(name="exact_match", scorer=TriviaAnswer(measure="exact")),
        Metric(name="f1", scorer=TriviaAnswer(measure="f1")),
    ]


def plain_trivia(text: str) -> str:
    """Lower the case, turn punctuation into blanks, drop articles, squeeze white space."""
    return " ".join(ARTICLES.sub(" ", text.lower().translate(SPACED)).split())


def _mentions(text: str, gold: str) -> bool:
    return bool(gold) and any(form in text for form in (gold, gold.lower(), gold.capitalize()))
