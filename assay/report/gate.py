"""A comparison judged by a policy: the candidate must not be worse by the margin."""

from typing import Literal, TypeAlias

from assay.records import Record
from assay.report.models import Comparison, SuiteComparison
from assay.report.sentences import dropped_share, size
from assay.stats.verdicts import DROPPED

Result: TypeAlias = Literal["passed", "regressed", "unresolved"]


class Gate(Record):
    """What a gate decided, and why."""

    result: Result
    sentence: str
    margin: float
    low: float | None = None
    """Lower end of the one-sided interval of the difference, level 1 - alpha."""


def judge(comparison: Comparison) -> Gate:
    """Decide on the suite's difference, the one primary test.

    Passed where its one-sided interval of level 1 - alpha lies above -margin (non-inferior) or the verdict
    is improved; regressed where the verdict is and the loss may reach the margin; else unresolved. More than
    5 % of the questions without a pair leave it unresolved, as they do every verdict.
    """
    suite = comparison.suite
    rate = all(task.a.unit == "rate" for task in comparison.tasks) or len(comparison.tasks) > 1
    margin, low = size(suite.margin, rate=rate), suite.one_sided_low
    if suite.dropped > DROPPED:
        result: Result = "unresolved"
        sentence = f"{dropped_share(suite.dropped)}, so neither passing nor failing is claimed."
    elif suite.delta is None or (low is None and suite.verdict not in {"improved", "regressed"}):
        result = "unresolved"
        sentence = f"The difference is not defined: {suite.undefined or 'no standard error'}."
    else:
        result, sentence = _decide(suite, size(abs(suite.delta), rate=rate), margin=margin)
    return Gate(result=result, sentence=sentence, margin=suite.margin, low=low)


def _decide(suite: SuiteComparison, amount: str, *, margin: str) -> tuple[Result, str]:
    inside = suite.one_sided_low is not None and suite.one_sided_low > -suite.margin
    if suite.verdict == "improved":
        return "passed", f"B is better than A by {amount}."
    if suite.verdict == "regressed" and inside:
        return "passed", f"B is worse than A by {amount}, which is within the margin of {margin}."
    if inside:
        return "passed", f"B is not worse than A by the margin of {margin}."
    if suite.verdict == "regressed":
        return "regressed", f"B is worse than A by {amount}; the margin is {margin}."
    return (
        "unresolved",
        f"B may be worse than A by the margin of {margin} or more; more questions or samples are needed.",
    )
