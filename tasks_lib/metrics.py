"""The numbers a task reports, each a scorer with a name and a rule for its mean."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from tasks_lib.scorers.answers import SameAnswer, WordOverlap
from tasks_lib.scorers.choices import Centred, LikeliestChoice, Norm
from tasks_lib.scorers.likelihood import BitsPerByte, BitsPerWord, GreedyMatch
from tasks_lib.task import Metric, Prompt, SandboxScorer, Scorer


def accuracy(scorer: Scorer | SandboxScorer, *, name: str = "accuracy") -> Metric:
    """Report the share of right answers; with several samples the mean over each question's."""
    return Metric(name=name, scorer=scorer)


def pass_at(scorer: SandboxScorer | Scorer, *ks: int) -> Sequence[Metric]:
    """Report the unbiased pass@k for each k (Chen et al. 2021)."""
    return [Metric(name=f"pass@{k}", scorer=scorer, reduction="pass_at", k=k) for k in ks]


def pass_hat(scorer: SandboxScorer | Scorer, *ks: int) -> Sequence[Metric]:
    """Report pass^k: the chance that k samples are all right."""
    return [Metric(name=f"pass^{k}", scorer=scorer, reduction="pass_hat", k=k) for k in ks]


def choice_accuracy(norm: Norm = "none", *, name: str = "accuracy") -> Metric:
    """Report the share of questions whose right choice is likeliest."""
    return Metric(name=name, scorer=LikeliestChoice(norm=norm))


def cloze_metrics(norm: Norm = "none") -> Sequence[Metric]:
    """Report accuracy by one normalisation, and beside it without any."""
    if norm == "none":
        return [choice_accuracy()]
    return [choice_accuracy(norm), choice_accuracy(name="acc_raw")]


def greedy_accuracy(*, name: str = "accuracy") -> Metric:
    """Report the share of gold texts that greedy decoding would write."""
    return Metric(name=name, scorer=GreedyMatch())


def centred(metric: Metric, *, chance: float) -> Metric:
    """Report how far a rate lies above chance, of what lies above it: (rate - chance) / (1 - chance)."""
    scorer = Centred(scorer=cast("Scorer", metric.scorer), chance=chance)
    return replace(metric, name=f"centred_{metric.name}", scorer=scorer, low=-chance / (1 - chance))


def answer_metrics() -> Sequence[Metric]:
    """Report exact match and F1 of short answers, as SQuAD does."""
    return [Metric(name="exact_match", scorer=SameAnswer()), Metric(name="f1", scorer=WordOverlap())]


def bits_per_byte(prompt: Prompt) -> Metric:
    """Report the bits per byte of the gold text."""
    return _bits("bits_per_byte", BitsPerByte(prompt=prompt))


def mean_bits_per_byte(prompt: Prompt) -> Metric:
    """Report the bits per byte of each question's gold text, each question counting the same."""
    return Metric(
        name="bits_per_byte_mean", scorer=BitsPerByte(prompt=prompt), lower_is_better=True, low=0.0, high=None
    )


def bits_metrics(prompt: Prompt, *, dialect: str = "") -> Sequence[Metric]:
    """Report the bits per byte of the gold texts over the corpus, and by question as OLMES does."""
    corpus, questions = bits_per_byte(prompt), mean_bits_per_byte(prompt)
    return [questions, corpus] if dialect == "olmes" else [corpus, questions]


def bits_per_word(prompt: Prompt) -> Metric:
    """Report the bits per word of the gold text."""
    return _bits("bits_per_word", BitsPerWord(prompt=prompt))


def _bits(name: str, scorer: Scorer) -> Metric:
    return Metric(name=name, scorer=scorer, reduction="ratio", lower_is_better=True, low=0.0, high=None)
