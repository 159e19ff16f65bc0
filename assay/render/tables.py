"""Rows of the tables that terminal and markdown share: plain strings, one function for each table."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from assay.records import Counts, MetricSummary, Run
from assay.render.numbers import (
    DASH,
    count,
    duration,
    interval,
    points,
    probability,
    rate,
    score,
    signed_interval,
    size,
    sized,
)
from assay.report.models import Comparison, SuiteComparison, TaskComparison
from assay.report.warnings import warnings_of


class Table(NamedTuple):
    """Column titles, rows of cells, lines that belong below, and the columns that a narrow screen lacks."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: list[str]
    expendable: tuple[str, ...] = ()
    """Titles of the columns that may go, the least worth first."""


LEAST_OF_SCORES = (
    *("tokens", "MDE", "time", "± SE"),
    *("truncated", "failed", "unparsed", "metric", "n", "95% CI"),
)
LEAST_OF_COMPARISON = ("MDE", "W / L / T", "p", "A", "B", "Holm p", "n")
"""Of several tasks the corrected p-value decides, so it stays longer than the bare one."""
LEAST_OF_ONE_TASK = ("Holm p", "MDE", "W / L / T", "A", "B", "p", "n")


def score_table(runs: Sequence[Run]) -> Table:
    """List the headline metric of each run with its uncertainty and how its samples ended."""
    columns = (
        "task",
        "metric",
        "score",
        "± SE",
        "95% CI",
        "MDE",
        "n",
        "truncated",
        "unparsed",
        "failed",
        "tokens",
        "time",
    )
    rows, notes = [], []
    for run in runs:
        rows += [_score_row(run, name, summary) for name, summary in run.metrics.items()]
        notes += _score_notes(run)
    empty = [
        name
        for name in ("truncated", "failed", "unparsed")
        if all(row[columns.index(name)] in {"0", ""} for row in rows)
    ]
    expendable = (*empty, *(name for name in LEAST_OF_SCORES if name not in empty))
    return Table(columns, rows, notes, expendable)


def _score_row(run: Run, name: str, summary: MetricSummary) -> tuple[str, ...]:
    se, unit = summary.se, summary.unit
    first = name == run.headline
    return (
        run.task if first else "",
        f"{name} ↓" if summary.lower_is_better else name,
        score(summary.value, se=se, unit=unit),
        rate(se, se=se, unit=unit),
        interval(summary.low, summary.high, se=se, unit=unit),
        size(summary.mde, unit=unit),
        count(summary.n),
        *(_counts(run.counts) if first else ("", "", "")),
        count(run.prompt_tokens + run.completion_tokens) if first else "",
        duration(run.seconds) if first else "",
    )


def _counts(counts: Counts) -> tuple[str, str, str]:
    return count(counts.truncated), count(counts.unparsed), count(counts.failed)


def _score_notes(run: Run) -> list[str]:
    notes = [f"{run.task}: {m.undefined}" for m in run.metrics.values() if m.undefined]
    headline = run.metrics.get(run.headline)
    if headline is not None and headline.worst is not None:
        bounds = interval(headline.worst, headline.best, unit=headline.unit)
        notes.append(
            f"{run.task}: {run.counts.failed} of {run.counts.expected} failed;"
            f" all answered, it would lie in {bounds}."
        )
    notes += [f"{run.task}: {warning}" for warning in warnings_of(run)]
    if run.problem:
        notes.append(f"{run.task}: {run.problem}")
    return notes


def comparison_table(comparison: Comparison) -> Table:
    """List each task's paired difference, then the suite's."""
    columns = ("task", "B - A", "95% CI", "verdict", "A", "B", "p", "Holm p", "W / L / T", "n", "MDE")
    rows = [_task_row(task) for task in comparison.tasks]
    if len(rows) > 1:
        rows.append(_suite_row(comparison.suite))
    notes = [f"{t.task}: {note}" for t in comparison.tasks for note in _task_notes(t)]
    if len(rows) > 1:
        notes += [f"{comparison.suite.name}: {note}" for note in comparison.suite.notes]
    return Table(columns, rows, notes, LEAST_OF_COMPARISON if len(rows) > 1 else LEAST_OF_ONE_TASK)


