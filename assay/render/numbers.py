"""How numbers are written: no more digits than the standard error supports, and undefined as a dash."""

import math

DASH = "–"


def digits(se: float | None, *, most: int = 4) -> int:
    """Say after how many decimals the first digit of a standard error stands; without one, one decimal."""
    if not se or not math.isfinite(se):
        return 1
    return min(most, max(0, -math.floor(math.log10(abs(se)))))


def rate(value: float | None, *, se: float | None = None, unit: str = "rate") -> str:
    """Write a score: a rate in percent, anything else as it is."""
    if value is None:
        return DASH
    scale = 100 if unit == "rate" else 1
    return (
        f"{value * scale:.{digits((se or 0) * scale)}f}"
        if se
        else f"{value * scale:.{1 if scale == 100 else 3}f}"
    )


def score(value: float | None, *, se: float | None = None, unit: str = "rate") -> str:
    """Write a score with its unit."""
    return rate(value, se=se, unit=unit) + ("%" if unit == "rate" and value is not None else "")


def difference(value: float | None, *, se: float | None = None, unit: str = "rate") -> str:
    """Write a difference with its sign."""
    if value is None:
        return DASH
    text = rate(value, se=se, unit=unit)
    return text if text.startswith("-") else f"+{text}"


def points(value: float | None, *, se: float | None = None, unit: str = "rate") -> str:
    """Write a difference with its sign and unit."""
    return difference(value, se=se, unit=unit) + _points(value, unit=unit)


def interval(low: float | None, high: float | None, *, se: float | None = None, unit: str = "rate") -> str:
    """Write an interval."""
    if low is None or high is None:
        return DASH
    return f"[{rate(low, se=se, unit=unit)}, {rate(high, se=se, unit=unit)}]"


def signed_interval(
    low: float | None, high: float | None, *, se: float | None = None, unit: str = "rate"
) -> str:
    """Write the interval of a difference."""
    if low is None or high is None:
        return DASH
    return f"[{difference(low, se=se, unit=unit)}, {difference(high, se=se, unit=unit)}]"


def size(value: float | None, *, unit: str = "rate") -> str:
    """Write a standard error or a detectable difference: two digits that count."""
    if value is None:
        return DASH
    return f"{value * 100:.2g}" if unit == "rate" else f"{value:.2g}"


def sized(value: float | None, *, unit: str = "rate") -> str:
    """Write a standard error or a detectable difference with its unit."""
    return size(value, unit=unit) + _points(value, unit=unit)


def _points(value: float | None, *, unit: str) -> str:
    return " pp" if unit == "rate" and value is not None else ""


def probability(p: float | None) -> str:
    """Write a p-value: three decimals, or that it is smaller."""
    if p is None:
        return DASH
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def count(n: int) -> str:
    """Write a count with its thousands apart."""
    return f"{n:,}"


def duration(seconds: float | None) -> str:
    """Write a time span."""
    if seconds is None:
        return DASH
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
