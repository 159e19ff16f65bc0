"""What terminal and markdown say: digits that count, dashes for what is not defined, links to formulas."""

import re
from pathlib import Path

import pytest

from assay.render import markdown, numbers
from assay.render.tables import comparison_table, explanations
from assay.render.terminal import comparison, console, series
from assay.report.models import Curve, Point, Recipe, Series
from tests.viewer.examples import bits, task
from tests.viewer.examples import comparison as compared

DOCUMENT = Path(__file__).parents[2] / "docs" / "statistics.md"


@pytest.mark.parametrize(
    ("value", "se", "text"),
    [(0.3457, 0.0149, "+35"), (0.0123, 0.0034, "+1.2"), (-0.0123, 0.00034, "-1.23"), (None, None, "–")],
)
def test_differences_stop_at_the_first_digit_of_their_error(
    value: float | None, se: float | None, text: str
) -> None:
    assert numbers.difference(value, se=se) == text


def test_small_probabilities_are_never_zero() -> None:
    assert numbers.probability(1e-100) == "<0.001"
    assert numbers.probability(0.0312) == "0.031"
    assert numbers.probability(None) == "–"


def test_effects_have_two_digits() -> None:
    assert (numbers.size(0.041688), numbers.size(0.0004), numbers.size(None)) == ("4.2", "0.04", "–")
    assert numbers.size(0.123, unit="number") == "0.12"


def test_times_and_intervals() -> None:
    assert numbers.duration(12.34) == "12.3 s"
    assert numbers.duration(3725) == "1 h 02 min"
    assert numbers.signed_interval(-0.01, 0.02, se=0.005) == "[-1.0, +2.0]"
    assert numbers.interval(None, 0.2) == "–"


def test_undefined_numbers_are_dashes_with_the_reason_below() -> None:
    nothing = dict.fromkeys(("delta", "se", "low", "high", "p", "p_holm", "p_second", "p_better", "mde"))
    found = comparison_table(compared(task(undefined="n<2", **nothing)))
    assert found.rows[0].count("–") >= 5
    assert any("n<2" in note for note in found.notes)


def test_every_formula_that_is_named_is_in_the_document() -> None:
    headings = re.findall(r"^## (.+)$", DOCUMENT.read_text(), re.MULTILINE)
    anchors = {"#" + heading.lower().replace(" ", "-") for heading in headings}
    found = compared(task(), task("other"))
    recipe = Recipe(noise_a=0.01, noise_b=0.02, se=0.05, p=0.04)
    suite = found.suite.model_copy(update={"recipe": recipe, "between_tasks_se": 0.02, "p_better": 0.9})
    lines = explanations(found.model_copy(update={"suite": suite}))
    named = set(re.findall(r"\((#[a-z-]+)\)", "\n".join(lines)))
    assert {
        "#mde",
        "#test",
        "#interval",
        "#verdict",
        "#many-tasks",
        "#training-noise",
        "#between-tasks",
    } <= named
    assert named <= anchors


def test_a_metric_of_which_less_is_better_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(bits())
    assert comparison_table(found).rows[0][0] == "stories ↓"
    console().print(comparison(found))
    assert "+ always means that B is better" in capsys.readouterr().out
    assert "↓" not in "\n".join(
        [*explanations(compared(task())), *comparison_table(compared(task())).rows[0]]
    )


def test_markdown_links_formulas() -> None:
    text = markdown.comparison(compared(task(), task("other")))
    assert "[formula](docs/statistics.md#mde)" in text
    assert "| sums |" in text


def test_the_terminal_shows_the_verdict_once_for_one_task(capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(task())
    console().print(comparison(found))
    assert capsys.readouterr().out.count(found.suite.sentence) == 1


def test_curves_show_what_each_look_spends_and_the_noise(capsys: pytest.CaptureFixture[str]) -> None:
    points = (
        Point(run="r1", step=10, checkpoint="c", value=0.4, low=0.3, high=0.5, se=0.05, n=100),
        Point(run="r2", step=20, checkpoint="c", value=0.6, low=0.5, high=0.7, se=0.05, n=100, delta=0.2,
              delta_low=0.1, delta_high=0.3, p=0.0001, alpha=0.0304, alarm="improved"),
    )  # fmt: skip
    curve = Curve(
        task="sums", metric="accuracy", points=points, noise=0.013, signal_to_noise=4.2, monotonicity=1.0
    )
    console().print(series(Series(id="s", training_run="train", curves=(curve,)), verbose=True))
    told = capsys.readouterr().out
    worth = ("scatter by 1.3 pp", "signal-to-noise 4.2", "monotonicity 1.00")
    for part in ("0.03", "improved", *worth, "#curve"):
        assert part in told
