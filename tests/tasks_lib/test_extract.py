import pytest

from tasks_lib.extract.code import fenced_code
from tasks_lib.extract.numbers import last_number, loose_number, marked_number
from tasks_lib.extract.patterns import first_match, last_match, whole


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("so 18", "18"),
        ("It costs $1,250.50.", "1250.50"),
        ("from 5 to -3", "-3"),
        ("a .5 chance", ".5"),
        ("1,000,000 in all", "1000000"),
        ("18.", "18"),
        ("none", None),
        ("", None),
    ],
)
def test_the_last_number_without_commas(text: str, found: str | None) -> None:
    assert last_number(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x\n#### 18", "18"),
        ("#### 1 and #### 2", "1"),
        ("#### -1,250.5.", "-1,250.5."),
        ("#### $18", None),
        ("####18", None),
        ("18", None),
    ],
)
def test_the_first_number_after_the_mark_as_written(text: str, found: str | None) -> None:
    assert marked_number(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5 apples and 7", "7"),
        ("It is $1,250.50.", "$1,250.50."),
        ("7 is it...", "..."),
        ("-3", "-3"),
        ("\uff17", None),
        ("none", None),
    ],
)
def test_the_last_thing_that_looks_like_a_price(text: str, found: str | None) -> None:
    assert loose_number(text) == found


def test_patterns_take_the_first_group_that_matched() -> None:
    assert first_match(r"(a)|(\d+)")("x 1 a 2") == "1"
    assert last_match(r"(a)|(\d+)")("x 1 a 2") == "2"
    assert first_match(r"\d+")("x 12") == "12"
    assert first_match(r"\d+")("x") is None
    assert (whole(" x \n"), whole(" \n")) == ("x", None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("def f(): pass", "def f(): pass"),
        ("Here:\n```python\nx = 1\n```\nDone.", "x = 1\n"),
        ("```\na\n```\nand\n```py\nbb\n```", "bb\n"),
        ("```python\nx = 1", "x = 1"),
        ("  \n", None),
    ],
)
def test_the_program_of_a_text(text: str, code: str | None) -> None:
    assert fenced_code(text) == code
