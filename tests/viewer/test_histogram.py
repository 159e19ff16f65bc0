"""Where the bars of a histogram lie."""

import pytest

from assay.report.models import Spread
from assay.viewer.page.document import page
from assay.viewer.page.histogram import HEIGHT, LEFT, TOP, WIDTH, histogram
from tests.viewer.examples import bits, comparison, task


def test_bars_stand_side_by_side_on_the_axis() -> None:
    found = histogram(bits())
    assert found is not None
    assert [bar.side for bar in found.bars] == ["lost", "lost", "tied", "won", "won"]
    assert max(bar.height for bar in found.bars) == HEIGHT
    assert [bar.y + bar.height for bar in found.bars] == pytest.approx([TOP + HEIGHT] * 5)
    assert found.bars[0].x == pytest.approx(LEFT, abs=1)
    assert found.bars[-1].x + found.bars[-1].width == pytest.approx(WIDTH, abs=1)
    middle = found.bars[2]
    zero = next(tick.at for tick in found.ticks if tick.label == "0")
    assert middle.x < zero < middle.x + middle.width
    assert found.mean is not None
    assert found.mean > zero


def test_a_bar_says_what_it_holds() -> None:
    found = histogram(bits())
    assert found is not None
    assert found.bars[3].title == "+0.05 to +0.15: 45 questions"
    assert found.bars[4].title == "+0.15 to +0.25 or beyond: 25 questions"
    rates = task(table=None, spread=Spread(width=0.1, counts=(0, 9, 1)))
    shares = histogram(rates)
    assert shares is not None
    assert shares.bars[2].title == "+5 to +15 pp: 1 question"


def test_only_tasks_whose_scores_are_numbers_have_one() -> None:
    assert histogram(task()) is None
    assert "How far the questions moved" not in page(title="t", comparison=comparison(task()))
    text = page(title="t", comparison=comparison(task(), bits()))
    assert text.count('class="spread') == 1
    assert "2 questions beyond the axis" in text
