"""The 25 instructions of IFEval (Zhou et al. 2023), checked as the authors' program checks them.

Oddities kept: an instruction's keyword is a pattern, and found inside words; `P.P.S` and `P.S.` have
patterns of their own and any other marker is a pattern in lower case; text whose language cannot be told
passes. One departure: where a prompt asks for a number of `#` or `!`, the authors count a letter drawn at
random, and this counts the character that was asked for.
"""

import json
import re
from collections.abc import Sequence

from tasks_lib.instructions.rules import Rules, related
from tasks_lib.instructions.words import language_of, sentences, tokens, word_count

POSTSCRIPTS = {"P.P.S": r"\s*p\.\s?p\.\s?s.*$", "P.S.": r"\s*p\.\s?s\..*$"}
CONSTRAINED = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
FENCES = ("```json", "```Json", "```JSON", "```")
FIRST_WORD_ENDS = frozenset(".,?!'\"")


def existence(text: str, *, keywords: Sequence[str]) -> bool:
    """Each keyword occurs."""
    return all(re.search(keyword, text, re.IGNORECASE) for keyword in keywords)


def frequency(text: str, *, keyword: str, frequency: int, relation: str) -> bool:
    """A keyword occurs often or seldom enough."""
    return related(len(re.findall(keyword.strip(), text, re.IGNORECASE)), relation, frequency)


def forbidden_words(text: str, *, forbidden_words: Sequence[str]) -> bool:
    """No forbidden word occurs."""
    return not any(re.search(rf"\b{word}\b", text, re.IGNORECASE) for word in forbidden_words)


def letter_frequency(text: str, *, letter: str, let_frequency: int, let_relation: str) -> bool:
    """A letter occurs often or seldom enough, in either case."""
    return related(text.lower().count(letter.strip().lower()), let_relation, let_frequency)


def response_language(text: str, *, language: str) -> bool:
    """The text is in a language."""
    return language_of(text) in {language, None}


def number_sentences(text: str, *, num_sentences: int, relation: str) -> bool:
    """There are enough or few enough sentences."""
    return related(len(sentences(text)), relation, num_sentences)


def number_paragraphs(text: str, *, num_paragraphs: int) -> bool:
    """Three asterisks part so many paragraphs; an empty one counts only at neither end, where it fails."""
    parts = re.split(r"\s?\*\*\*\s?", text)
    if any(not part.strip() for part in parts[1:-1]):
        return False
    ends = parts[:1] if len(parts) == 1 else [parts[0], parts[-1]]
    return len(parts) - sum(not part.strip() for part in ends) == num_paragraphs


def number_words(text: str, *, num_words: int, relation: str) -> bool:
    """There are enough or few enough words."""
    return related(word_count(text), relation, num_words)


def nth_paragraph_first_word(text: str, *, num_paragraphs: int, nth_paragraph: int, first_word: str) -> bool:
    """Empty lines part so many paragraphs, and one of them begins with a word."""
    parts = text.split("\n\n")
    count = sum(bool(part.strip()) for part in parts)
    if nth_paragraph > count or not (words := parts[nth_paragraph - 1].split()):
        return False
    word = words[0].lstrip("'").lstrip('"')
    end = next((place for place, c in enumerate(word) if c in FIRST_WORD_ENDS), len(word))
    return count == num_paragraphs and word[:end].lower() == first_word.lower()


def number_placeholders(text: str, *, num_placeholders: int) -> bool:
    """There are so many placeholders in square brackets or more."""
    return len(re.findall(r"\[.*?\]", text)) >= num_placeholders


def postscript(text: str, *, postscript_marker: str) -> bool:
    """There is a postscript."""
    marker = postscript_marker.strip()
    pattern = POSTSCRIPTS.get(marker, rf"\s*{marker.lower()}.*$")
    return re.search(pattern, text.lower(), re.MULTILINE) is not None


def number_bullet_lists(text: str, *, num_bullets: int) -> bool:
    """There are exactly so many lines that begin with one asterisk or a dash."""
    stars = re.findall(r"^\s*\*[^\*].*$", text, re.MULTILINE)
    return len(stars) + len(re.findall(r"^\s*-.*$", text, re.MULTILINE)) == num_bullets


def constrained_response(text: str) -> bool:
    """One of the three answers occurs."""
    return any(answer in text.strip() for answer in CONSTRAINED)


def number_highlighted_sections(text: str, *, num_highlights: int) -> bool:
    """There are so many parts between asterisks or more; between two of them each side counts as well."""
    single = re.findall(r"\*[^\n\*]*\*", text)
    double = re.findall(r"\*\*[^\n\*]*\*\*", text)
    filled = [part for part in single if part.strip("*").strip()]
    filled += [part for part in double if part.removeprefix("**").removesuffix("**").strip()]
    return len(filled) >= num_highlights


def multiple_sections(text: str, *, section_spliter: str, num_sections: int) -> bool:
    """There are so many numbered sections or more."""
    return len(re.findall(rf"\s?{section_spliter.strip()}\s?\d+\s?", text)) >= num_sections


def json_format(text: str) -> bool:
    """All of the text is JSON, in a block of code or not."""
    text = text.strip()
    for fence in FENCES:
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except ValueError:
        return False
    return True


def title(text: str) -> bool:
    """There is a title in double angular brackets."""
    return any(each.lstrip("<").rstrip(">").strip() for each in re.findall(r"<<[^\n]+>>", text))


def two_responses(text: str) -> bool:
    """Six asterisks part two different answers."""
    parts = [part.strip() for part in text.split("******")]
    if not all(parts[1:-1]):
        return False
    filled = [part for part in parts if part]
    return len(filled) == 2 and filled[0] != filled[1]


def repeat_prompt(text: str, *, prompt_to_repeat: str) -> bool:
    """The text begins with the prompt."""
    return text.strip().lower().startswith(prompt_to_repeat.strip().lower())


def end_checker(text: str, *, end_phrase: str) -> bool:
    """The text ends in a phrase, quotation marks aside."""
    return text.strip().strip('"').lower().endswith(end_phrase.strip().lower())


def english_capital(text: str) -> bool:
    """The text is English and in capitals."""
    return text.isupper() and language_of(text) in {"en", None}


def english_lowercase(text: str) -> bool:
    """The text is English and in small letters."""
    return text.islower() and language_of(text) in {"en", None}


def capital_word_frequency(text: str, *, capital_frequency: int, capital_relation: str) -> bool:
    """Words in capitals occur often or seldom enough."""
    return related(sum(token.isupper() for token in tokens(text)), capital_relation, capital_frequency)


def no_comma(text: str) -> bool:
    """There is no comma."""
    return "," not in text


def quotation(text: str) -> bool:
    """Double quotation marks stand around the text."""
    text = text.strip()
    return len(text) > 1 and text[0] == text[-1] == '"'


RULES: Rules = {
    "keywords:existence": existence,
    "keywords:frequency": frequency,
    "keywords:forbidden_words": forbidden_words,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": response_language,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_words": number_words,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:number_bullet_lists": number_bullet_lists,
    "detectable_format:constrained_response": constrained_response,
    "detectable_format:number_highlighted_sections": number_highlighted_sections,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:json_format": json_format,
    "detectable_format:title": title,
    "combination:two_responses": two_responses,
    "combination:repeat_prompt": repeat_prompt,
    "startend:end_checker": end_checker,
    "change_case:english_capital": english_capital,
    "change_case:english_lowercase": english_lowercase,
    "change_case:capital_word_frequency": capital_word_frequency,
    "punctuation:no_comma": no_comma,
    "startend:quotation": quotation,
}
