"""How many questions or samples a difference needs, from measured or assumed variances."""

import math
from collections.abc import Sequence
from typing import Self

import numpy as np

from assay.align import align, questions
from assay.errors import AlignmentError, StatisticsError
from assay.records import Record, Run
from assay.report.task import reduced
from assay.stats.power import mde_paired, required_n, required_samples
from assay.stats.samples import variance_parts
from assay.store.store import Store


class Assumptions(Record):
    """What a plan rests on."""

    n: int
    sd: float
    """Standard deviation of the paired difference of a question."""
    within: float | None = None
    """Variance of the samples of a question around its mean, both sides together."""
    origin: str

    @classmethod
    def of_flips(cls, share: float, *, n: int) -> Self:
        """Assume that so many right-or-wrong questions flip one way or the other."""
        return cls(n=n, sd=math.sqrt(share), origin=f"assumed: {share:.0%} of the questions flip")


class Plan(Record):
    """What can be resolved, and what it would take."""

    assumptions: Assumptions
    mde: float | None
    """Smallest difference that the n questions find."""
    delta: float
    required_n: int
    required_samples: int | None
    """Samples for each question on both sides that resolve `delta` with n questions; None where none do."""
    alpha: float
    power: float
    sentences: tuple[str, ...] = ()


def measured(store: Store, runs: Sequence[Run]) -> Assumptions:
    """Measure variances: of the difference of two runs, or of one, taken for two that do not correlate."""
    asked = [questions(store.score_columns(run.id, run.headline), run=run.id) for run in runs]
    summary = runs[0].metrics[runs[0].headline]
    within = [variance_parts([one.known for one in side.values() if one.known]).within for side in asked]
    known = [value for value in within if value is not None]
    if len(runs) == 1:
        values = reduced(summary, [one for one in asked[0].values() if one.known])
        sd = math.sqrt(2) * float(values.std(ddof=1)) if len(values) > 1 else 0.0
        return Assumptions(
            n=len(values), sd=sd, within=known[0] if known else None, origin=f"run {runs[0].id}"
        )
    if runs[0].task_fingerprint != runs[1].task_fingerprint:
        raise AlignmentError("The two runs are of different tasks.", remedy="Name two runs of one task.")
    aligned = align(*asked, allow_partial=True)
    difference = reduced(summary, aligned.b) - reduced(summary, aligned.a)
    return Assumptions(
        n=len(difference),
        sd=float(np.std(difference, ddof=1)) if len(difference) > 1 else 0.0,
        within=sum(known) / len(known) if known else None,
        origin=f"runs {runs[0].id} and {runs[1].id}",
    )


def resolve(assumed: Assumptions, *, delta: float, alpha: float, power: float) -> Plan:
    """Work out what the assumptions resolve; raises StatisticsError where nothing varies."""
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
    found = Plan(
        assumptions=assumed,
        mde=mde_paired(assumed.n, assumed.sd, alpha=alpha, power=power),
        delta=delta,
        required_n=needed,
        required_samples=samples,
        alpha=alpha,
        power=power,
    )
    return found.model_copy(update={"sentences": _sentences(found)})


def _sentences(found: Plan) -> tuple[str, ...]:
    assumed = found.assumptions
    said = [f"From {assumed.origin}: a question's difference has a standard deviation of {assumed.sd:.3f}."]
    if found.mde is not None:
        said.append(
            f"{assumed.n:,} questions resolve differences of {100 * found.mde:.2g} pp or more"
            f" (power {found.power:.0%}, alpha {found.alpha:g})."
        )
    said.append(
        f"To resolve {100 * found.delta:g} pp you need {found.required_n:,} questions with one sample each."
    )
    if found.required_samples is not None:
        said.append(f"With {assumed.n:,} questions, {found.required_samples} samples of each resolve it.")
    elif assumed.within is not None:
        said.append(f"With {assumed.n:,} questions, no number of samples resolves it.")
    return tuple(said)
