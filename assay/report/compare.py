"""Two sides, their runs paired by task, as one comparison."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from assay.fingerprint import fingerprint
from assay.records import Run
from assay.report.flips import SHOWN_FLIPS, list_flips
from assay.report.models import Comparison, Family, SuiteComparison, TaskComparison
from assay.report.noise import add_training_noise
from assay.report.sentences import suite_sentence
from assay.report.side import differences, make_side, pair_tasks
from assay.report.task import Tested, judge_task
from assay.stats.detectable import detectable
from assay.stats.equivalence import equivalence_of
from assay.stats.estimate import Estimate, two_sided_p
from assay.stats.families import adjust
from assay.stats.suites import TaskScores, between_tasks_error, macro
from assay.stats.verdict import chance_better, verdict
from assay.store.store import Store

ALPHA = 0.05
POWER = 0.8


def compare_runs(
    store: Store,
    a: Sequence[Run],
    b: Sequence[Run],
    *,
    name: str = "all tasks",
    margin: float | None = None,
    alpha: float = ALPHA,
    power: float = POWER,
    allow_partial: bool = False,
    flips: int = SHOWN_FLIPS,
) -> Comparison:
    """Compare runs A (the baseline) with runs B task by task; raises AlignmentError.

    The suite's weighted mean difference is the one primary test; the tasks' p-values are corrected by Holm.
    """
    pairs, only_a, only_b = pair_tasks(a, b)
    tested = [
        judge_task(
            store,
            one,
            other,
            metric=None,
            margin=margin,
            alpha=alpha,
            power=power,
            allow_partial=allow_partial,
        )
        for one, other in pairs
    ]
    family = adjust({t.shown.task: t.shown.p for t in tested}, name=name)
    tasks = tuple(t.shown.model_copy(update={"p_holm": family.adjusted[t.shown.task]}) for t in tested)
    listed, left_out = list_flips(store, pairs, tested, most=flips)
    sides = make_side("A", [x for x, _ in pairs]), make_side("B", [y for _, y in pairs])
    return Comparison(
        id=fingerprint([sides[0].runs, sides[1].runs, margin, alpha, allow_partial])[:12],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        a=sides[0],
        b=sides[1],
        differs=tuple(differences(pairs)),
        suite=add_training_noise(
            store, compare_suite(name, tested, margin=margin, alpha=alpha, power=power), pairs
        ),
        tasks=tasks,
        only_a=only_a,
        only_b=only_b,
        flips=tuple(listed),
        flips_left_out=left_out,
        family=Family(name=name, size=family.size, members=family.members),
        alpha=alpha,
        power=power,
        data={t.shown.task: one.dataset_digest for t, (one, _) in zip(tested, pairs, strict=True)},
        seed=pairs[0][0].seed,
        versions={package: version(package) for package in ("assay-eval", "numpy", "scipy")},
    )


def compare_suite(
    name: str, tested: Sequence[Tested], *, margin: float | None, alpha: float, power: float
) -> SuiteComparison:
    """Test the mean of the tasks' differences; a single task speaks for itself."""
    counts = [sum(getattr(t.shown, what) for t in tested) for what in ("wins", "losses", "ties")]
    if len(tested) == 1:
        return _single(name, tested[0].shown)
    rates = [t for t in tested if t.shown.a.unit == "rate"]
    left_out = [t.shown.task for t in tested if t.shown.a.unit != "rate"]
    limit = margin if margin is not None else max((t.shown.margin for t in tested), default=0.01)
    if not rates:
        return SuiteComparison(
            name=name, tasks=len(tested), delta=None, margin=limit, verdict="unresolved",
            sentence="The tasks are measured in different units, so they have no mean.",
            undefined="different units",
        )  # fmt: skip
    found = macro({t.shown.task: TaskScores(t.b - t.a, cluster=t.aligned.clusters) for t in rates})
    p = two_sided_p(found)
    judged = verdict(found, margin=limit, alpha=alpha)
    shown = SuiteComparison(
        name=name,
        tasks=len(rates),
        delta=found.value,
        se=found.se,
        df=found.df,
        low=found.low,
        high=found.high,
        p=p,
        mde=detectable(found, alpha=alpha, power=power),
        margin=limit,
        one_sided_low=_one_sided_low(found, rates, margin=limit, alpha=alpha),
        p_better=chance_better(found),
        verdict=judged,
        sentence="",
        undefined=found.undefined,
        wins=counts[0],
        losses=counts[1],
        ties=counts[2],
        between_tasks_se=between_tasks_error([float((t.b - t.a).mean()) for t in rates]),
    )
    sentence = f"Over {len(rates)} tasks: {suite_sentence(shown, rate=True)}"
    if left_out:
        sentence += f" Left out of the mean, being no rates: {', '.join(left_out)}."
    return shown.model_copy(update={"sentence": sentence})


def _one_sided_low(found: Estimate, tasks: Sequence[Tested], *, margin: float, alpha: float) -> float | None:
    """Bound the mean from below; where nothing flipped, by the mean of the tasks' own bounds."""
    low = equivalence_of(found, margin=margin, alpha=alpha).low
    own = [t.shown.one_sided_low for t in tasks]
    if low is not None or found.se != 0 or None in own:
        return low
    return sum(one for one in own if one is not None) / len(own)


def _single(name: str, task: TaskComparison) -> SuiteComparison:
    shared = (
        *("delta", "se", "df", "low", "high", "p", "mde", "margin", "one_sided_low", "p_better"),
        *("verdict", "sentence", "undefined"),
    )
    return SuiteComparison(
        name=name,
        tasks=1,
        wins=task.wins,
        losses=task.losses,
        ties=task.ties,
        **{field: getattr(task, field) for field in shared},
    )
