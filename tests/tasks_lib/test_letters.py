"""The letter of a choice in what a model wrote: every rule for every letter."""

import pytest

from tasks_lib.extract.letters import choice_letter

SENTENCES = (
    "{0}", "{0}.", "({0})", "**{0}**", "[{0}]", '"{0}"', "`{0}`", "{0}) the first", "{0} - see above",
    "{0}: because",
    "{0} because of {1}", "{0}, because {1} fails", "{0}</s>", "{0}<|eot_id|>", "\\text{{{0}}}",
    "$\\boxed{{{0}}}$",
    "The answer is $\\boxed{{\\text{{({0}) true}}}}$.", "\\boxed{{{0}. true}}", "ANSWER: ${0}$",
    "<answer>{0}</answer>",
    "The answer is {0}.", "The correct answer is option {0}.", "The answer is {0} because a car moves.",
    "The answer is {0} True", "Answer:\n\n**{0}**", "**Answer:** {0}", "Answer = {0}", "Final answer: {0})",
    "Answer: I think it is {0}", "Die richtige Antwort ist {0}.", "La r\u00e9ponse est {0}.",
    "\u7b54\u6848\u662f{0}",
    "\u7b54\u6848\uff1a\uff08{0}\uff09", "\uc815\ub2f5\uc740 {0}\uc785\ub2c8\ub2e4", "Option {0} is correct",
    "{0} is the answer", "I would pick {0} \u2014 a safe choice.", "A train leaves, so {0}.",
    "Definitely {0}!",
    "Answer: rules out {1}, leaving {0}", "{1} is wrong, and {2} is wrong too, so {0}.",
    "neither {1} nor {2}, but {0}",
    "It cannot be ({1}). ({2}) looks plausible, but ({0}) is right.",
    "The answer is {1}, no, the answer is {0}",
    "Answer: It is not {1}, the answer is {0}", "If the answer is {1}, then 2 = 3. So {0}.", "~~{1}~~ {0}",
    "The answer is {0}. Note that {1} is a common distractor.", "{1} is tempting, but {0} is correct",
    "A. one\nB. two\nC. three\nD. four\n\n{0}", "{0}\n\nBut some say {1}.",
    "Rule out {1} and {2}. {0} remains.",
    "{0}\n\nQuestion: What?\nA. one\nB. two\nAnswer: {1}",
)  # fmt: skip
SMALL = (
    "{0}",
    "({0})",
    "{0}.",
    "{0}) the first",
    "ANSWER: {0}",
    "The answer is {0}.",
    "option {0}",
    "\\boxed{{{0}}}",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_counts_for_every_letter(sentence: str) -> None:
    for letter, other, third in ("ABC", "BCD", "CDA", "DAB", "ADC"):
        text = sentence.format(letter, other, third)
        assert choice_letter(text, among="ABCD") == letter, text


@pytest.mark.parametrize("sentence", SMALL)
def test_small_letters_count_where_the_sentence_says_so(sentence: str) -> None:
    for letter in "abcd":
        assert choice_letter(sentence.format(letter), among="ABCD") == letter.upper()


@pytest.mark.parametrize(
    "text",
    [
        "the answer is a pity", "Answer: a car", "A perfect answer cannot be found.", "I do not know", "E",
        "", "Dogs",
        "Either A or B", "The answer is A or B", "Both (A) and (B)",
        "(B) is close. ANSWER: None of the above",
        "ANSWER: Don't know", "Thus a + b = c", "f(a) = 2",
    ],
)  # fmt: skip
def test_what_states_no_letter_has_none(text: str) -> None:
    assert choice_letter(text, among="ABCD") is None


def test_a_letter_beyond_the_choices_counts_where_there_are_more() -> None:
    assert choice_letter("The answer is (I).", among="ABCDEFGHIJ") == "I"
    assert choice_letter("I think it is J", among="ABCDEFGHIJ") == "J"
    assert choice_letter("Answer: I think it is C", among="ABCDEFGHIJ") == "C"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["A ", "the answer: ", "\n", "(", "so the ", "\\text{", "~~"])
def test_a_long_text_takes_time_in_proportion(piece: str) -> None:
    assert choice_letter(piece * (2_000_000 // len(piece)) + "\nAnswer: B", among="ABCD") == "B"
