"""What is said beside a score that the limit of tokens or the reading of answers had a part in."""

import pytest

from assay.cli.scores import remark
from assay.records import Counts
from assay.report.warnings import warnings_of
from tests.store.examples import make_run


@pytest.mark.parametrize(("cut", "warned"), [(0, False), (5, False), (6, True), (100, True)])
def test_more_than_one_in_twenty_answers_cut_off_is_said(cut: int, warned: bool) -> None:
    run = make_run("a" * 12, counts=Counts(expected=100, scored=100 - cut, truncated=cut))
    warnings = warnings_of(run)
    assert bool(warnings) is warned
    assert all(f"{cut} of 100 answers were cut off" in warning for warning in warnings)


def test_answers_cut_off_and_answers_without_meaning_are_both_said() -> None:
    run = make_run("a" * 12, counts=Counts(expected=100, truncated=20, unparsed=80))
    unread, cut = warnings_of(run)
    assert "80 of 100" in unread
    assert "20 of 100" in cut


def test_thoughts_without_end_are_said_beside_answers_cut_off() -> None:
    run = make_run("a" * 12, counts=Counts(expected=100, scored=80, truncated=10, unparsed=10, unclosed=10))
    assert "10 of 100 samples are thoughts" in (remark(run) or "")
