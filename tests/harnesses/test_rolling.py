"""Every token of a long text is scored once, after as much as fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harnesses.rolling import Window, windows


def test_a_text_that_fits_is_one_window() -> None:
    assert list(windows([7, 8, 9], prefix=0, max_length=4)) == [Window((0,), (7, 8, 9))]


def test_later_windows_condition_on_the_token_before() -> None:
    assert list(windows(range(1, 8), prefix=0, max_length=4)) == [
        Window((0,), (1, 2, 3)),
        Window((3,), (4, 5, 6)),
        Window((4, 5, 6), (7,)),
    ]


def test_more_context_scores_fewer_tokens_in_each_window() -> None:
    found = list(windows(range(1, 8), prefix=0, max_length=4, context=3))
    assert [one.continuation for one in found] == [(1, 2, 3), (4,), (5,), (6,), (7,)]
    assert all(len(one.context) == 3 for one in found[1:])


def test_without_a_prefix_the_first_token_is_only_context() -> None:
    assert list(windows([7, 8, 9], prefix=None, max_length=4)) == [Window((7,), (8, 9))]


def test_no_token_makes_no_window() -> None:
    assert list(windows([], prefix=0, max_length=4)) == []


@pytest.mark.parametrize("context", [0, 4, 5])
def test_a_context_that_leaves_no_room_is_refused(context: int) -> None:
    with pytest.raises(ValueError, match="leaves no room"):
        list(windows([1], prefix=0, max_length=4, context=context))


@given(
    count=st.integers(1, 60), max_length=st.integers(2, 20), context=st.integers(1, 19),
)  # fmt: skip
def test_windows_cover_the_text_once_and_are_contiguous(count: int, max_length: int, context: int) -> None:
    if context >= max_length:
        return
    tokens = list(range(1, count + 1))
    found = list(windows(tokens, prefix=0, max_length=max_length, context=context))
    assert [token for one in found for token in one.continuation] == tokens
    for one in found:
        whole = one.context + one.continuation
        assert len(whole) <= max_length
        assert list(whole) == list(range(whole[0], whole[0] + len(whole)))
        assert len(one.context) >= min(context, one.continuation[0])
