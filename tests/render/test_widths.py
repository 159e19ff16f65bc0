"""Tables at the widths of real terminals: columns go by their worth, and nothing is cut."""

import pytest
from rich.console import Console, RenderableType
from rich.progress import Progress

from assay.cli.progress import bar_columns
from assay.cli.runs import _table as runs_table
from assay.records import Counts
from assay.render import terminal
from assay.report.models import Curve, Point, Series
from tests.store.examples import make_run
from tests.viewer.examples import comparison, task, unresolved

WIDTHS = (60, 80, 100, 140)
LONG = "a_benchmark_with_a_long_name:5shot:cot"


def drawn(content: RenderableType, width: int) -> str:
    screen = Console(width=width, force_terminal=True, color_system=None, highlight=False)
    with screen.capture() as captured:
        screen.print(content)
    text = captured.get()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    return text


def unfolded(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_comparison_keeps_task_delta_interval_and_verdict(width: int) -> None:
    shown = drawn(terminal.comparison(comparison(task("sums"), unresolved("letters"))), width)
    for part in ("sums", "letters", "+15 pp", "[+7, +23]", "improved", "unresolved"):
        assert part in shown
    assert ("18 / 3 / 79" in shown) is (width >= 100)
    assert ("no room for" in shown) is (width < 140)
    if width >= 80:
        assert "Holm p" in shown.split("no room for")[0]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_name_is_folded_and_not_cut(width: int) -> None:
    shown = drawn(terminal.comparison(comparison(task(LONG))), width)
    table = shown.split("verdict")[1].split("no room")[0]
    first = "".join(line[: line.find("  ")].strip() for line in table.splitlines() if line.strip("─ "))
    assert first.startswith(LONG[:14])
    assert "improved" in table


@pytest.mark.parametrize("width", WIDTHS)
def test_scores_keep_the_counts_that_say_something(width: int) -> None:
    run = make_run(counts=Counts(expected=100, scored=60, unparsed=40))
    shown = drawn(terminal.scores([run]), width)
    assert run.task in shown
    if width >= 80:
        assert "unparsed" in shown.split("no room for")[0]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_of_runs_keeps_ids_whole(width: int) -> None:
    runs = [make_run("0123456789abcdef"), make_run("fedcba9876543210", task=LONG, status="failed")]
    shown = drawn(runs_table(runs), width)
    for part in ("0123456789abcdef", "fedcba9876543210", "failed"):
        assert part in shown
    assert LONG[:8] in shown


@pytest.mark.parametrize("width", WIDTHS)
def test_a_curve_keeps_what_a_look_decided(width: int) -> None:
    points = (
        Point(run="r1", step=10, checkpoint="c", value=0.4, low=0.3, high=0.5, se=0.05, n=100),
        Point(run="r2", step=20000, checkpoint="c", value=0.6, low=0.5, high=0.7, se=0.05, n=100, delta=0.2,
              delta_low=0.1, delta_high=0.3, p=0.0001, alpha=0.0304, alarm="improved"),
    )  # fmt: skip
    curve = Curve(task="sums", metric="accuracy", points=points)
    shown = drawn(terminal.series(Series(id="s", training_run="train", curves=(curve,))), width)
    for part in ("20000", "+20", "improved"):
        assert part in shown


@pytest.mark.parametrize("width", WIDTHS)
def test_progress_shows_how_many_are_done(width: int) -> None:
    screen = Console(width=width, force_terminal=True, color_system=None)
    with screen.capture() as captured:
        progress = Progress(*bar_columns(width), console=screen)
        progress.add_task(
            "gsm8k on demo@420", total=1319, completed=70, rates="12 req/s, 900 tok/s, 64 in flight"
        )
        screen.print(progress.get_renderable())
    shown = captured.get()
    assert "70/1319" in shown
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width


def test_anchors_are_for_the_verbose() -> None:
    content = comparison(task("sums"), unresolved("letters"))
    assert "#" not in drawn(terminal.comparison(content), 80)
    assert "(#p-better)" in drawn(terminal.comparison(content, verbose=True), 140)


def test_a_curve_shows_the_p_that_decides_where_several_tasks_are_tested() -> None:
    first = Point(run="r1", step=1, checkpoint="c", value=0.4, low=0.3, high=0.5, se=0.05, n=100)
    second = first.model_copy(update={"step": 2, "delta": 0.1, "p": 0.011, "p_corrected": 0.044})
    curve = Curve(task="sums", metric="accuracy", points=(first, second))
    shown = drawn(terminal.series(Series(id="s", training_run="train", curves=(curve,))), 140)
    assert "0.044" in shown
    assert "0.011" not in shown
