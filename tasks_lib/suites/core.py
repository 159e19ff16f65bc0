"""The field's first tasks, and MMLU subject by subject."""

from tasks_lib.benchmarks.mmlu import SUBJECTS
from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import Suite, suite


@register_suite("core")
def core() -> Suite:
    """Knowledge, common sense, mathematics and code: the first six tasks of the field."""
    return suite("gsm8k", "humaneval", "arc_easy", "arc_challenge", "mmlu", "hellaswag")


@register_suite("mmlu-by-subject")
def mmlu_by_subject() -> Suite:
    """MMLU as the mean of its 57 subjects, each counting the same; `mmlu` itself counts each question."""
    return suite(*(f"mmlu:subject-{subject}" for subject in SUBJECTS))
