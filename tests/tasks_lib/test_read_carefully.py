"""What a careful reader reads, and a rule that knows fewer ways of writing does not."""

import pytest

from tasks_lib.extract.code import fenced_code
from tasks_lib.extract.letters import choice_letter
from tasks_lib.extract.numbers import read_number
from tasks_lib.extract.thoughts import parted

WORDS = (
    "Answer: _{}_",
    "<final>{}</final>",
    "\\answer{{{}}}",
    "| Answer | {} |",
    "Answer: <{}>",
    "<<{}>>",
    "Doğru cevap {}'dır.",
    "सही उत्तर {} है",
)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("letter", "ABD")
def test_every_letter_is_read_in_every_markup(words: str, letter: str) -> None:
    assert choice_letter(words.format(letter), among="ABCD") == letter


def test_a_tag_that_is_closed_is_no_letter() -> None:
    assert choice_letter("<B>C</B>", among="ABCD") == "C"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1\\!,234", "1234"),
        ("1{\\,}234", "1234"),
        ("1.000.000", "1000000"),
        ("1.000.000,50", "1000000.50"),
        ("1.000", "1.000"),
        ("\u201310", "-10"),
        ("3\u201310", "10"),
        ("1e3", "1000"),
        ("1.5 \\times 10^{3}", "1500"),
        ("2 × 10^−3", "0.002"),
        ("5 x 10", "10"),
        ("10 in.^2", "10"),
        ("10 m<sup>2</sup>", "10"),
        ("10 kg of CO2", "10"),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, number: str) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("<analysis>", "</analysis>"),
        ("<rationale>", "</rationale>"),
        ("<deepthink>", "</deepthink>"),
        ("<thinking_process>", "</thinking_process>"),
        ("<internal_monologue>", "</internal_monologue>"),
        ("<|inner_prefix|>", "<|inner_suffix|>"),
    ],
)
def test_thoughts_of_every_tag_are_no_answer(opens: str, closes: str) -> None:
    parts = parted(f"{opens}perhaps C{closes}A")
    assert (parts.thought, parts.answer, parts.closed) == ("perhaps C", "A", True)
    assert not parted(f"{opens}perhaps C").closed


FUNCTION = "def f(x):\n    return x"


@pytest.mark.parametrize(
    "text",
    [
        f"```python {FUNCTION}\n```",
        f"\ufeff```python\n{FUNCTION}\n```",
        "\t```python\n\tdef f(x):\n\t    return x\n\t```",
        "```python\ndef f(x):\n    '''\n    ```\n    f(1)\n    ```\n    '''\n    return x\n```",
    ],
    ids=[
        "on the fence's line",
        "after a mark of byte order",
        "behind a tab",
        "with a fence in its docstring",
    ],
)
def test_a_function_is_taken_whole(text: str) -> None:
    code = fenced_code(text, names=["f"])
    assert code is not None
    assert code.startswith("def f(x):")
    assert code.rstrip().endswith("return x")
