"""A comparison judged by a policy: the candidate must not be worse by the margin."""

from typing import Literal

from assay.records import Record
from assay.report.models import Comparison
from assay.report.sentences import size


class Gate(Record):
    """What a gate decided, and why."""

    result: Literal["passed", "regressed", "unresolved"]
    sentence: str
    margin: float
    low: float | None = None
    """Lower end of the one-sided interval of the difference, level 1 - alpha."""


def judge(found: Comparison) -> Gate:
    """Decide on the suite's difference, the one primary test.

    Passed where its one-sided interval of level 1 - alpha lies above -margin (non-inferior); regressed where
    the two-sided test finds a loss that is not within the margin; else unresolved.
    """
    suite = found.suite
    rate = all(task.a.unit == "rate" for task in found.tasks) or len(found.tasks) > 1
    margin = size(suite.margin, rate=rate)
    low = suite.one_sided_low
    if suite.delta is None or (low is None and suite.verdict not in {"improved", "regressed"}):
        why = suite.undefined or "no standard error"
        return Gate(
            result="unresolved", sentence=f"The difference is not defined: {why}.", margin=suite.margin
        )
    if suite.verdict == "improved" or (low is not None and low > -suite.margin):
        sentence = f"B is not worse than A by {margin} or more."
        return Gate(result="passed", sentence=sentence, margin=suite.margin, low=low)
    if suite.verdict == "regressed":
        sentence = f"B is worse than A by {size(abs(suite.delta), rate=rate)}, the margin being {margin}."
        return Gate(result="regressed", sentence=sentence, margin=suite.margin, low=low)
    sentence = f"Whether B is worse than A by {margin} is not resolved; more questions or samples are needed."
    return Gate(result="unresolved", sentence=sentence, margin=suite.margin, low=low)
