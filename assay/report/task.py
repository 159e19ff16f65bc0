"""One task of a comparison: aligned, tested, and judged once all p-values are there."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np

from assay.align import Aligned, QuestionScores, align, by_question, worst_case
from assay.records import MetricSummary, Run
from assay.report.changes import Changes, largest_changes
from assay.report.difference import paired_difference, reduced
from assay.report.models import Pairing, Sanity, TaskComparison, TwoByTwo
from assay.report.pairing import RunPair
from assay.report.rules import Rules
from assay.report.sentences import dropped_share, task_sentence
from assay.report.sharpened import Label, Sharpened, by_labels, by_subset
from assay.report.spread import spread
from assay.report.warnings import warnings_of
from assay.stats.differences import Paired
from assay.stats.discordant import fewest_flips
from assay.stats.estimates import Estimate, two_sided_p
from assay.stats.power import detectable
from assay.stats.suites import TaskValues
from assay.stats.verdicts import DROPPED, chance_better, result_p, verdict, within_margin
from assay.stats.words import Verdict

DIRECTIONS = frozenset({"improved", "regressed"})


class TestedTask(NamedTuple):
    """A task's comparison with what the family, the suite and the list of flips need of it."""

    shown: TaskComparison
    result: Paired | Estimate
    """What the verdict rests on."""
    values: TaskValues
    """The differences of the questions, for the mean over tasks."""
    changes: Changes
    stopped: Verdict | None = None
    """The verdict on which B stopped early against A."""

    @property
    def p(self) -> float | None:
        """The p-value that takes part in the correction for several tasks."""
        return result_p(self.result)[1]


def compare_task(pair: RunPair, *, rules: Rules, labels: Mapping[str, Label] | None = None) -> TestedTask:
    """Compare two runs of one task by their headline metric; raises AlignmentError and StatisticsError.

    The verdict is that of the task alone; `judge` gives the one among several tasks.
    """
    a, b = pair.a.run, pair.b.run
    metric = a.headline
    sides = [by_question(scored.columns(metric), run=scored.run.id) for scored in pair]
    stopped = any(run.stopped is not None for run in (a, b))
    aligned = align(*sides, allow_partial=rules.allow_partial or stopped or rules.method == "cuped")
    summary = a.metrics[metric]
    paired = paired_difference(
        aligned,
        summary,
        method="auto" if rules.method == "cuped" else rules.method,
        level=rules.level,
        alpha=rules.alpha,
        power=rules.power,
    )
    sharpened = _sharpened(sides[0], aligned, summary, rules=rules, labels=labels)
    values = TaskValues(paired.influenced, cluster=aligned.clusters)
    if sharpened is not None:
        values = TaskValues(sharpened.influenced, cluster=sharpened.clusters)
    pairing = _pairing(pair, aligned, paired, _bounds(sides, aligned, summary), rules=rules)
    return TestedTask(
        shown=_comparison(pair, pairing, paired, sharpened, aligned, rules=rules),
        result=paired if sharpened is None else sharpened.estimate,
        values=values,
        changes=largest_changes(aligned, paired),
        stopped=cast("Verdict", b.stopped.verdict) if b.stopped and b.stopped.against == a.id else None,
    )


def judge(task: TestedTask, *, corrected: float | None, rules: Rules) -> TaskComparison:
    """Return the comparison of a task with its verdict among several tasks: by its corrected p-value.

    A run that stopped early keeps the verdict it stopped on, unless the correction takes its direction away.
    """
    shown = task.shown
    word = verdict(
        task.result,
        margin=shown.margin,
        alpha=rules.alpha,
        corrected=corrected,
        dropped=shown.pairing.dropped,
    )
    if task.stopped is not None:
        alone = corrected is None or corrected == task.p
        survives = task.stopped not in DIRECTIONS or alone or (corrected or 0.0) <= rules.alpha
        word = task.stopped if survives else "unresolved"
    judged = shown.model_copy(update={"p_holm": corrected, "verdict": word})
    return judged.model_copy(update={"sentence": task_sentence(judged, power=rules.power, alpha=rules.alpha)})


def _sharpened(
    a: Mapping[str, QuestionScores],
    aligned: Aligned,
    summary: MetricSummary,
    *,
    rules: Rules,
    labels: Mapping[str, Label] | None,
) -> Sharpened | None:
    """Estimate the difference with the help of labels, or of A's other questions, where the rules say so."""
    if labels is not None:
        return by_labels(aligned, summary, labels, level=rules.level)
    if rules.method == "cuped":
        others = {id_: a[id_] for id_ in aligned.only_a}
        return by_subset(aligned, summary, others, level=rules.level)
    return None


def _bounds(
    sides: Sequence[Mapping[str, QuestionScores]], aligned: Aligned, summary: MetricSummary
) -> tuple[float, float] | None:
    if aligned.coverage == 1 or summary.reduction != "mean" or summary.unit != "rate":
        return None
    worst, best = worst_case(sides[0], sides[1])
    return (-best, -worst) if summary.lower_is_better else (worst, best)


