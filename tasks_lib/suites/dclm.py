"""CORE of DataComp-LM: the mean of 22 centred scores (Li et al. 2024)."""

from tasks_lib.benchmarks.dclm import CORE, JEOPARDY
from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import Suite, suite


@register_suite("dclm:jeopardy")
def dclm_jeopardy() -> Suite:
    """Jeopardy in CORE, the mean of its five categories."""
    return suite(*(f"dclm_jeopardy_{category}" for category in JEOPARDY))


@register_suite("dclm:core")
def dclm_core() -> Suite:
    """The mean of 22 centred scores; two tasks, CoQA and SQuAD, are not in our mirror."""
    others = (f"dclm_{name}" for name in CORE if not name.startswith("jeopardy"))
    return suite("dclm:jeopardy", *others)
