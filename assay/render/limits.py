"""What became of the number of requests in flight, in one line."""

from collections import Counter
from collections.abc import Sequence

from assay.records import LimitChange

OFTEN = {1: "once", 2: "twice"}


def in_flight(limits: Sequence[LimitChange]) -> str:
    """Write where the limit began, its highest, where it ended, and what halved it; empty for no history.

    >>> began = LimitChange(seconds=0, limit=16, reason="began")
    >>> in_flight([began, LimitChange(seconds=9, limit=8, reason="429")])
    '16 → 8, halved once by 429'
    """
    if not limits:
        return ""
    values = [change.limit for change in limits]
    ends = [values[0], values[-1]]
    path = ends if max(values) in ends else [values[0], max(values), values[-1]]
    shown = " → ".join(str(value) for value in (path if len(set(path)) > 1 else path[:1]))
    return ", ".join([shown, *_halved(limits)])


def _halved(limits: Sequence[LimitChange]) -> list[str]:
    times: Counter[str] = Counter()
    for change in limits:
        times[change.reason] += change.times
    told = [
        f"{_often(times[why])} by {name}"
        for why, name in (("429", "429"), ("timeout", "time-outs"))
        if times[why]
    ]
    if tried := times["slow"]:
        kept = max(0, tried - times["restored"])
        told.append(f"{_often(tried)} on trial, as no more got done ({kept} kept)")
    return [f"halved {told[0]}", *told[1:]] if told else []


def _often(times: int) -> str:
    return OFTEN.get(times, f"{times} times")
