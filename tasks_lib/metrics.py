"""The numbers a task reports, each a scorer with a name and a rule for its mean."""

from collections.abc import Sequence

from tasks_lib.scorers.answers import SameAnswer, WordOverlap
from tasks_lib.scorers.choices import LikeliestChoice, Norm
from tasks_lib.scorers.likelihood import BitsPerByte, BitsPerWord
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


def answer_metrics() -> Sequence[Metric]:
    """Report exact match and F1 of short answers, as SQuAD does."""
    return [Metric(name="exact_match", scorer=SameAnswer()), Metric(name="f1", scorer=WordOverlap())]


def bits_per_byte(prompt: Prompt) -> Metric:
    """Report the bits per byte of the gold text."""
    return _bits("bits_per_byte", BitsPerByte(prompt=prompt))


def bits_per_word(prompt: Prompt) -> Metric:
    """Report the bits per word of the gold text."""
    return _bits("bits_per_word", BitsPerWord(prompt=prompt))


def _bits(name: str, scorer: Scorer) -> Metric:
    return Metric(name=name, scorer=scorer, reduction="ratio", lower_is_better=True, low=0.0, high=None)
