r"""Write a mathematical answer in one notation, as MATH's authors do before they compare two as texts.

`same_notation` is their `is_equiv` (Hendrycks et al. 2021): units, dollar and percent signs go, `\tfrac` is
`\frac`, missing braces come back, `0.5` alone is a half. Nothing is computed: `2/4` is not `1/2`.
"""

import re

DELETED = ("\n", "\\!", "\\left", "\\right", "^{\\circ}", "^\\circ", "\\$", "\\%", "%")
"""In the authors' order, double backslashes and the forms of a fraction aside."""
BARE_FRACTION = re.compile(r"\\frac(?!\{)(.)(?:(\{)|(.))", re.DOTALL)
BARE_ROOT = re.compile(r"\\sqrt([^{])")
PLAIN_FRACTION = re.compile(r"(-?\d+)/(-?\d+)")
LEADING_POINT = re.compile(r"(?<=[ {])\.")
HALF = {"0.5": "\\frac{1}{2}"}


def same_notation(one: str | None, other: str | None) -> bool:
    """Whether two answers are the same text in one notation; two missing ones are."""
    if one is None or other is None:
        return one is other
    return in_one_notation(one) == in_one_notation(other)


def in_one_notation(text: str) -> str:
    """Write an answer in the notation that is compared."""
    text = text.replace("\n", "").replace("\\!", "").replace("\\\\", "\\")
    text = text.replace("tfrac", "frac").replace("dfrac", "frac")
    for part in DELETED:
        if part != "\n":
            text = text.replace(part, "")
    text = text.split("\\text{ ")[0]
    text = LEADING_POINT.sub("0.", text)
    if text.startswith("."):
        text = f"0{text}"
    before, equals, after = text.partition("=")
    if equals and "=" not in after and len(before) <= 2:
        text = after
    text = BARE_ROOT.sub(r"\\sqrt{\1}", text).replace(" ", "")
    text = BARE_FRACTION.sub(_braced, text)
    text = HALF.get(text, text)
    plain = PLAIN_FRACTION.fullmatch(text)
    return f"\\frac{{{int(plain[1])}}}{{{int(plain[2])}}}" if plain else text


def _braced(found: re.Match[str]) -> str:
    top, brace, bottom = found.groups()
    return f"\\frac{{{top}}}" + (brace or f"{{{bottom}}}")
