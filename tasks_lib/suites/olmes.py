"""OLMES's core: nine benchmarks in the better of two forms (Gu et al. 2024)."""

from functools import partial

from tasks_lib.benchmarks.mmlu import CATEGORIES
from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import Suite, best_of, suite

NINE = (
    "arc_easy", "arc_challenge", "boolq", "commonsenseqa", "hellaswag", "openbookqa", "piqa", "socialiqa",
    "winogrande",
)  # fmt: skip


def better_form(task: str) -> Suite:
    """One benchmark in the better of its listed and its cloze form."""
    return best_of(f"{task}:olmes:mc", f"{task}:olmes:rc")


for _task in NINE:
    register_suite(f"olmes:{_task}")(partial(better_form, _task))


@register_suite("olmes:mmlu")
def olmes_mmlu() -> Suite:
    """MMLU by subject in the better of its listed and its cloze form."""
    return best_of("mmlu-by-subject:olmes:mc", "mmlu-by-subject:olmes:rc")


@register_suite("olmes:core")
def olmes_core() -> Suite:
    """The nine benchmarks of OLMES, each in the better of its listed and its cloze form."""
    return suite(*(f"olmes:{task}" for task in NINE))


@register_suite("olmes:core:rc")
def olmes_core_rc() -> Suite:
    """The nine benchmarks of OLMES in their cloze form, for models that cannot answer by letter yet."""
    return suite(*(f"{task}:olmes:rc" for task in NINE))


def category(name: str) -> Suite:
    """The subjects of MMLU in one category, each counting the same."""
    return suite(*(f"mmlu:subject-{subject}" for subject in CATEGORIES[name]))


for _category in CATEGORIES:
    register_suite(f"mmlu:{_category}")(partial(category, _category))
