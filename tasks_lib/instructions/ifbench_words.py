"""IFBench's instructions on the choice and order of words, and on sentences (Pyatkin et al. 2025)."""

import re
import string
from collections import Counter
from itertools import pairwise

from tasks_lib.instructions.rules import Rules
from tasks_lib.instructions.words import (
    EDGES,
    UNPUNCTUATED,
    bare_words,
    part_of_speech,
    sentences,
    syllables,
    word_tokens,
)

ALPHABET = string.ascii_lowercase
CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
PRIMES = frozenset(n for n in range(2, 100) if all(n % d for d in range(2, n)))


def alphabet(text: str) -> bool:
    """Each word begins with the letter after that of the word before, and A comes after Z."""
    words = text.translate(UNPUNCTUATED).lower().split()
    if not words or (first := ALPHABET.find(words[0][0])) < 0:
        return False
    return all(word[0] == ALPHABET[(first + n) % len(ALPHABET)] for n, word in enumerate(words))


def consonants(text: str) -> bool:
    """Each word holds two consonants side by side."""
    return all(
        any(a in CONSONANTS and b in CONSONANTS for a, b in pairwise(word)) for word in text.lower().split()
    )


def keywords_specific_position(text: str, *, keyword: str, n: int, m: int) -> bool:
    """A keyword is the mth word of the nth sentence."""
    found = sentences(text)
    words = word_tokens(found[int(n) - 1]) if len(found) >= n else []
    return len(words) >= m and words[int(m) - 1].lower() == keyword.strip().lower()


def last_first(text: str) -> bool:
    """The last word of a sentence is the first of the next."""
    return all(_chained(one, other) for one, other in pairwise(sentences(text)))


def no_consecutive(text: str) -> bool:
    """No two words side by side begin with the same letter."""
    return all(one[0] != other[0] for one, other in pairwise(bare_words(text)))


def odd_even_syllables(text: str) -> bool:
    """Words with an odd and with an even number of syllables take turns."""
    return all(a != b for a, b in pairwise(syllables(word) % 2 for word in bare_words(text)))


def palindrome(text: str) -> bool:
    """Ten words of five letters or more read the same from either end."""
    return sum(word == word[::-1] and len(word) >= 5 for word in bare_words(text)) >= 10


def paragraph_last_first(text: str) -> bool:
    """Each line ends in the word it begins with."""
    lines = (line.strip().lower().strip(EDGES).split() for line in text.split("\n"))
    return all(words[0] == words[-1] for words in lines if words)


def prime_lengths(text: str) -> bool:
    """The length of each word is a prime number."""
    return all(len(word) in PRIMES for word in text.translate(UNPUNCTUATED).split())


def repeats(text: str, *, small_n: float) -> bool:
    """No word occurs more often than so many times."""
    return all(count <= small_n for count in Counter(bare_words(text)).values())


def start_verb(text: str) -> bool:
    """The text begins with a verb."""
    return "VB" in part_of_speech(text)


def vowel(text: str) -> bool:
    """One paragraph with at most three different vowels."""
    lines = text.strip().split("\n")
    return len(lines) == 1 and len(set(lines[0].lower()) & set("aeiou")) <= 3


def words_position(text: str, *, keyword: str) -> bool:
    """The second word and the last but one are the keyword."""
    words = word_tokens(text)
    return len(words) >= 2 and words[1].lower() == words[-2].lower() == keyword.strip().lower()


def alliteration_increment(text: str) -> bool:
    """Each sentence has more alliterating words than the one before."""
    return all(one < other for one, other in pairwise(map(_alliteration, sentences(text))))


def increment(text: str, *, small_n: float) -> bool:
    """Each sentence has exactly so many words more than the one before."""
    counts = [len(sentence.translate(UNPUNCTUATED).split()) for sentence in sentences(text)]
    return all(other == one + small_n for one, other in pairwise(counts))


def keyword_in_sentence(text: str, *, word: str, N: float) -> bool:  # noqa: N803 -- the data set's name
    """A keyword stands in the Nth sentence."""
    found = sentences(text)
    pattern = rf"\b{re.escape(word)}\b"
    return len(found) >= N and re.search(pattern, found[int(N) - 1], re.IGNORECASE) is not None


def _chained(sentence: str, after: str) -> bool:
    last, first = sentence.rstrip(EDGES).split(), after.lstrip(EDGES).split()
    return bool(last and first) and last[-1].lower() == first[0].lower()


def _alliteration(sentence: str) -> int:
    """Count the words that stand beside one of the same first letter; a run counts once for each word."""
    words = [bare for word in sentence.lower().split() if (bare := word.lstrip(EDGES))]
    equal = [one[0] == other[0] for one, other in pairwise(words)]
    starts = sum(now and not before for before, now in pairwise([False, *equal]))
    return sum(equal) + starts


RULES: Rules = {
    "words:alphabet": alphabet,
    "words:consonants": consonants,
    "words:keywords_specific_position": keywords_specific_position,
    "words:last_first": last_first,
    "words:no_consecutive": no_consecutive,
    "words:odd_even_syllables": odd_even_syllables,
    "words:palindrome": palindrome,
    "words:paragraph_last_first": paragraph_last_first,
    "words:prime_lengths": prime_lengths,
    "words:repeats": repeats,
    "words:start_verb": start_verb,
    "words:vowel": vowel,
    "words:words_position": words_position,
    "sentence:alliteration_increment": alliteration_increment,
    "sentence:increment": increment,
    "sentence:keyword": keyword_in_sentence,
}
