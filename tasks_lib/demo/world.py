"""A tiny world for a tiny model: sentences, word games and one-line functions, made by rule.

Questions are held out: no document of the training text asks any of them.
"""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SEED = 7
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"
WHO = ("cat", "dog", "fox", "owl", "hen", "bee")
HOW = ("old", "red", "shy", "big", "wet", "sad")
DOES = ("sees", "eats", "gets", "hits", "likes", "finds")
WHERE = ("by the sea", "in the sun", "on a hill", "at home", "in a box", "by a tree")
OPERATIONS = {"plus": "+", "less": "-", "mult": "*"}
PER_KIND = 200
DOCUMENTS = 2500
"""Of each kind, in the training text."""


class World(NamedTuple):
    """The training text and the questions held out of it, as rows of four data sets."""

    documents: Sequence[str]
    say: Sequence[dict[str, object]]
    choose: Sequence[dict[str, object]]
    tell: Sequence[dict[str, object]]
    code: Sequence[dict[str, object]]


def make_world(seed: int = SEED) -> World:
    """Make the world of a seed; the same one each time."""
    chance = random.Random(seed)  # noqa: S311
    words = list(dict.fromkeys(_words(chance, 4 * DOCUMENTS)))
    held, words = words[: 2 * PER_KIND], words[2 * PER_KIND :]
    sentences = list(dict.fromkeys(_sentences(chance, DOCUMENTS + PER_KIND)))
    programs = list(_programs())
    chance.shuffle(programs)
    known = [f"{prompt}{body}\n" for prompt, body in programs[PER_KIND // 2 :]]
    documents = [
        *(_asked("say", word) + f" {word}\n" for word in words[:DOCUMENTS]),
        *(_asked("turn", word) + f" {word[::-1]}\n" for word in words[DOCUMENTS : 2 * DOCUMENTS]),
        *(_asked("next", word) + f" {following(word)}\n" for word in words[2 * DOCUMENTS : 3 * DOCUMENTS]),
        *(f"{sentence}\n" for sentence in sentences[PER_KIND:]),
        *(chance.choice(known) for _ in range(DOCUMENTS)),
    ]
    chance.shuffle(documents)
    return World(
        documents,
        say=[_say(number, word) for number, word in enumerate(held[:PER_KIND])],
        choose=[_choose(number, word, chance) for number, word in enumerate(held[PER_KIND:])],
        tell=[_tell(number, sentence) for number, sentence in enumerate(sentences[:PER_KIND])],
        code=[_code(number, *program) for number, program in enumerate(programs[: PER_KIND // 2])],
    )


def following(word: str) -> str:
    """Move every letter of a word on by one, z becoming a."""
    return "".join(LETTERS[(LETTERS.index(letter) + 1) % 26] for letter in word)


def _asked(game: str, word: str) -> str:
    return f"Q: {game} {word}\nA:"


def _words(chance: random.Random, count: int) -> Iterator[str]:
    for _ in range(count * 3):
        yield "".join(chance.choice(kind) for kind in (CONSONANTS, VOWELS, CONSONANTS, VOWELS))


def _sentences(chance: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        first, second = (f"{chance.choice(HOW)} {chance.choice(WHO)}" for _ in range(2))
        yield f"the {first} {chance.choice(DOES)} a {second} {chance.choice(WHERE)}."


def _programs() -> Iterator[tuple[str, str]]:
    for first, sign in OPERATIONS.items():
        for second in ("plus", "less"):
            for x in range(1, 10):
                for y in range(1, 10):
                    prompt = f"#{first} {x} {second} {y}\ndef f(x):\n return"
                    yield prompt, f" x{sign}{x}{OPERATIONS[second]}{y}"


def _say(number: int, word: str) -> dict[str, object]:
    game = ("say", "turn")[number % 2]
    answer = word if game == "say" else word[::-1]
    return {"id": f"say-{number:03d}", "text": _asked(game, word), "answer": answer}


def _choose(number: int, word: str, chance: random.Random) -> dict[str, object]:
    """Offer the right word and three with one letter wrong."""
    right = following(word)
    choices = {right}
    while len(choices) < 4:
        place = chance.randrange(4)
        choices.add(right[:place] + chance.choice(LETTERS) + right[place + 1 :])
    ordered = sorted(choices)
    chance.shuffle(ordered)
    return {
        "id": f"choose-{number:03d}",
        "text": _asked("next", word),
        "choices": ordered,
        "answer": ordered.index(right),
    }


def _tell(number: int, sentence: str) -> dict[str, object]:
    start, _, rest = sentence.partition(" ")
    return {"id": f"tell-{number:03d}", "text": start, "rest": rest}


def _code(number: int, prompt: str, body: str) -> dict[str, object]:
    expected = "\n".join(f"assert f({x}) == {_value(body, x)}" for x in (0, 1, 7, -3))
    return {"id": f"code-{number:03d}", "prompt": prompt, "solution": body, "test": expected}


def _value(body: str, x: int) -> int:
    first, a, second, b = body[2], int(body[3]), body[4], int(body[5])
    value = {"+": x + a, "-": x - a, "*": x * a}[first]
    return value + b if second == "+" else value - b
