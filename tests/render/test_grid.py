"""Checkpoints by tasks, at the widths of real terminals."""

import pytest

from assay.records import MetricSummary
from assay.render.grid import Grid, grid
from tests.render.test_widths import WIDTHS, drawn
from tests.store.examples import at_step, make_run

TASKS = ("gsm8k", "arc_challenge", "humaneval", "drop:gen", "mmlu:5shot")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_cell_is_shown_at_every_width(width: int) -> None:
    runs = [
        make_run(
            f"run-{step}-{task}",
            task=task,
            checkpoint=at_step(step),
            metrics={"exact": MetricSummary(value=step / 1000 + number / 100, se=0.012, n=100)},
        )
        for step in (100, 200)
        for number, task in enumerate(TASKS)
    ]
    shown = drawn(grid(runs), width)
    for task in TASKS:
        assert task in shown
    for cell in ("10 ± 1%", "24 ± 1%"):
        assert cell in shown


def test_what_is_missing_or_failed_is_told_plainly() -> None:
    runs = [
        make_run("r1", task="sums", checkpoint=at_step(1), metrics={"exact": MetricSummary(value=0.5, n=9)}),
        make_run("r2", task="words", checkpoint=at_step(2), status="failed"),
    ]
    assert grid(runs).rows == [("a@1", ["50.0%", "–"]), ("a@2", ["–", "failed"])]


def test_no_heading_is_folded_that_fits_without_a_task() -> None:
    tasks = ("gsm8k", "arc_challenge:olmes", "mmlu:5shot", "hellaswag:bpb")
    text = drawn(Grid(tasks, [("a@200", ["42 ± 3% unparsed", *["42 ± 3%"] * 3])]), 80)
    assert text.count("checkpoint") == 2
