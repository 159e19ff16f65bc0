"""What an evaluation gives back: its metrics, its counts, and its samples as a table."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.api.scores import ScoreTable
from assay.records import Counts, MetricSummary, Run
from assay.render import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ("metric", "score", "± SE", "95% CI", "MDE", "n")


@dataclass(frozen=True)
class Result:
    """A run in the store, completed or not."""

    run: Run
    """The record with everything known of the run."""

    @property
    def id(self) -> str:
        """Id of the run; commands take it, and `assay.load_run` does."""
        return self.run.id

    @property
    def status(self) -> str:
        """`completed`, `failed`, `invalid`, `cancelled` or `running`; `run.problem` says why."""
        return self.run.status

    @property
    def metrics(self) -> "Mapping[str, MetricSummary]":
        """Each metric by name: `value`, `se`, `low`, `high`, `mde`, `n`; rates are fractions of one."""
        return self.run.metrics

    @property
    def counts(self) -> Counts:
        """How many samples were expected, and how they ended."""
        return self.run.counts

    @property
    def scores(self) -> ScoreTable:
        """One row a sample: question, output, extracted answer, status and value."""
        return ScoreTable(self.run)

    def __repr__(self) -> str:
        lines = [f"{self.run.task} on {self.run.checkpoint.label}: {self.status} (run {self.id})"]
        for name, *cells in self._cells():
            score, se, interval, mde, n = cells
            lines.append(f"  {name} {score} ± {se}, 95% CI {interval}, MDE {mde}, n {n}")
        return "\n".join([*lines, *(f"  {line}" for line in self._notes())])

    def _repr_html_(self) -> str:
        """A small table, as notebooks show it; model outputs are not part of it."""
        head = "".join(f"<th>{title}</th>" for title in COLUMNS)
        rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self._cells())
        title = html.escape(f"{self.run.task} on {self.run.checkpoint.label}")
        notes = "".join(f"<div>{html.escape(line)}</div>" for line in self._notes())
        return (
            f"<div><b>{title}</b> <code>{self.id}</code> {self.status}"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}</div>"
        )

    def _cells(self) -> Iterator[tuple[str, ...]]:
        for name, metric in self.metrics.items():
            se, unit = metric.se, metric.unit
            yield (
                f"{name} ↓" if metric.lower_is_better else name,
                numbers.score(metric.value, se=se, unit=unit),
                numbers.size(se, unit=unit),
                numbers.interval(metric.low, metric.high, se=se, unit=unit),
                numbers.sized(metric.mde, unit=unit),
                numbers.count(metric.n),
            )

    def _notes(self) -> Iterator[str]:
        endings = {"truncated": self.counts.truncated, "unparsed": self.counts.unparsed}
        endings["with a thought that never ends"] = self.counts.unclosed
        endings["failed"] = self.counts.failed
        if shown := ", ".join(f"{count:,} {ending}" for ending, count in endings.items() if count):
            yield f"{shown} of {self.counts.expected:,} samples"
        if self.run.problem:
            yield self.run.problem


def _cell(text: str) -> str:
    return f"<td>{html.escape(text)}</td>"
