"""Two sides, their runs paired by task, as one comparison."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from assay.errors import StatisticsError
from assay.fingerprint import fingerprint
from assay.report.changes import SHOWN_FLIPS
from assay.report.flips import list_flips
from assay.report.models import Comparison, Family
from assay.report.pairing import TaskPairs, differences, pair_tasks
from assay.report.recipe import ASK_FOR_SEEDS, compare_recipes, is_two_trainings
from assay.report.rules import ALPHA, POWER, Method, Rules
from assay.report.sharpened import Label
from assay.report.side import Side, summarise_side
from assay.report.suite import compare_suite
from assay.report.task import TestedTask, compare_task, judge
from assay.stats.families import adjust

PACKAGES = ("assay-eval", "numpy", "scipy")


def compare(
    a: Side,
    b: Side,
    *,
    name: str = "all tasks",
    margin: float | None = None,
    alpha: float = ALPHA,
    power: float = POWER,
    allow_partial: bool = False,
    method: Method = "auto",
    labels: Sequence[Label] | None = None,
    flips: int = SHOWN_FLIPS,
) -> Comparison:
    """Compare the baseline A with B task by task; raises AlignmentError and StatisticsError.

    The mean over tasks is the one primary test. Tasks tested together are corrected by Holm, and the
    corrected p-value decides their verdicts. `method` chooses interval and test ("t", "bootstrap"), or lets
    the questions that only A was asked sharpen the estimate ("cuped"). With `labels`, what people say of a
    random part of the questions corrects the scores of a judge.
    """
    rules = Rules(margin, alpha, power, allow_partial, method)
    matched = pair_tasks(a, b)
    tested = [
        compare_task(pair, rules=rules, labels=_labels_of(pair.task, labels, tasks=len(matched.pairs)))
        for pair in matched.pairs
    ]
    family = adjust({task.shown.task: task.p for task in tested}, name=name)
    tasks = tuple(judge(task, corrected=family.adjusted[task.shown.task], rules=rules) for task in tested)
    suite = compare_suite(name, tested, tasks, rules=rules)
    suite = suite.model_copy(update={"recipe": compare_recipes(suite, matched.pairs, a, b)})
    listed, left_out = list_flips(matched.pairs, tested, most=flips)
    sides = [summarise_side(label, [pair[i].run for pair in matched.pairs]) for i, label in enumerate("AB")]
    return Comparison(
        id=_id(sides[0].runs, sides[1].runs, rules, labels),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        a=sides[0],
        b=sides[1],
        differs=tuple(differences(matched.pairs[0])),
        suite=suite,
        tasks=tasks,
        only_a=matched.only_a,
        only_b=matched.only_b,
        flips=tuple(listed),
        flips_left_out=left_out,
        family=Family(name=name, size=family.size, members=family.members),
        alpha=alpha,
        power=power,
        data=_data(tested, matched),
        seed=matched.pairs[0].a.run.seed,
        versions={package: version(package) for package in PACKAGES},
        notes=(ASK_FOR_SEEDS,) if suite.recipe is None and is_two_trainings(matched.pairs) else (),
    )


def _labels_of(task: str, labels: Sequence[Label] | None, *, tasks: int) -> dict[str, Label] | None:
    """Return the labels of a task by question; those that name no task are of the only one there is."""
    if labels is None:
        return None
    own = {
        label.question_id: label
        for label in labels
        if label.task == task or (label.task is None and tasks == 1)
    }
    if not own:
        raise StatisticsError(
            f"No label is of the task {task!r}.", remedy="Name the task in each label, or compare one task."
        )
    return own


def _id(a: Sequence[str], b: Sequence[str], rules: Rules, labels: Sequence[Label] | None) -> str:
    """Return a hash of what is compared, and how."""
    parts: list[object] = [a, b, rules.margin, rules.alpha, rules.allow_partial]
    if rules.method != "auto":
        parts.append(rules.method)
    if labels is not None:
        parts.append([label.model_dump() for label in labels])
    return fingerprint(parts)[:12]


def _data(tested: Sequence[TestedTask], matched: TaskPairs) -> dict[str, str]:
    """Return the digest of each task's data set."""
    return {
        task.shown.task: pair.a.run.dataset_digest for task, pair in zip(tested, matched.pairs, strict=True)
    }
