import pytest

from assay.records import LimitChange, LimitReason
from assay.render.limits import in_flight


@pytest.mark.parametrize(
    ("history", "line"),
    [
        ([], ""),
        ([(16, "began", 1)], "16"),
        ([(16, "began", 1), (64, "grew", 1)], "16 → 64"),
        (
            [(16, "began", 1), (64, "grew", 1), (32, "429", 1), (33, "grew", 1), (16, "429", 1)],
            "16 → 64 → 16, halved twice by 429",
        ),
        (
            [(64, "began", 1), (32, "timeout", 9), (60, "grew", 9), (30, "slow", 1), (60, "restored", 1)],
            "64 → 60, halved 9 times by time-outs, once on trial, as no more got done (0 kept)",
        ),
    ],
)
def test_a_history_is_one_line(history: list[tuple[int, LimitReason, int]], line: str) -> None:
    changes = [LimitChange(seconds=0.0, limit=limit, reason=why, times=n) for limit, why, n in history]
    assert in_flight(changes) == line
