"""Find the number a text ends on, by the rules of the field's implementations and by a careful reader's."""

import re
import unicodedata
from collections import deque
from decimal import Decimal

from tasks_lib.extract.markup import until_end_token

NUMBER = re.compile(r"[-+]?\d*\.\d+|[-+]?\d+")
MARKED = re.compile(r"#### (\-?[0-9\.\,]+)")
LOOSE = re.compile(r"(-?[$0-9.,]{2,})|(-?[0-9]+)")
BETWEEN = re.compile(r"[^-+.,$\d]")
"""A character that is part of no number, by any of the rules."""
ENDING = 2_000
"""Characters at a text's end in which its last number is looked for first."""
READ = re.compile(r"(?:(?<![\w.)\]}%])[-+])?(?:\d+(?:\.\d+)?|\.\d+)")
"""A number as it is read: a dash after a digit or a word is no sign."""
SPACES = "\u00a0\u2002-\u200a\u202f\u205f"
GROUPED = re.compile(
    rf"(?<=\d)(?:\{{,\}}|\\[,:;! ]|\\thinspace ?|,\\!|\\!,|\{{\\[,:;! ]\}}|"
    rf"[,{SPACES}'\u2019_])(?=\d{{3}}(?!\d))"
)
"""What separates thousands, in LaTeX and in print."""
ROUND = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})* 000(?![\d.,]?\d)")
"""Round thousands with plain blanks; other numbers with blanks between may be many."""
POINTED = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3}){2,})(?![\d.]*\d)(?:,(\d{1,2})(?!\d))?")
"""Thousands with points between, as in German: at least two of them, for one alone is a decimal."""
POWER = re.compile(
    r"(?<![\w.])(\d{1,30}(?:\.\d{1,30})?)(?:[eE]|\s?(?:\u00d7|\u00b7|\*|x|\\times|\\cdot)\s?10\s?(?:\^|\*\*)\s?\{?)"
    r"([-+\u2212]?\d{1,2})(?!\w)\}?"
)
"""Powers of ten: `1.5e3`, `1.5 \\times 10^{3}`."""
EXPONENT = re.compile(
    r"(?<=[A-Za-z}\u00b0])\s?(?:\^\s?\{?\s?(?:\\circ|[-+\u2212]?\d+)\s?\}?|\*\*\s?\d+)"
    r"|(?<=[a-z]\.)\s?\^\s?\{?[23]\}?|(?<=[A-Za-z])\s?<sup>[-+]?\d+</sup>|(?<=\bCO)2\b"
    r"|(?<=\b[m])[23]\b|(?<=\b[ckdm]m)[23]\b|(?<=\b(?:ft|in|yd))[23]\b|[\u00b2\u00b3\u00b9\u2070-\u2079]+"
)
"""The exponent of a unit: m^2, m2, m\u00b2, \\text{cm}^{3}."""
CURRENCY = re.compile(r"(?<![\w)\]}%])([-+])(?:\\?\$|[\u20ac\u00a3\u00a5\u20b9]|US\$|USD )(?=[\d.])")
FOREIGN = re.compile(r"[^\x00-\x7f]")
PLAIN = dict(
    zip(
        "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d\uff0b\uff0e\uff0c\uff04\u066b\u066c",
        "-------+.,$.,",
        strict=True,
    )
)
HIDDEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def last_number(text: str) -> str | None:
    """Return the last number, commas dropped; the rule of OLMES."""
    match = _last(NUMBER, text.replace(",", ""))
    return match and match.group()


def read_number(text: str) -> str | None:
    """Return the last number as a careful reader takes it, written plainly: `-70000`, `18.50`.

    Thousands may be separated as in LaTeX or in print, digits and signs be of any script, a currency stand
    behind the sign; the exponent of a unit is no answer.
    """
    text = until_end_token(text)
    for part in (_ending(text, size=50 * ENDING), text):
        if match := _last(READ, plain_numbers(part)):
            return match.group()
    return None


def plain_numbers(text: str) -> str:
    """Write the numbers of a text as programs read them."""
    text = POWER.sub(_plain_power, text.translate(HIDDEN))
    text = FOREIGN.sub(_plain_digit, EXPONENT.sub("", text))
    text = POINTED.sub(_plain_thousands, text)
    text = ROUND.sub(lambda match: match.group().replace(" ", ""), GROUPED.sub("", text))
    return CURRENCY.sub(r"\1", text).replace(",", "")


def marked_number(text: str) -> str | None:
    """Return the first number after `#### `, as written: the rule of GSM8K's authors, lm-eval's `strict`."""
    found = MARKED.search(text)
    return found.group(1).strip() if found else None


def loose_number(text: str) -> str | None:
    """Return the last thing that looks like a number or price, as written; lm-eval's `flexible`."""
    match = _last(LOOSE, text)
    return str(match[1] or match[2]).strip() if match else None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Find the last match, without those of all the text where its end has one."""
    size = ENDING
    while True:
        part = _ending(text, size=size)
        matches = deque(pattern.finditer(part), maxlen=1)
        if matches or len(part) == len(text):
            return matches[0] if matches else None
        size *= 8


def _ending(text: str, *, size: int) -> str:
    """Return the end of a text, from where no number can have begun before; empty where there is none."""
    if len(text) <= size:
        return text
    boundary = BETWEEN.search(text, len(text) - size)
    return text[boundary.end() :] if boundary else ""


def _plain_power(match: re.Match[str]) -> str:
    return format(Decimal(f"{match[1]}e{match[2].replace(chr(0x2212), '-')}"), "f")


def _plain_thousands(match: re.Match[str]) -> str:
    whole = match[1].replace(".", "")
    return f"{whole}.{match[2]}" if match[2] else whole


def _plain_digit(match: re.Match[str]) -> str:
    character = match.group()
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return PLAIN.get(character, character)
