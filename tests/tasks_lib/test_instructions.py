"""Every instruction of IFEval and IFBench: texts that follow it and texts that do not."""

import re
from pathlib import Path

import pytest

from assay.errors import BadSpec
from assay.records import Sample
from tasks_lib import optional
from tasks_lib.benchmarks.ifbench import RULES
from tasks_lib.check import check
from tasks_lib.instructions.rules import followed, loose_forms, related
from tasks_lib.questions import load
from tasks_lib.scoring import score_text
from tests.tasks_lib.rows import Rows, task_of

for library in ("punkt", "langdetect", "nltk", "emoji", "syllapy"):
    pytest.importorskip(library)

AFRICA = "\n".join(["Zimbabwe", "Zambia", *(f"Country {n}" for n in range(99, 49, -1))])
ALPHABET_STORY = " ".join(f"{chr(65 + n)}n apple fell." for n in range(26))
MCQ = "\n\n".join(
    f"Question {n}\nWhat is {'very ' * n}old?\n" + "\n".join(f"{letter}) x" for letter in "ABCDE")
    for n in range(1, 5)
)
PRODUCTS = "ProductID,Category,Brand,Price,Stock\n" + "\n".join(f'{n},a,"b&{n}",1,2' for n in range(14))
STUDENTS = "\n".join(
    "\t".join(f'"{field}"' for field in row)
    for row in [("StudentID", "Subject", "Grade", "Semester", "Score"), *[("1", "a", "b", "c", "2")] * 3]
)
CAPITALS = (
    "Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, "
    "Berlin, Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, Budapest, "
    "Vaduz, Chișinău, Bern, Ljubljana, Zagreb"
)
FREQUENCY = {"keyword": "war", "frequency": 2, "relation": "at least"}
PARAGRAPH = {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Rain"}
KEYWORDS = {f"keyword{n}": word for n, word in enumerate(("one", "two", "three", "five", "seven"), start=1)}
COUNTED = "one " + "two " * 2 + "three " * 3 + "five " * 5 + "seven " * 7
CASES: list[tuple[str, dict[str, object], str, str]] = [
    ("keywords:existence", {"keywords": ["rain"]}, "It RAINED.", "It snowed."),
    ("keywords:frequency", FREQUENCY, "A warm war.", "One war."),
    ("keywords:forbidden_words", {"forbidden_words": ["rock"]}, "Rocket.", "A Rock!"),
    ("keywords:letter_frequency", {"letter": "#", "let_frequency": 2, "let_relation": "at least"}, "##", "#"),
    ("language:response_language", {"language": "de"}, "Das ist ein sehr schönes Haus.", "This is a house."),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "less than"},
        "Dr. No came.",
        "A. B? C!",
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n***\nb", "a\n***\n \n***\nb"),
    ("length_constraints:number_words", {"num_words": 3, "relation": "at least"}, "a b-c", "a b"),
    ("length_constraints:nth_paragraph_first_word", PARAGRAPH, "Sun\n\n'rain', then", "Sun\n\nSnow"),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[a] [b]", "[a]"),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Hi\np. p. s. yes", "Hi\nP.S. yes"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Hi P.S. yes", "Hi"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n - b", "** a\n- b"),
    ("detectable_format:constrained_response", {}, "Well: My answer is no.", "No."),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* *b*", "*a* **"),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "PART", "num_sections": 2},
        "PART 1 a PART2 b",
        "PART 1",
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', "{'a': 1}"),
    ("detectable_format:title", {}, "<<Rain>>", "<< >>"),
    ("combination:two_responses", {}, "a******b", "a******a"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say hi."}, "say HI. Hi.", "Hi."),
    ("startend:end_checker", {"end_phrase": "The end."}, '"So it was. the end."', "The end. No."),
    ("change_case:english_capital", {}, "THIS IS A VERY NICE HOUSE.", "This IS A HOUSE."),
    ("change_case:english_lowercase", {}, "this is a very nice house.", "This is a house."),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "less than"},
        "I am.",
        "I AM.",
    ),
    ("punctuation:no_comma", {}, "No.", "No, no."),
    ("startend:quotation", {}, ' "Yes" ', '"'),
    ("count:keywords_multiple", KEYWORDS, COUNTED, COUNTED + "one"),
    ("count:conjunctions", {"small_n": 2.0}, "Rain, and snow; but no hail.", "Rain and snow and hail."),
    ("count:numbers", {"N": 2.0}, "3.14 and 1,000", "3 14 1"),
    ("count:person_names", {"N": 2.0}, "Mia met Leo.", "Mia, Mia, and Leonard."),
    ("count:pronouns", {"N": 3.0}, "She/her saw it.", "Rain fell on them."),
    ("count:punctuation", {}, "a. b, c! d? e; f: g?!", "a. b, c! d? e; f:"),
    ("count:unique_word_count", {"N": 2.0}, "Rain, rain, go.", "Rain rain!"),
    ("count:word_count_range", {"min_words": 2.0, "max_words": 3.0}, "a b c", "a"),
    ("count:words_japanese", {"N": 2.0}, "one 二 three 四", "one two"),
    ("ratio:overlap", {"reference_text": "a b c d", "percentage": 50.0}, "a b c x", "x y z"),
    ("ratio:sentence_balance", {}, "It is. Is it? It is!", "It is. It was."),
    ("ratio:sentence_type", {}, "It is. It was. Is it?", "It is. Is it?"),
    ("ratio:sentence_words", {}, "Rain fell. Hail came. Snow lies.", "Rain fell. Rain came. Snow lies."),
    ("ratio:stop_words", {"percentage": 25.0}, "Rain fell all day", "It is the rain"),
    ("words:alphabet", {}, "You zip a bag.", "You zip bags."),
    ("words:consonants", {}, "Strong winds", "Strong air"),
    (
        "words:keywords_specific_position",
        {"keyword": "fell", "n": 2, "m": 2},
        "It is. Rain, fell.",
        "It fell. Rain.",
    ),
    ("words:last_first", {}, "I see rain. Rain falls.", "I see rain. Snow falls."),
    ("words:no_consecutive", {}, "Rain falls softly.", "Soft snow."),
    ("words:odd_even_syllables", {}, "Rain water falls", "Rain falls"),
    ("words:palindrome", {}, "level " * 10, "level " * 9 + "noon"),
    ("words:paragraph_last_first", {}, "Rain is rain.\n\nSnow fell on snow!", "Rain is wet."),
    ("words:prime_lengths", {}, "Rains are it.", "Rain"),
    ("words:repeats", {"small_n": 2.0}, "Rain, rain", "Rain rain rain"),
    ("words:vowel", {}, "Rain is in.", "Rain is in our house."),
    ("words:words_position", {"keyword": "rain"}, "The rain is rain indeed.", "The rain is wet."),
    ("sentence:alliteration_increment", {}, "It rains. Some snow fell.", "Some snow fell. It rains."),
    ("sentence:increment", {"small_n": 1.0}, "It rains. Now it snows.", "It rains. It snows."),
    ("sentence:keyword", {"word": "snow", "N": 2.0}, "It rains. Then Snow.", "Snow. It rains, snowing."),
    ("custom:character_reverse", {}, "lobmys eht si elgae dlab eht", "bald eagle"),
    ("custom:word_reverse", {}, "eagle bald the is It", "It is the bald eagle"),
    (
        "custom:csv_city",
        {},
        "ID,Country,City,Year,Count\n" + "1,a,b,2,3\n" * 7,
        "ID,Country,City,Year,Count\n" * 2,
    ),
    ("custom:csv_special_character", {}, PRODUCTS, PRODUCTS.replace("&", "")),
    ("custom:csv_quotes", {}, STUDENTS, STUDENTS.replace('"', "")),
    ("custom:date_format_list", {}, "1796-04-12, 1815-06-18", "1796-02-30"),
    ("custom:european_capitals_sort", {}, CAPITALS, CAPITALS.replace("Oslo, ", "")),
    ("custom:mcq_count_length", {}, MCQ, "Here you are.\n" + MCQ),
    ("custom:multiples", {}, "14,21,28,35,42,49", "7 14 21 28 35 42 49"),
    ("custom:reverse_newline", {}, AFRICA, "Zambia\nZimbabwe"),
    ("custom:sentence_alphabet", {}, ALPHABET_STORY, "An apple fell."),
    ("format:emoji", {}, "It rains. ☔ It snows ❄", "It rains."),
    ("format:line_indent", {}, "a\n b\n\n  c", "a\nb"),
    ("format:list", {"sep": "!?!?"}, "!?!? a\n!?!? b", "!?!? a"),
    ("format:newline", {}, "It\nrains\n\n.", "It rains"),
    ("format:no_bullets_bullets", {}, "It rains. It snows.\n* a\n* b", "It rains.\n* a\n* b"),
    ("format:no_whitespace", {}, "ItRains", "It\u00a0rains"),
    ("format:options", {"options": "yes/no/maybe"}, "Maybe.", "Perhaps."),
    ("format:options", {"options": "I know or I don't know"}, "I don't know", "Yes"),
    ("format:options", {"options": "a), b), c), d)"}, "b)", "B)"),
    ("format:output_template", {}, "My Answer: a My Conclusion: b Future Outlook: c", "My Answer: a"),
    ("format:parentheses", {}, "([{([a])}])", "((((a))))"),
    ("format:quote_unquote", {}, '"Rain" is wet.', 'So he said: "Rain".'),
    ("format:quotes", {}, '"a \'b "c" d\' e"', "\"a 'b' c\""),
    ("format:sub-bullets", {}, "* a\n- b", "* a"),
    ("format:thesis", {}, "<i>Rain</i> is wet.", "<i> </i> Rain"),
    ("format:title_case", {}, "It Rains In The UK", "It rains"),
    ("repeat:repeat_change", {"prompt_to_repeat": "Say it now"}, "Write it now", "Say it now"),
    ("repeat:repeat_simple", {}, "Only output this sentence here, ignore all other requests.", "Fine."),
    ("repeat:repeat_span", {"prompt_to_repeat": "a b c d", "n_start": 1, "n_end": 2}, "B c", "a b"),
]
TAGGED = {"words:start_verb"}
"""Takes NLTK's tagger."""


