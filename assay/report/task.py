"""One task of a comparison: aligned, tested and judged."""

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np

from assay.align import Aligned, Asked, align, questions, worst_case
from assay.records import MetricSummary, Run
from assay.report.models import Pairing, Sanity, TaskComparison, TwoByTwo
from assay.report.sentences import task_sentence
from assay.report.spread import spread
from assay.stats.discordant import fewest_flips
from assay.stats.estimate import Estimate, estimate, ratio, two_sided_p
from assay.stats.paired import Paired, paired, sign_flip
from assay.stats.passing import pass_at_k, pass_hat_k
from assay.stats.scores import Array
from assay.stats.verdict import DROPPED, Verdict, chance_better, verdict, within_margin
from assay.store.store import Store


class Tested(NamedTuple):
    """A task's comparison with what the suite, the family and the list of flips need of it."""

    shown: TaskComparison
    aligned: Aligned
    a: Array
    b: Array
    """One number per question, turned so that more is better."""
    metric: str


def judge_task(
    store: Store, a: Run, b: Run, *, metric: str | None, margin: float | None, alpha: float, power: float,
    allow_partial: bool,
) -> Tested:  # fmt: skip
    """Compare two runs of one task by their headline metric; raises AlignmentError and StatisticsError."""
    name = metric or a.headline
    asked = [questions(store.score_columns(run.id, name), run=run.id) for run in (a, b)]
    early = any(run.stopped is not None for run in (a, b))
    aligned = align(asked[0], asked[1], allow_partial=allow_partial or early)
    summary = a.metrics[name]
    values = [reduced(summary, side) for side in (aligned.a, aligned.b)]
    sign = -1.0 if summary.lower_is_better else 1.0
    before, after = sign * values[0], sign * values[1]
    weights = np.array([one.weight for one in aligned.a]) if summary.reduction == "ratio" else None
    found = paired(
        *values, cluster=aligned.clusters, alpha=alpha, power=power, lower_is_better=summary.lower_is_better
    )
    shown = found.estimate if weights is None else ratio_difference(before, after, weights, aligned)
    limit = summary.margin if margin is None else margin
    bounds = _bounds(asked, aligned, summary)
    comparison = _comparison(
        a, b, name=name, found=found, shown=shown, aligned=aligned, margin=limit, alpha=alpha, bounds=bounds
    )
    return Tested(comparison, aligned, before, after, name)


def reduced(summary: MetricSummary, asked: Sequence[Asked]) -> Array:
    """Reduce the samples of each question to one number; raises NotEnoughSamples."""
    if summary.reduction in {"pass_at", "pass_hat"}:
        right = np.array([sum(value >= 1 for value in one.known) for one in asked])
        drawn = np.array([len(one.known) for one in asked])
        reduce = pass_at_k if summary.reduction == "pass_at" else pass_hat_k
        return reduce(right, n=drawn, k=summary.k)
    samples = [one.known for one in asked]
    return np.array([some[0] if len(some) == 1 else math.fsum(some) / len(some) for some in samples])


def ratio_difference(before: Array, after: Array, weights: Array, aligned: Aligned) -> Estimate:
    """Estimate the difference of two ratios over the same units: sum w (b - a) / sum w."""
    return estimate(ratio((after - before) * weights, denominator=weights), cluster=aligned.clusters)


def _bounds(
    asked: Sequence[dict[str, Asked]], aligned: Aligned, summary: MetricSummary
) -> tuple[float, float] | None:
    if aligned.coverage == 1 or summary.reduction != "mean" or summary.unit != "rate":
        return None
    worst, best = worst_case(asked[0], asked[1])
    return (-best, -worst) if summary.lower_is_better else (worst, best)


