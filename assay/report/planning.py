"""How many questions or samples a difference needs, from measured or assumed variances."""

import math
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from assay.align import QuestionScores, align, by_question
from assay.errors import AlignmentError, StatisticsError
from assay.records import MetricSummary, Record
from assay.report.difference import paired_difference, reduced, weights
from assay.report.sentences import size
from assay.report.side import ScoredRun
from assay.stats.estimates import Influenced, mean, ratio
from assay.stats.power import mde_paired, required_n, required_samples
from assay.stats.samples import variance_parts

ROUNDING = 1e-13
"""Relative standard deviation that sums of equal numbers have by rounding."""


class Assumptions(Record):
    """What a plan rests on."""

    n: int
    sd: float
    """Standard deviation of the paired difference of a question."""
    within: float | None = None
    """Variance of the samples of a question around its mean, both sides together."""
    origin: str
    unit: str = "rate"

    @classmethod
    def of_flips(cls, share: float, *, n: int) -> Self:
        """Assume that so many right-or-wrong questions flip one way or the other."""
        return cls(n=n, sd=math.sqrt(share), origin=f"assumed: {share:.0%} of the questions flip")


class Plan(Record):
    """What can be detected, and what it would take."""

    assumptions: Assumptions
    mde: float | None
    """Smallest difference that the n questions detect."""
    delta: float
    required_n: int
    required_samples: int | None
    """Samples for each question on both sides that detect `delta` with n questions; None where none do."""
    alpha: float
    power: float
    sentences: tuple[str, ...] = ()


def measured(runs: Sequence[ScoredRun]) -> Assumptions:
    """Measure variances: of the difference of two runs, or of one, taken for two that do not correlate."""
    sides = [by_question(scored.columns(scored.run.headline), run=scored.run.id) for scored in runs]
    first = runs[0].run
    summary = first.metrics[first.headline]
    if len(runs) == 1:
        questions = [question for question in sides[0].values() if question.scored]
        scores, origin = _score(summary, questions), f"run {first.id}"
        sd = math.sqrt(2) * _sd(scores)
    else:
        if first.task_fingerprint != runs[1].run.task_fingerprint:
            raise AlignmentError("The two runs are of different tasks.", remedy="Name two runs of one task.")
        scores = paired_difference(align(*sides, allow_partial=True), summary).influenced
        sd, origin = _sd(scores), f"runs {first.id} and {runs[1].run.id}"
    within = [part for part in map(_within, sides) if part is not None]
    return Assumptions(
        n=len(scores.influence),
        sd=sd,
        within=sum(within) / len(within) if within else None,
        origin=origin,
        unit=summary.unit,
    )


def resolve(assumed: Assumptions, *, delta: float, alpha: float, power: float) -> Plan:
    """Work out what the assumptions detect; raises StatisticsError where nothing varies."""
    if assumed.sd == 0:
        raise StatisticsError(
            f"From {assumed.origin}: no score differs, so there is no variance to plan with.",
            remedy="Assume a share of questions that flip, with --flips.",
        )
    needed = required_n(delta, assumed.sd, alpha=alpha, power=power)
    samples = None
    if assumed.within is not None:
        between = max(0.0, assumed.sd**2 - 2 * assumed.within)
        samples = required_samples(
            delta, assumed.n, between=between, within=assumed.within, alpha=alpha, power=power
        )
    plan = Plan(
        assumptions=assumed,
        mde=_detectable(assumed, alpha=alpha, power=power),
        delta=delta,
        required_n=needed,
        required_samples=samples,
        alpha=alpha,
        power=power,
    )
    return plan.model_copy(update={"sentences": _sentences(plan)})


def _score(summary: MetricSummary, questions: Sequence[QuestionScores]) -> Influenced:
    """Return the score of one run with the influence of each question."""
    values = reduced(summary, questions)
    if summary.reduction != "ratio":
        return mean(values)
    weight = weights(questions)
    return ratio(values * weight, denominator=weight)


def _sd(scores: Influenced) -> float:
    """Return the standard deviation of the questions' values, 0 where only rounding makes them differ."""
    if len(scores.influence) < 2:
        return 0.0
    sd = float(np.std(scores.linearised, ddof=1))
    return 0.0 if sd <= ROUNDING * max(1.0, abs(scores.value)) else sd


def _within(side: Mapping[str, QuestionScores]) -> float | None:
    samples = [question.scored for question in side.values() if question.scored]
    return variance_parts(samples).within if samples else None


def _detectable(assumed: Assumptions, *, alpha: float, power: float) -> float | None:
    """Return the smallest difference that the questions detect; None where not even the largest one is."""
    effect = mde_paired(assumed.n, assumed.sd, alpha=alpha, power=power)
    return None if effect is None or (assumed.unit == "rate" and effect > 1) else effect


def _sentences(plan: Plan) -> tuple[str, ...]:
    assumed, rate = plan.assumptions, plan.assumptions.unit == "rate"
    often = f"{100 * plan.power:g} % of the time"
    sentences = [
        f"From {assumed.origin}: the difference of a question has a standard deviation of {assumed.sd:.3f}."
    ]
    if plan.mde is None:
        sentences.append(f"{assumed.n:,} questions are too few to find any difference {often}.")
    else:
        sentences.append(
            f"With {assumed.n:,} questions, a true difference of {size(plan.mde, rate=rate)} would be found"
            f" {often} (alpha {plan.alpha:g})."
        )
    target = f"{100 * plan.delta:g} pp" if rate else f"{plan.delta:g}"
    sentences.append(f"To resolve {target} you need {plan.required_n:,} questions with one sample each.")
    if plan.required_samples is not None:
        sentences.append(f"With {assumed.n:,} questions, {plan.required_samples} samples of each would do.")
    elif assumed.within is not None:
        sentences.append(f"With {assumed.n:,} questions, no number of samples would do.")
    return tuple(sentences)
