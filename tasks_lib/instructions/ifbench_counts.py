"""IFBench's instructions on numbers and ratios of words and sentences (Pyatkin et al. 2025)."""

import re

from tasks_lib.instructions.rules import Rules
from tasks_lib.instructions.words import (
    EDGES,
    UNPUNCTUATED,
    bare_words,
    sentences,
    stop_word_count,
    tokens,
    word_count,
)

CONJUNCTIONS = frozenset(["and", "but", "for", "nor", "or", "so", "yet"])
LISTED_NAMES = (
    "Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia "
    "Benjamin Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob "
    "Scarlett Nathan Victoria Elijah Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora "
    "Andrew Aria Joseph Claire Ryan Stella Jonathan"
)
NAMES = LISTED_NAMES.split()
LISTED_PRONOUNS = (
    "i me we us you he him she her it they them my mine our ours your yours his hers its their theirs "
    "myself ourselves yourself yourselves himself herself itself themselves this that these those who "
    "whom whose which what whoever whomever whatever whichever anybody anyone anything everybody everyone "
    "everything nobody nothing somebody someone something each either neither both all some any none"
)
PRONOUNS = frozenset(LISTED_PRONOUNS.split())
MARKS = frozenset(".,!?;:")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
REPEATS = (1, 2, 3, 5, 7)
MARGIN = 2
"""Points by which an overlap may miss its percentage."""


def keywords_multiple(
    text: str, *, keyword1: str, keyword2: str, keyword3: str, keyword4: str, keyword5: str
) -> bool:
    """Five keywords occur once, twice, three, five and seven times, as whole words."""
    keywords = (keyword1, keyword2, keyword3, keyword4, keyword5)
    return all(
        len(re.findall(rf"\b{re.escape(keyword.strip())}\b", text, re.IGNORECASE)) == count
        for keyword, count in zip(keywords, REPEATS, strict=True)
    )


def conjunctions(text: str, *, small_n: float) -> bool:
    """So many different coordinating conjunctions or more; forms that differ in case or marks count apart."""
    return len({word for word in text.split() if word.strip(EDGES).lower() in CONJUNCTIONS}) >= small_n


def numbers(text: str, *, N: float) -> bool:  # noqa: N803 -- the data set's name
    """Exactly so many numbers, marks inside them deleted."""
    return len(re.findall(r"\d+", text.translate(UNPUNCTUATED))) == N


def person_names(text: str, *, N: float) -> bool:  # noqa: N803
    """So many names of the prompt's list or more."""
    return sum(re.search(rf"\b{name}\b", text) is not None for name in NAMES) >= N


def pronouns(text: str, *, N: float) -> bool:  # noqa: N803
    """So many pronouns or more."""
    return sum(token in PRONOUNS for token in tokens(text.replace("/", " ").lower())) >= N


def punctuation(text: str) -> bool:
    """Every mark occurs, beside a question mark with an exclamation mark."""
    pairs = [pair for pair in ("?!", "!?") if pair in text]
    if not pairs and "‽" not in text:
        return False
    return set(text.replace(pairs[0], "", 1) if pairs else text) >= MARKS


def unique_word_count(text: str, *, N: float) -> bool:  # noqa: N803
    """So many different words or more."""
    return len({word.strip(EDGES) for word in text.lower().split()}) >= N


def word_count_range(text: str, *, min_words: float, max_words: float) -> bool:
    """The number of words lies in a range, both ends included."""
    return min_words <= word_count(text) <= max_words


def words_japanese(text: str, *, N: float) -> bool:  # noqa: N803
    """Every Nth word is Japanese, digits aside."""
    words = [word.strip(EDGES) for number, word in enumerate(text.split(), start=1) if number % N == 0]
    return all(JAPANESE.search(word) for word in words if word and not word.isdigit())


def overlap(text: str, *, reference_text: str, percentage: float) -> bool:
    """Of the text's trigrams a percentage stands in the reference too."""
    own, reference = _trigrams(text), _trigrams(reference_text)
    return bool(own) and abs(100 * len(own & reference) / len(own) - percentage) <= MARGIN


def sentence_balance(text: str) -> bool:
    """As many sentences end in a full stop as in a question mark and in an exclamation mark."""
    return len({_ending_in(text, mark) for mark in ".?!"}) == 1


def sentence_type(text: str) -> bool:
    """Twice as many sentences end in a full stop as in a question mark."""
    return _ending_in(text, ".") == 2 * _ending_in(text, "?")


def sentence_words(text: str) -> bool:
    """Three sentences of one length in characters, and no word twice."""
    found = sentences(text)
    words = bare_words(" ".join(found))
    lengths = {len(sentence.strip()) for sentence in found}
    return len(found) == 3 and len(lengths) == 1 and len(words) == len(set(words))


def stop_words(text: str, *, percentage: float) -> bool:
    """At most a percentage of the words are stop words."""
    count = word_count(text)
    return count > 0 and 100 * stop_word_count(text) / count <= percentage


def _trigrams(text: str) -> set[tuple[str, ...]]:
    found = tokens(text)
    return set(zip(found, found[1:], found[2:], strict=False))


def _ending_in(text: str, mark: str) -> int:
    return sum(sentence.endswith(mark) for sentence in sentences(text))


RULES: Rules = {
    "count:keywords_multiple": keywords_multiple,
    "count:conjunctions": conjunctions,
    "count:numbers": numbers,
    "count:person_names": person_names,
    "count:pronouns": pronouns,
    "count:punctuation": punctuation,
    "count:unique_word_count": unique_word_count,
    "count:word_count_range": word_count_range,
    "count:words_japanese": words_japanese,
    "ratio:overlap": overlap,
    "ratio:sentence_balance": sentence_balance,
    "ratio:sentence_type": sentence_type,
    "ratio:sentence_words": sentence_words,
    "ratio:stop_words": stop_words,
}
