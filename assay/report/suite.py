"""The mean over tasks: the one primary test of a comparison."""

from collections.abc import Sequence

from assay.report.models import SuiteComparison, TaskComparison
from assay.report.rules import Rules
from assay.report.sentences import dropped_share, suite_sentence
from assay.report.task import TestedTask
from assay.stats.estimates import Estimate, two_sided_p
from assay.stats.margins import equivalence_of
from assay.stats.power import detectable
from assay.stats.suites import between_tasks_error, macro
from assay.stats.verdicts import DROPPED, chance_better, verdict

MARGIN = 0.01


def compare_suite(
    name: str, tasks: Sequence[TestedTask], judged: Sequence[TaskComparison], *, rules: Rules
) -> SuiteComparison:
    """Test the mean of the tasks' differences; a single task speaks for itself."""
    if len(tasks) == 1:
        return _single(name, judged[0])
    rates = [task for task in tasks if task.shown.a.unit == "rate"]
    others = [task.shown.task for task in tasks if task.shown.a.unit != "rate"]
    margin = max((task.shown.margin for task in tasks), default=MARGIN)
    if rules.margin is not None:
        margin = rules.margin
    if not rates:
        return SuiteComparison(
            name=name,
            tasks=len(tasks),
            delta=None,
            margin=margin,
            verdict="unresolved",
            sentence="The tasks are measured in different units, so they have no mean.",
            undefined="different units",
        )
    mean = macro({task.shown.task: task.values for task in rates}, level=rules.level)
    dropped = sum(task.shown.pairing.dropped for task in rates) / len(rates)
    effect = detectable(mean, alpha=rules.alpha, power=rules.power, largest=1.0)
    suite = SuiteComparison(
        name=name,
        tasks=len(rates),
        delta=mean.value,
        se=mean.se,
        df=mean.df,
        low=mean.low if mean.informative else None,
        high=mean.high if mean.informative else None,
        p=two_sided_p(mean),
        mde=effect.value,
        margin=margin,
        one_sided_low=_one_sided_low(mean, rates, margin=margin, alpha=rules.alpha),
        p_better=chance_better(mean),
        verdict=verdict(mean, margin=margin, alpha=rules.alpha, dropped=dropped),
        sentence="",
        undefined=mean.undefined or effect.undefined,
        wins=sum(task.shown.wins for task in tasks),
        losses=sum(task.shown.losses for task in tasks),
        ties=sum(task.shown.ties for task in tasks),
        between_tasks_se=between_tasks_error([task.values.influenced.value for task in rates]),
        dropped=dropped,
        notes=tuple(_notes(rates, dropped)),
    )
    return suite.model_copy(update={"sentence": _sentence(suite, others, rules=rules)})


def _sentence(suite: SuiteComparison, others: Sequence[str], *, rules: Rules) -> str:
    sentence = suite_sentence(suite, rate=True, power=rules.power, alpha=rules.alpha)
    tasks = "one task" if suite.tasks == 1 else f"{suite.tasks} tasks"
    text = f"Mean over {tasks}: {sentence}"
    if others:
        verb = "is" if len(others) == 1 else "are"
        reason = "its metric is" if len(others) == 1 else "their metrics are"
        text += f" {', '.join(others)} {verb} not in the mean: {reason} not a percentage."
    return text


def _notes(tasks: Sequence[TestedTask], dropped: float) -> list[str]:
    notes = []
    if dropped > DROPPED:
        notes.append(f"{dropped_share(dropped)}, so no difference is claimed")
    if early := [task.shown.task for task in tasks if task.stopped is not None]:
        notes.append(
            f"{', '.join(early)} stopped early on a verdict, which the test of the mean does not allow for"
        )
    return notes


def _one_sided_low(
    mean: Estimate, tasks: Sequence[TestedTask], *, margin: float, alpha: float
) -> float | None:
    """Bound the mean from below; where nothing flipped, by the mean of the tasks' own bounds."""
    low = equivalence_of(mean, margin=margin, alpha=alpha).low
    bounds = [task.shown.one_sided_low for task in tasks]
    if low is not None or mean.se != 0 or None in bounds:
        return low
    return sum(bound for bound in bounds if bound is not None) / len(bounds)


def _single(name: str, task: TaskComparison) -> SuiteComparison:
    shared = (
        *("delta", "se", "df", "low", "high", "p", "mde", "margin", "one_sided_low", "p_better"),
        *("verdict", "sentence", "undefined", "wins", "losses", "ties"),
    )
    return SuiteComparison(
        name=name,
        tasks=1,
        dropped=task.pairing.dropped,
        **{field: getattr(task, field) for field in shared},
    )