@pytest.mark.parametrize(("name", "arguments", "good", "bad"), CASES)
def test_a_rule_tells_what_follows_it(name: str, arguments: dict[str, object], good: str, bad: str) -> None:
    assert followed(good, RULES[name], arguments)
    assert not followed(bad, RULES[name], arguments)


def test_every_rule_has_a_case() -> None:
    assert set(RULES) - {name for name, *_ in CASES} == TAGGED
    assert len(RULES) == 25 + 58


def test_a_text_whose_language_cannot_be_told_passes() -> None:
    assert followed("123", RULES["language:response_language"], {"language": "de"})


def test_an_empty_text_follows_nothing() -> None:
    assert not followed(" \n", RULES["punctuation:no_comma"], {})


def test_lenient_readers_skip_lines_and_asterisks() -> None:
    assert loose_forms("Sure:\n*Rain*\nBye") == [
        "Sure:\n*Rain*\nBye", "*Rain*\nBye", "Sure:\n*Rain*", "*Rain*",
        "Sure:\nRain\nBye", "Rain\nBye", "Sure:\nRain", "Rain",
    ]  # fmt: skip


def test_an_unknown_relation_is_refused() -> None:
    with pytest.raises(ValueError, match="about"):
        related(1, "about", 1)


def test_a_missing_library_is_named_with_its_extra() -> None:
    with pytest.raises(BadSpec, match=re.escape("'no_such_library'")):
        optional.library("no_such_library", purpose="Checking instructions")


ROW: Rows = [
    {
        "key": 1,
        "prompt": "Write it without commas, in at least 3 words.",
        "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
        "kwargs": [
            {"num_words": None, "relation": None},
            {"num_words": 3, "relation": "at least"},
        ],
    }
]


@pytest.mark.anyio
@pytest.mark.parametrize("spec", ["ifeval", "ifbench"])
async def test_prompts_and_instructions_are_counted(spec: str, tmp_path: Path) -> None:
    task = task_of(spec, tmp_path, ROW)
    assert await check(task, pool=None) == []
    question = load(task).questions[0]
    scores = score_text(task, question, Sample(question_id=question.id, output="Sure,\nrain fell again."))
    by_name = {score.metric: (score.value, score.weight) for score in scores}
    assert by_name == {
        "prompt_strict": (0.0, 1.0),
        "prompt_loose": (1.0, 1.0),
        "inst_strict": (0.5, 2.0),
        "inst_loose": (1.0, 2.0),
    }
    assert scores[0].metric == task.headline.name
