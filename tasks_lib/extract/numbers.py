"""Find the number a text ends on, by the rules of the field's implementations."""

import re

NUMBER = re.compile(r"[-+]?\d*\.\d+|[-+]?\d+")
MARKED = re.compile(r"#### (\-?[0-9\.\,]+)")
LOOSE = re.compile(r"(-?[$0-9.,]{2,})|(-?[0-9]+)")


def last_number(text: str) -> str | None:
    """Return the last number, commas dropped; the rule of OLMES."""
    found = NUMBER.findall(text.replace(",", ""))
    return found[-1] if found else None


def marked_number(text: str) -> str | None:
    """Return the first number after `#### `, as written: the rule of GSM8K's authors, lm-eval's `strict`."""
    found = MARKED.search(text)
    return found.group(1).strip() if found else None


def loose_number(text: str) -> str | None:
    """Return the last thing that looks like a number or price, as written; lm-eval's `flexible`."""
    found = LOOSE.findall(text)
    if not found:
        return None
    price, digits = found[-1]
    return str(price or digits).strip()
