"""How texts, times and numbers stand on a page: outputs of models are anything, and must not break it."""

import re
import shlex
from collections.abc import Sequence
from datetime import datetime

from assay.render.numbers import DASH, signed_interval
from assay.visible import visible as escaped

SHORT = 24
LONGEST = 12_000
"""Characters of one text that a page holds; the middle of a longer one is left out."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
DELETE = "\x7f"


def visible(text: str) -> str:
    """Write a text so that a browser shows all of it: control characters become their pictures.

    What has no picture, such as C1 and marks of direction, becomes an escape.
    """
    whole = text.encode("utf-8", errors="replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "␍\n")
    pictured = CONTROL.sub(lambda found: "␡" if found[0] == DELETE else chr(0x2400 + ord(found[0])), whole)
    return escaped(pictured)


def shortened(text: str, *, most: int = LONGEST) -> str:
    """Leave out the middle of a text that is too long, and say how much."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters are left out here …]\n{text[-half:]}"


def head(text: str, *, most: int = SHORT) -> str:
    """Write the beginning of a text in one line."""
    line = " ".join(visible(text[: 8 * most]).split())
    return line if len(line) <= most and len(text) <= 8 * most else f"{line[:most].rstrip()}…"


def words(arguments: Sequence[str]) -> str:
    """Write the words of a command so that a shell reads them as they are."""
    return shlex.join(arguments)


def moment(text: str) -> str:
    """Write an ISO time as a date and a time of day in UTC."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M UTC")


def span(low: float | None, high: float | None, *, se: float | None = None, unit: str = "rate") -> str:
    """Write the interval of a difference with its unit."""
    text = signed_interval(low, high, se=se, unit=unit)
    return text if text == DASH or unit != "rate" else f"{text} pp"


def exact(value: float | None, *, se: float | None = None, unit: str = "rate") -> str:
    """Write a number with more digits than it deserves, for whoever points at it."""
    if value is None:
        return "not defined"
    scale = 100 if unit == "rate" else 1
    return f"{value * scale:.6g}" + (f", SE {se * scale:.4g}" if se is not None else "")


def chance(value: float) -> str:
    """Write a probability without claiming certainty."""
    if value > 0.999:
        return ">0.999"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def share(value: float | None, *, what: str) -> str:
    """Write a cell of the table of other changes: a share of the samples, or a mean."""
    if value is None:
        return DASH
    return f"{value * 100:.1f}%" if what in SHARES else f"{value:,.1f}"


SHARES = frozenset({"truncated", "unparsed", "failed"})


def shares_differ(value: float | None, *, what: str) -> str:
    """Write the difference of such a cell."""
    if value is None:
        return DASH
    return f"{value * 100:+.1f} pp" if what in SHARES else f"{value:+,.1f}"
