"""Checkpoints by tasks: the headline of each run with its standard error."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from assay.names import short_checkpoint
from assay.records import Run
from assay.render.fitting import FittedTable
from assay.render.numbers import DASH, rate
from assay.report.warnings import mostly_unparsed, warnings_of

BETWEEN = 3
EDGES = 2
"""Cells left and right of the outer columns."""
SHARE_OF_NAME = 3


@dataclass(frozen=True)
class Grid:
    """Cells of checkpoints by tasks; tasks for which a line has no room go on below."""

    tasks: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw as many tables below one another as the tasks need."""
        for first, last in self.parts(options.max_width):
            columns = ("checkpoint", *self.tasks[first:last])
            yield FittedTable(columns, [(name, *cells[first:last]) for name, cells in self.rows])

    def parts(self, width: int) -> list[tuple[int, int]]:
        """Return the first and the last task (not included) of each table that fits into the width."""
        named = max([len("checkpoint"), *(cell_len(name) for name, _ in self.rows)])
        room = width - EDGES - min(named, max(len("checkpoint"), width // SHARE_OF_NAME))
        parts, first, used = [], 0, 0
        for number in range(len(self.tasks)):
            cells = (self.tasks[number], *(row[number] for _, row in self.rows))
            needed = max(map(cell_len, cells)) + BETWEEN
            if number > first and used + needed > room:
                parts.append((first, number))
                first, used = number, 0
            used += needed
        return [*parts, (first, len(self.tasks))] if self.tasks else []


def grid(runs: Sequence[Run]) -> Grid:
    """Lay out runs, the last of each checkpoint and task; a run that is not complete says so in its cell."""
    tasks = list(dict.fromkeys(run.task for run in runs))
    by_checkpoint: dict[str, dict[str, Run]] = {}
    for run in runs:
        known = run.checkpoint
        name = short_checkpoint(known.name, training_run=known.training_run, step=known.step)
        by_checkpoint.setdefault(name, {})[run.task] = run
    rows = [(name, [_cell(tasked.get(task)) for task in tasks]) for name, tasked in by_checkpoint.items()]
    return Grid(tasks, rows)


def grid_of_scores(runs: Sequence[Run]) -> RenderableType:
    """Draw a grid, and the ids behind it."""
    ids = Text("\n".join(f"{run.id}  {_title(run)}  {run.status}" for run in runs), style="dim")
    doubts = [f"{_title(run)}: {warning}" for run in runs for warning in warnings_of(run)]
    return Group(grid(runs), *(Text(doubt, style="yellow") for doubt in doubts), ids)


def _title(run: Run) -> str:
    known = run.checkpoint
    return f"{run.task} on {short_checkpoint(known.name, training_run=known.training_run, step=known.step)}"


def _cell(run: Run | None) -> str:
    if run is None:
        return DASH
    metric = run.metrics.get(run.headline)
    if metric is None or run.status != "completed":
        return run.status
    unit = "%" if metric.unit == "rate" else ""
    value = rate(metric.value, se=metric.se, unit=metric.unit)
    error = "" if metric.se is None else f" ± {rate(metric.se, se=metric.se, unit=metric.unit)}"
    marks = f"{' ↓' if metric.lower_is_better else ''}{' unparsed' if mostly_unparsed(run) else ''}"
    return f"{value}{error}{unit}{marks}"