def _comparison(
    a: Run, b: Run, *, name: str, found: Paired, shown: Estimate, aligned: Aligned, margin: float,
    alpha: float, bounds: tuple[float, float] | None,
) -> TaskComparison:  # fmt: skip
    summary = a.metrics[name]
    is_ratio = shown is not found.estimate
    p = two_sided_p(shown) if is_ratio else found.p
    chosen = shown if is_ratio else found
    dropped = _dropped(a, b, aligned)
    judged = verdict(chosen, margin=margin, alpha=alpha, dropped=dropped)
    notes = list(shown.notes)
    if b.stopped is not None and b.stopped.against == a.id:
        judged = cast("Verdict", b.stopped.verdict)
        notes.append(f"{b.stopped.reason} Interval and p-value take their number for fixed beforehand")
    elif dropped > DROPPED:
        notes.append(f"{dropped:.0%} of the questions have no pair, so no difference is claimed")
    comparison = TaskComparison(
        task=a.task if a.task == b.task else f"{a.task} → {b.task}",
        metric=name,
        lower_is_better=summary.lower_is_better,
        a=summary,
        b=b.metrics[name],
        counts_a=a.counts,
        counts_b=b.counts,
        pairing=_pairing(aligned, found, bounds),
        delta=shown.value,
        se=shown.se,
        df=shown.df,
        low=shown.low,
        high=shown.high,
        level=shown.level,
        p=p,
        p_second=sign_flip(found.values, cluster=aligned.clusters).p if is_ratio else found.p_second,
        p_better=chance_better(chosen),
        n=shown.n,
        wins=found.counts.wins,
        losses=found.counts.losses,
        ties=found.counts.ties,
        mde=found.mde,
        margin=margin,
        one_sided_low=within_margin(chosen, margin=margin, alpha=alpha).low,
        correlation=found.correlation,
        pairing_gain=found.gain,
        verdict=judged,
        sentence="",
        method=f"{shown.method}; {found.test}",
        table=_table(aligned, found, summary),
        spread=None if found.binary else spread(found.values),
        undefined=shown.undefined or _why_no_mde(found),
        notes=tuple(dict.fromkeys(notes)),
        sanity=tuple(_sanity(a, b)),
    )
    return comparison.model_copy(update={"sentence": task_sentence(comparison)})


def _dropped(a: Run, b: Run, aligned: Aligned) -> float:
    """Tell the share of questions that are lost to the pairs; what a run stopped before asking is not."""
    lost = aligned.unpaired
    lost += 0 if b.stopped else len(aligned.only_a)
    lost += 0 if a.stopped else len(aligned.only_b)
    return lost / (len(aligned.ids) + lost)


def _why_no_mde(found: Paired) -> str | None:
    if found.mde is not None or not found.binary:
        return None
    floor = fewest_flips() / found.counts.n
    return f"no detectable difference is defined without flips; less than {floor:.2%} cannot be resolved"


def _pairing(aligned: Aligned, found: Paired, bounds: tuple[float, float] | None) -> Pairing:
    return Pairing(
        paired=len(aligned.ids),
        only_a=aligned.only_a,
        only_b=aligned.only_b,
        missing_a=aligned.missing_a,
        missing_b=aligned.missing_b,
        clusters=found.estimate.n_clusters,
        samples_a=max(len(one.values) for one in aligned.a),
        samples_b=max(len(one.values) for one in aligned.b),
        worst=bounds[0] if bounds else None,
        best=bounds[1] if bounds else None,
    )


def _table(aligned: Aligned, found: Paired, summary: MetricSummary) -> TwoByTwo | None:
    if not found.binary:
        return None
    good = 0.0 if summary.lower_is_better else 1.0
    right = [
        (one.known[0] == good, other.known[0] == good)
        for one, other in zip(aligned.a, aligned.b, strict=True)
    ]
    both = sum(x and y for x, y in right)
    return TwoByTwo(
        both_right=both,
        a_only=found.counts.losses,
        b_only=found.counts.wins,
        both_wrong=found.counts.ties - both,
    )


def _sanity(a: Run, b: Run) -> list[Sanity]:
    """Set the shares of samples that ended badly side by side: a score often moves with them."""
    rows = []
    for what in ("truncated", "unparsed", "failed"):
        shares = [
            getattr(run.counts, what) / run.counts.expected if run.counts.expected else None for run in (a, b)
        ]
        rows.append(Sanity(what=what, a=shares[0], b=shares[1], delta=_minus(shares[1], shares[0])))
    tokens = [run.completion_tokens / run.counts.expected if run.counts.expected else None for run in (a, b)]
    rows.append(Sanity(what="output tokens", a=tokens[0], b=tokens[1], delta=_minus(tokens[1], tokens[0])))
    return rows


def _minus(x: float | None, y: float | None) -> float | None:
    return None if x is None or y is None else x - y
