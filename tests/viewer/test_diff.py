from assay.viewer.page.diff import LONGEST, Piece, mark_answer, word_diff
from assay.viewer.page.texts import chance, head, shortened, visible


def joined(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def test_a_diff_keeps_both_texts_and_marks_what_differs() -> None:
    a, b = "the answer is 42, surely", "the answer is 41, perhaps"
    found = word_diff(a, b)
    assert (joined(found.a), joined(found.b)) == (a, b)
    assert [piece.text for piece in found.a if piece.kind == "only"] == ["42", "surely"]
    assert [piece.text for piece in found.b if piece.kind == "only"] == ["41", "perhaps"]
    assert found.compared


def test_texts_that_are_too_long_are_not_compared() -> None:
    long = "word " * (LONGEST + 1)
    found = word_diff(long, "word")
    assert not found.compared
    assert found.a == [Piece("same", long)]


def test_the_last_place_of_the_answer_is_marked_across_pieces() -> None:
    pieces = [Piece("same", "4 and "), Piece("only", "1"), Piece("same", "4 end")]
    marked = mark_answer(pieces, "14")
    assert joined(marked) == joined(pieces)
    assert [piece.text for piece in marked if piece.answer] == ["1", "4"]
    assert [piece.kind for piece in marked if piece.answer] == ["only", "same"]


def test_an_answer_that_is_not_in_the_text_marks_nothing() -> None:
    pieces = [Piece("same", "nothing")]
    assert mark_answer(pieces, "x") == pieces
    assert mark_answer(pieces, None) == pieces
    assert mark_answer(pieces, "") == pieces
    assert mark_answer([], "x") == []


def test_control_characters_become_pictures() -> None:
    assert visible("a\x00b\x1b\x7f\tc\r\nd\re") == "a␀b␛␡\tc\nd␍\ne"
    assert visible("\ud800") == "?"


def test_a_text_is_shortened_in_the_middle() -> None:
    assert shortened("abc", most=3) == "abc"
    assert shortened("abcdefgh", most=4) == "ab\n[… 4 characters are left out here …]\ngh"


def test_a_head_is_one_line() -> None:
    assert head("a\n b", most=10) == "a b"
    assert head("abcdef ghi", most=6) == "abcdef…"
    assert head("abc" + " " * 1000 + "d", most=6) == "abc…"


def test_certainty_is_never_claimed() -> None:
    assert [chance(p) for p in (1.0, 0.5, 0.0)] == [">0.999", "0.500", "<0.001"]
