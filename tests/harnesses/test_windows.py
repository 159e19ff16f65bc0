"""Every token of a long text is scored once, after as much as fits; worked out by hand and by properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import RequestRefused
from assay.records import LogLikelihood, Pair
from harnesses.engine.keys import Keys
from harnesses.providers.pairs import Window, begun, boundary, joined, whole_text, windows
from harnesses.providers.rows import Row, batches, rows

BOS = 0


@pytest.mark.parametrize(
    ("tokens", "room", "expected"),
    [
        ([1, 2], 5, [Window([0, 1, 2], 2)]),
        ([1, 2, 3, 4], 5, [Window([0, 1, 2, 3, 4], 4)]),
        ([1, 2, 3, 4, 5], 5, [Window([0, 1, 2, 3, 4], 4), Window([1, 2, 3, 4, 5], 1)]),
        ([1, 2, 3, 4, 5, 6, 7, 8], 5, [Window([0, 1, 2, 3, 4], 4), Window([4, 5, 6, 7, 8], 4)]),
        (
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            5,
            [Window([0, 1, 2, 3, 4], 4), Window([4, 5, 6, 7, 8], 4), Window([6, 7, 8, 9, 10], 2)],
        ),
        ([1, 2, 3], 2, [Window([0, 1], 1), Window([1, 2], 1), Window([2, 3], 1)]),
    ],
    ids=["shorter", "just fits", "one too many", "whole windows", "a remainder", "one token of context"],
)
def test_windows_of_a_text_after_its_bos(tokens: list[int], room: int, expected: list[Window]) -> None:
    assert windows([BOS, *tokens], given=1, room=room) == expected


def test_more_tokens_may_stand_before_a_text() -> None:
    assert windows([98, 99, 1, 2, 3, 4], given=2, room=4) == [
        Window([98, 99, 1, 2], 2),
        Window([1, 2, 3, 4], 2),
    ]


@given(count=st.integers(1, 60), room=st.integers(2, 20))
def test_windows_cover_a_text_once_and_are_unbroken(count: int, room: int) -> None:
    found = windows(range(count + 1), given=1, room=room)
    assert [token for one in found for token in one.ids[-one.own :]] == list(range(1, count + 1))
    for one in found:
        assert one.ids == list(range(one.ids[0], one.ids[0] + len(one.ids)))
        assert one.own < len(one.ids) <= room
    # As much as fits: only a text that is shorter than a window does not fill it.
    assert all(len(one.ids) == min(room, count + 1) for one in found)


@pytest.mark.parametrize(("ids", "given", "room"), [([1, 2], 0, 5), ([1], 1, 5), ([1, 2], 1, 1)])
def test_what_leaves_nothing_to_score_is_refused(ids: list[int], given: int, room: int) -> None:
    with pytest.raises(RequestRefused, match="cannot be scored"):
        windows(ids, given=given, room=room)


def test_a_bos_is_put_once() -> None:
    assert begun([7, 8], [1]) == [1, 7, 8] == begun([1, 7, 8], [1])
    assert begun([7], []) == [7]


def test_a_whole_text_has_no_context_and_keeps_its_blanks() -> None:
    assert whole_text(Pair(context="", continuation=" a b ", rolling=True)) == " a b "
    with pytest.raises(RequestRefused, match="no context"):
        whole_text(Pair(context="x", continuation="y", rolling=True))
    with pytest.raises(RequestRefused, match="empty"):
        whole_text(Pair(context="", continuation="", rolling=True))
    assert boundary(Pair(context="a \n", continuation="b")) == Pair(context="a", continuation=" \nb")


def test_parts_add_up_and_are_greedy_where_all_are() -> None:
    parts = [
        LogLikelihood(logprob=-1.5, tokens=2, greedy=True),
        LogLikelihood(logprob=-2.0, tokens=1, greedy=True),
    ]
    assert joined(parts) == LogLikelihood(logprob=-3.5, tokens=3, greedy=True)
    assert joined([*parts, parts[0].model_copy(update={"greedy": False})]).greedy is False
    assert joined([*parts, parts[0].model_copy(update={"greedy": None})]).greedy is None


def test_a_whole_text_is_another_request_and_plain_pairs_keep_their_keys() -> None:
    keys = Keys("weights", {"api": "completions"})
    plain, whole = (
        keys.pair(Pair(context="", continuation="a b", rolling=rolling)) for rolling in (False, True)
    )
    assert plain != whole
    # What the log of an earlier release is searched by.
    assert keys.pair(Pair(context="The cat", continuation=" sat")) == "37357da2b733db2b58e07537ed9e0f3c"


def test_windows_that_differ_in_their_last_token_share_a_row() -> None:
    letters = [Window([1, 2, 3, letter], 1) for letter in (7, 8)]
    other = Window([1, 2, 9, 7], 2)
    found = rows([letters[0], other, letters[1], Window([5, 1, 2, 3, 7], 1)])
    assert found == [
        Row((5, 1, 2, 3), [(3, Window([5, 1, 2, 3, 7], 1))]),
        Row((1, 2, 3), [(0, letters[0]), (2, letters[1])]),
        Row((1, 2, 9), [(1, other)]),
    ]
    assert [row.places for row in found] == [range(3, 4), range(2, 3), range(1, 3)]


def test_batches_are_bounded_by_rows_and_by_the_logits_they_need() -> None:
    def row(length: int, own: int) -> Row:
        return Row(tuple(range(length)), [(0, Window(list(range(length + 1)), own))])

    short, long = row(10, 1), row(10, 10)
    assert [len(batch) for batch in batches([short] * 5, size=2, most=100)] == [2, 2, 1]
    assert [len(batch) for batch in batches([long] * 5, size=8, most=20)] == [2, 2, 1]
    assert [len(batch) for batch in batches([short] * 5, size=8, most=20)] == [5]
    # One that is too large alone still has its turn.
    assert [len(batch) for batch in batches([long, long], size=8, most=3)] == [1, 1]
