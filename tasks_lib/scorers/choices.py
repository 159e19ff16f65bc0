"""Judge which choice a model finds likeliest, by the field's normalisations."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from assay.records import Question, Sample
from tasks_lib.extract.letters import LETTERS, choice_letter
from tasks_lib.task import Scorer, Verdict

Norm = Literal["none", "characters", "bytes", "characters_with_blank", "tokens", "unconditional"]


@dataclass(frozen=True, kw_only=True)
class LikeliestChoice:
    """1 where the right choice has the highest (normalised) log-likelihood; the first of equals wins.

    `characters` and `bytes` are lm-eval's acc_norm and acc_bytes: lengths of the choice without the blank
    before it. `characters_with_blank` and `tokens` are those of OLMES, `unconditional` subtracts the
    log-likelihood after a context that says nothing of the question. A sample without log-likelihoods, of
    a harness that lets the model talk, is judged by the letter it wrote.
    """

    norm: Norm = "none"

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Take the likeliest choice, or the letter that was written."""
        if not sample.loglikelihoods:
            return letter_verdict(question, sample)
        chosen = int(np.argmax(self._values(question, sample)))
        return Verdict(float(chosen == question.answer), LETTERS[chosen])

    def _values(self, question: Question, sample: Sample) -> list[float]:
        count = len(question.choices)
        found = sample.loglikelihoods[:count]
        match self.norm:
            case "none":
                return [ll.logprob for ll in found]
            case "tokens":
                return [ll.logprob / ll.tokens for ll in found]
            case "unconditional":
                alone = sample.loglikelihoods[count:]
                return [ll.logprob - base.logprob for ll, base in zip(found, alone, strict=True)]
        return [
            ll.logprob / max(1, self._length(choice))
            for ll, choice in zip(found, question.choices, strict=True)
        ]

    def _length(self, choice: str) -> int:
        if self.norm == "bytes":
            return len(choice.encode())
        return len(choice) + (self.norm == "characters_with_blank")


@dataclass(frozen=True, kw_only=True)
class WrittenLetter:
    """1 where the letter the model wrote is that of the right choice."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Extract the letter and compare."""
        return letter_verdict(question, sample)


@dataclass(frozen=True, kw_only=True)
class Centred:
    """Another scorer's value, moved so that chance gives 0 on average and 1 stays 1."""

    scorer: Scorer
    chance: float

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Score by the other scorer and move the value."""
        verdict = self.scorer.judge(question, sample)
        value = 0.0 if verdict.value is None else verdict.value
        return verdict._replace(value=(value - self.chance) / (1 - self.chance))


def letter_verdict(question: Question, sample: Sample) -> Verdict:
    """Judge a written answer by its letter; a letter that stands for no choice is no answer."""
    letter = choice_letter(sample.output, among=LETTERS[: len(question.choices)])
    if letter is None:
        return Verdict(None)
    return Verdict(float(LETTERS.index(letter) == question.answer), letter)
