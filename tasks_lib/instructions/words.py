"""How the authors of IFEval and IFBench count sentences, words and syllables, and tell languages.

Sentences are Punkt's for English and tokens those of the Penn Treebank rules, both as in NLTK; languages are
langdetect's, from a fixed seed, so that a text gets the same verdict each time.
"""

import re
import string
from functools import cache
from types import ModuleType
from typing import Any

from assay.errors import BadSpec
from tasks_lib.optional import library

WORD = re.compile(r"\w+")
UNPUNCTUATED = str.maketrans("", "", string.punctuation)
EDGES = string.punctuation + " "
PURPOSE = "Checking instructions"
LISTED_STOP_WORDS = (
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her "
    "hers herself it its itself they them their theirs themselves what which who whom this that these "
    "those am is are was were be been being have has had having do does did doing a an the and but if or "
    "because as until while of at by for with about against between into through during before after "
    "above below to from up down in out on off over under again further then once here there when where "
    "why how all any both each few more most other some such no nor not only own same so than too very s "
    "t can will just don should now d ll m o re ve y ain aren couldn didn doesn hadn hasn haven isn ma "
    "mightn mustn needn shan shouldn wasn weren won wouldn"
)
STOP_WORDS = frozenset(LISTED_STOP_WORDS.split())
"""NLTK's English stop words; those with an apostrophe can never be one word here."""


def sentences(text: str) -> list[str]:
    """Split a text into sentences by Punkt's model for English."""
    split: list[str] = library("punkt", purpose=PURPOSE).sent_tokenize(text)
    return split


def tokens(text: str) -> list[str]:
    """Split a text into sentences, and each into words, marks and clitics: NLTK's `word_tokenize`."""
    return [token for sentence in sentences(text) for token in _treebank().tokenize(sentence)]


def word_tokens(text: str) -> list[str]:
    """List the tokens that hold a letter or a digit."""
    return [token for token in tokens(text) if any(c.isalnum() for c in token)]


def word_count(text: str) -> int:
    """Count the runs of letters, digits and underscores."""
    return len(WORD.findall(text))


def stop_word_count(text: str) -> int:
    """Count the words of a text that are stop words."""
    return sum(word.lower() in STOP_WORDS for word in WORD.findall(text))


def bare_words(text: str) -> list[str]:
    """Split a text at white space, in lower case and with all punctuation deleted."""
    return text.lower().translate(UNPUNCTUATED).split()


def syllables(word: str) -> int:
    """Count the syllables of an English word."""
    return int(library("syllapy", purpose=PURPOSE).count(word))


def is_emoji(text: str) -> bool:
    """Whether a text is one emoji."""
    return bool(library("emoji", purpose=PURPOSE).is_emoji(text))


def language_of(text: str) -> str | None:
    """Name the language of a text by its code (`en`); None where it holds nothing to tell it by."""
    langdetect = _langdetect()
    try:
        return str(langdetect.detect(text))
    except langdetect.LangDetectException:
        return None


def part_of_speech(text: str) -> str:
    """Tag the first token of a text by NLTK's perceptron; empty for an empty text. Raises BadSpec."""
    words = tokens(text)
    if not words:
        return ""
    nltk = library("nltk", purpose=PURPOSE)
    try:
        return str(nltk.pos_tag(words)[0][1])
    except LookupError as error:
        raise BadSpec(
            "The instruction `words:start_verb` needs NLTK's tagger, which is not on this machine.",
            remedy="Use python -m nltk.downloader averaged_perceptron_tagger_eng.",
        ) from error


@cache
def _treebank() -> Any:
    return library("nltk.tokenize.destructive", purpose=PURPOSE).NLTKWordTokenizer()


@cache
def _langdetect() -> ModuleType:
    langdetect = library("langdetect", purpose=PURPOSE)
    langdetect.DetectorFactory.seed = 0
    return langdetect
