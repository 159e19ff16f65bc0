"""The number a careful reader takes a text to end on."""

import pytest

from tasks_lib.benchmarks.mmlu_pro import authors_letter
from tasks_lib.extract.numbers import last_number, loose_number, marked_number, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("$70{,}000", "70000"), ("70\\,000", "70000"), ("70,\\!000", "70000"), ("70\u202f000", "70000"),
        ("70\u00a0000", "70000"), ("70\u2009000", "70000"), ("70 000", "70000"), ("1'000", "1000"),
        ("100 200 300", "300"), ("\u22123", "-3"), ("-$10", "-10"), ("-\\$10", "-10"),
        ("\u2212$1,250.50", "-1250.50"),
        ("\uff11\uff18", "18"), ("\uff11\uff0c\uff10\uff10\uff10", "1000"), ("\u0663\u0664", "34"),
        ("$18\\text{ m}^2$", "18"), ("18 m^2", "18"), ("18 cm\u00b2", "18"), ("18 km2.", "18"),
        ("18\\,\\mathrm{cm}^{3}", "18"), ("90^{\\circ}", "90"), ("from 10-18", "18"), ("$20-$10", "10"),
        ("from 5 to -3", "-3"), ("18.", "18"), ("a .5 chance", ".5"), ("18</s>", "18"), ("-18%", "-18"),
        ("It costs $1,250.50.", "1250.50"), ("none", None), ("", None),
    ],
)  # fmt: skip
def test_the_last_number_as_it_is_read(text: str, number: str | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("size", [1_990, 2_010, 30_000, 200_000])
def test_a_number_is_found_wherever_it_stands(size: int) -> None:
    text = "12,345.5 and" + " x" * size
    assert (last_number(text), read_number(text), loose_number(text)) == ("12345.5", "12345.5", "12,345.5")
    assert last_number("x " * size + "1" * 3_000) == "1" * 3_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["1 ", "1", "x", "-", "1,", "{,}", " 000", "<"])
@pytest.mark.parametrize("extract", [last_number, read_number, loose_number, marked_number])
def test_a_long_text_takes_time_in_proportion(extract: object, piece: str) -> None:
    assert callable(extract)
    extract(piece * (1_000_000 // len(piece)))


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("The answer is (C). The answer is (D).", "C"),
        ("First\nAnswer: B, or answer: C\nAnswer: D", "C"),
        ("So it must be **(C)**. Neither (D) nor (E): (F)", "F"),
        ("A perfect answer cannot be found.", None),
        ("none", None),
    ],
)
def test_the_three_levels_of_mmlu_pro(text: str, letter: str | None) -> None:
    assert authors_letter(text) == letter