def _comparison(
    pair: RunPair,
    pairing: Pairing,
    paired: Paired,
    sharpened: Sharpened | None,
    aligned: Aligned,
    *,
    rules: Rules,
) -> TaskComparison:
    a, b = pair.a.run, pair.b.run
    summary = a.metrics[a.headline]
    margin = summary.margin if rules.margin is None else rules.margin
    result: Paired | Estimate = paired if sharpened is None else sharpened.estimate
    interval = paired.estimate if sharpened is None else sharpened.estimate
    largest = 1.0 if summary.unit == "rate" else None
    effect = detectable(interval, alpha=rules.alpha, power=rules.power, largest=largest)
    mde, undefined = (paired.mde, paired.undefined) if sharpened is None else (effect.value, effect.undefined)
    return TaskComparison(
        task=pair.task,
        metric=a.headline,
        lower_is_better=summary.lower_is_better,
        a=summary,
        b=b.metrics[a.headline],
        counts_a=a.counts,
        counts_b=b.counts,
        pairing=pairing,
        delta=interval.value,
        se=interval.se,
        df=interval.df,
        low=interval.low,
        high=interval.high,
        level=interval.level,
        p=paired.p if sharpened is None else two_sided_p(sharpened.estimate),
        p_second=paired.p_second if sharpened is None else None,
        p_better=chance_better(result),
        n=interval.n,
        wins=paired.counts.wins,
        losses=paired.counts.losses,
        ties=paired.counts.ties,
        mde=mde,
        margin=margin,
        one_sided_low=within_margin(result, margin=margin, alpha=rules.alpha).low,
        correlation=paired.correlation,
        pairing_gain=paired.gain if sharpened is None else None,
        verdict="unresolved",
        sentence="",
        method=f"{interval.method}; {paired.test if sharpened is None else _test(interval)}",
        table=_table(aligned, paired, summary),
        spread=None if paired.binary else spread(paired.values),
        judges=() if sharpened is None else sharpened.agreement,
        undefined=_undefined(paired, undefined),
        notes=tuple(dict.fromkeys([*interval.notes, *_notes(pair, pairing)])),
        sanity=tuple(_sanity(a, b)),
    )


def _test(estimate: Estimate) -> str:
    """Name the test of an estimate by its degrees of freedom."""
    return "z" if estimate.df is None or math.isinf(estimate.df) else f"t({estimate.df:.4g})"


def _undefined(paired: Paired, reason: str | None) -> str | None:
    """Say why a number is not defined; where nothing flips, what cannot be shown either."""
    if reason is None or not paired.binary or paired.mde is not None or paired.counts.flips:
        return reason
    floor = fewest_flips() / paired.counts.n
    return f"no detectable difference is defined without flips; less than {floor:.2%} cannot be resolved"


def _notes(pair: RunPair, pairing: Pairing) -> list[str]:
    a, b = pair.a.run, pair.b.run
    notes = [
        f"{label}: {warning.removesuffix('.')}"
        for label, run in (("A", a), ("B", b))
        for warning in warnings_of(run)
    ]
    if b.stopped is not None and b.stopped.against == a.id:
        notes.append(f"{b.stopped.reason} Interval and p-value take their number for fixed beforehand")
    elif pairing.dropped > DROPPED:
        notes.append(f"{dropped_share(pairing.dropped)}, so no difference is claimed")
    return notes


def _pairing(
    pair: RunPair,
    aligned: Aligned,
    paired: Paired,
    bounds: tuple[float, float] | None,
    *,
    rules: Rules,
) -> Pairing:
    return Pairing(
        paired=len(aligned.ids),
        only_a=aligned.only_a,
        only_b=aligned.only_b,
        missing_a=aligned.missing_a,
        missing_b=aligned.missing_b,
        partial_a=aligned.partial_a,
        partial_b=aligned.partial_b,
        dropped=_dropped(pair, aligned, rules=rules),
        clusters=paired.estimate.n_clusters,
        samples_a=aligned.samples_a,
        samples_b=aligned.samples_b,
        worst=bounds[0] if bounds else None,
        best=bounds[1] if bounds else None,
    )


def _dropped(pair: RunPair, aligned: Aligned, *, rules: Rules) -> float:
    """Return the share of questions without a pair, less those that a run left out on purpose."""
    a, b = pair.a.run, pair.b.run
    lost = float(aligned.unpaired)
    lost += 0 if b.stopped or rules.method == "cuped" else len(aligned.only_a)
    lost += 0 if a.stopped else len(aligned.only_b)
    return max(0.0, 1 - aligned.weight / (len(aligned.ids) + lost))


def _table(aligned: Aligned, paired: Paired, summary: MetricSummary) -> TwoByTwo | None:
    if not paired.binary:
        return None
    good = 0.0 if summary.lower_is_better else 1.0
    a, b = reduced(summary, aligned.a), reduced(summary, aligned.b)
    both = int(np.sum((a == good) & (b == good)))
    return TwoByTwo(
        both_right=both,
        a_only=paired.counts.losses,
        b_only=paired.counts.wins,
        both_wrong=paired.counts.ties - both,
    )


def _sanity(a: Run, b: Run) -> list[Sanity]:
    """Set the shares of samples that ended badly side by side: a score often moves with them."""
    rows = []
    for ending in ("truncated", "unparsed", "failed"):
        shares = [_share(getattr(run.counts, ending), run) for run in (a, b)]
        rows.append(Sanity(what=ending, a=shares[0], b=shares[1], delta=_minus(shares[1], shares[0])))
    tokens = [_share(run.completion_tokens, run) for run in (a, b)]
    rows.append(Sanity(what="output tokens", a=tokens[0], b=tokens[1], delta=_minus(tokens[1], tokens[0])))
    return rows


def _share(number: int, run: Run) -> float | None:
    return number / run.counts.expected if run.counts.expected else None


def _minus(x: float | None, y: float | None) -> float | None:
    return None if x is None or y is None else x - y