FORMULAS = "docs/statistics.md"
ANCHOR = re.compile(r" ?\((?:docs/statistics\.md)?#[a-z-]+\)")


def without_anchors(lines: Iterable[str]) -> list[str]:
    """Leave out which part of the document has a formula, and the line that only says where it is."""
    return [ANCHOR.sub("", line) for line in lines if not line.endswith(f": {FORMULAS}")]


def explanations(comparison: Comparison) -> list[str]:
    """Say what stands behind the table, each number with the part of the document that has its formula."""
    lines = [line for task in comparison.tasks for line in _behind(task)]
    if any(task.lower_is_better for task in comparison.tasks):
        lines.append("↓ less is better; differences are turned, so that + always means that B is better")
    suite, family = comparison.suite, comparison.family
    if len(comparison.tasks) > 1:
        lines.append(f"Holm p: corrected over the {family.size} tests of {family.name} (#many-tasks)")
        if suite.p_better is not None:
            lines.append(f"{suite.name}: P(B better) {_chance(suite.p_better)} (#p-better)")
        if suite.between_tasks_se is not None:
            lines.append(
                f"{suite.name}: as a claim about other tasks than these, the standard error is"
                f" {size(suite.between_tasks_se)} pp (#between-tasks)"
            )
    if suite.recipe is not None:
        noise = suite.recipe
        lines.append(
            f"{suite.name}: as a claim about two recipes, whose {noise.seeds_a} and {noise.seeds_b} seeds"
            f" scatter by {size(noise.noise_a)} and {size(noise.noise_b)} pp, the standard error is"
            f" {size(noise.se)} pp and p {probability(noise.p)} (#training-noise)"
        )
    lines += [f"{note} (#training-noise)" for note in comparison.notes]
    lines.append(
        f"Interval (#interval), p (#test), MDE of power {comparison.power:.0%}, alpha {comparison.alpha:g}"
        f" (#mde), verdict (#verdict): {FORMULAS}"
    )
    return lines


def _behind(task: TaskComparison) -> list[str]:
    told = []
    if task.p_better is not None:
        told.append(f"P(B better) {_chance(task.p_better)} (#p-better)")
    if task.p_second is not None:
        told.append(
            f"{task.method.rpartition('; ')[0]} interval; second test p {probability(task.p_second)} (#test)"
        )
    if task.pairing_gain is not None:
        told.append(f"pairing divides the standard error by {task.pairing_gain:.2g} (#gain)")
    if task.pairing.clusters is not None:
        told.append(f"{count(task.pairing.clusters)} clusters (#standard-error)")
    samples = (task.pairing.samples_a, task.pairing.samples_b)
    if max(samples) > 1:
        told.append(f"{samples[0]} and {samples[1]} samples of a question (#score)")
    if task.pairing.worst is not None:
        bounds = signed_interval(task.pairing.worst, task.pairing.best)
        told.append(f"all questions answered, the difference would lie in {bounds} pp (#missing)")
    return [f"{task.task}: {'; '.join(told)}"] if told else []


def _chance(p: float) -> str:
    return ">0.999" if p > 0.999 else probability(p)


def _task_row(task: TaskComparison) -> tuple[str, ...]:
    unit = task.a.unit
    return (
        f"{task.task} ↓" if task.lower_is_better else task.task,
        points(task.delta, se=task.se, unit=unit),
        signed_interval(task.low, task.high, se=task.se, unit=unit),
        task.verdict,
        score(task.a.value, se=task.se, unit=unit),
        score(task.b.value, se=task.se, unit=unit),
        probability(task.p),
        probability(task.p_holm),
        f"{task.wins} / {task.losses} / {task.ties}",
        count(task.n),
        sized(task.mde, unit=unit),
    )


def _suite_row(suite: SuiteComparison) -> tuple[str, ...]:
    return (
        suite.name,
        points(suite.delta, se=suite.se),
        signed_interval(suite.low, suite.high, se=suite.se),
        suite.verdict,
        "",
        "",
        probability(suite.p),
        DASH,
        f"{suite.wins} / {suite.losses} / {suite.ties}",
        f"{suite.tasks} tasks",
        sized(suite.mde),
    )


def _task_notes(task: TaskComparison) -> list[str]:
    return [*([task.undefined] if task.undefined else []), *task.notes]
