"""Where things lie on the charts."""

from itertools import pairwise

import pytest

from assay.viewer.page.axis import difference_label, nice_ticks, score_label
from assay.viewer.page.curves import chart
from assay.viewer.page.forest import forests
from tests.viewer.examples import bits, comparison, series, task, undefined, unresolved


def test_rates_and_other_metrics_have_axes_of_their_own() -> None:
    rates, other = forests(comparison(task(), bits()))
    assert [row.name for row in rates.rows] == ["sums", "mean of 2 tasks"]
    assert [row.name for row in other.rows] == ["stories"]
    assert "percentage points" in rates.axis
    assert "bits_per_byte" in other.axis


def test_right_of_zero_is_better_and_intervals_hold_their_points() -> None:
    (plot,) = forests(comparison(task()))
    row = plot.rows[0]
    assert plot.zero is not None
    assert row.low is not None
    assert row.point is not None
    assert row.high is not None
    assert plot.zero < row.low < row.point < row.high <= plot.width
    assert row.filled


def test_an_unresolved_row_is_hollow_and_an_undefined_one_has_no_point() -> None:
    (plot,) = forests(comparison(unresolved(), undefined()))
    assert not plot.rows[0].filled
    assert plot.rows[1].point is None
    assert "no question changed" in plot.rows[1].title


def test_a_margin_that_is_wider_than_the_axis_is_left_out() -> None:
    (plot,) = forests(comparison(task(margin=0.9)))
    assert plot.rows[0].margin_low is None


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 1e-9), (-3e5, 2e6)])
def test_ticks_are_inside_and_few(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    assert 2 <= len(ticks) <= 7
    assert all(low <= tick <= high for tick in ticks)


def test_labels_have_units_and_signs() -> None:
    assert score_label(0.5, unit="rate") == "50%"
    assert difference_label(0.05, unit="rate") == "+5"
    assert difference_label(-0.0, unit="rate") == "0"


def test_a_curve_lies_inside_its_frame_and_skips_what_has_no_value() -> None:
    drawn = chart(series(0.1, None, 0.3, 1.0).curves[0])
    assert drawn is not None
    assert len(drawn.points) == 3
    assert all(drawn.left <= point.x <= drawn.width for point in drawn.points)
    assert all(0 <= point.y <= drawn.bottom for point in drawn.points)
    assert drawn.points[0].y > drawn.points[-1].y


def test_many_steps_do_not_write_over_each_other() -> None:
    drawn = chart(series(*[0.5] * 60).curves[0])
    assert drawn is not None
    gaps = [a.at - b.at for a, b in pairwise(drawn.steps)]
    assert min(gaps) >= 40
    assert drawn.steps[0].label == "5900"


def test_no_value_is_no_chart() -> None:
    assert chart(series(None).curves[0]) is None
