"""Thoughts inside a text are told from the answer, and stop sequences end it."""

import pytest

from tasks_lib.extract.stops import until_stop
from tasks_lib.extract.thoughts import parted

CLOSED = (
    "<think>{0}</think>{1}", "<thinking>\n{0}\n</thinking>\n\n{1}", "<Thought>{0}</Thought>{1}",
    "<reasoning>{0}</reasoning>{1}", "<seed:think>{0}</seed:think>{1}", "[THINK]{0}[/THINK]{1}",
    "\u25c1think\u25b7{0}\u25c1/think\u25b7{1}", "<|START_THINKING|>{0}<|END_THINKING|>{1}",
    "<|START_THINKING|>{0}<|END_THINKING|><|START_RESPONSE|>{1}<|END_RESPONSE|>",
    "<|begin_of_thought|>{0}<|end_of_thought|><|begin_of_solution|>{1}<|end_of_solution|>",
    "<|channel|>analysis<|message|>{0}<|end|><|start|>assistant<|channel|>final<|message|>{1}",
    "analysis{0}assistantfinal{1}", "<unused94>thought\n{0}<unused95>{1}", "{0}</think>\n{1}",
)  # fmt: skip


@pytest.mark.parametrize("wording", CLOSED)
def test_a_thought_is_no_part_of_the_answer(wording: str) -> None:
    parts = parted(wording.format("Is it 99 or (B)?", "The answer is 18."))
    assert parts == ("Is it 99 or (B)?", "The answer is 18.", True)


@pytest.mark.parametrize("wording", CLOSED[:-1])
def test_a_thought_that_never_closes_leaves_no_answer(wording: str) -> None:
    opening = wording.partition("{0}")[0]
    if opening == "analysis":
        pytest.skip("a word, which opens a thought only where the answer follows")
    thought, answer, closed = parted(f"{opening}Is it 99 or (B)?")
    assert (thought, answer, closed) == ("Is it 99 or (B)?", "", False)


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("x <think>a</think>y", "a", "x y"),
        ("<think>a</think>b<think>c</think>d", "a\n\nc", "bd"),
        ("<think>a <think>b</think> c</think>d", "a <think>b\n\nc", "d"),
        ("<think></think>d", "", "d"),
        ("Write `<think>` first", None, "Write `<think>` first"),
        ('s.split("</think>")', None, 's.split("</think>")'),
        ("a < b and [c]", None, "a < b and [c]"),
        ("</think>\n    return 1", "", "    return 1"),
    ],
)
def test_tags_that_are_many_or_only_spoken_of(text: str, thought: str | None, answer: str) -> None:
    assert parted(text) == (thought, answer, True)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["<think>", "</think>", "<think></think>", "</think><think>", "<", "[think]a"]
)
def test_tags_without_end_take_time_in_proportion(piece: str) -> None:
    parted(piece * (2_000_000 // len(piece)))


@pytest.mark.parametrize(
    ("text", "stops", "kept"),
    [
        ("a\n\nQuestion: b", ("Question:",), "a\n\n"),
        ("a STOP b END c", ("END", "STOP"), "a "),
        ("\n\na\nb", ("\n",), "\n\na"),
        ("\nclass A", ("\nclass",), ""),
        ("a", ("b", ""), "a"),
        ("\n\n", ("\n",), "\n\n"),
    ],
)
def test_the_first_stop_ends_a_text(text: str, stops: tuple[str, ...], kept: str) -> None:
    assert until_stop(text, stops) == kept
