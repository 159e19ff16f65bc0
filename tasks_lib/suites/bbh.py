"""BIG-Bench Hard: its 27 files, or the 23 tasks of the paper."""

from functools import partial

from tasks_lib.benchmarks.bbh import FAMILIES, SINGLE, SUBTASKS
from tasks_lib.registry import register_suite
from tasks_lib.suites.suite import Suite, suite


@register_suite("bbh")
def bbh() -> Suite:
    """The 27 files of BIG-Bench Hard, each counting the same."""
    return suite(*(f"bbh_{subtask}" for subtask in SUBTASKS))


@register_suite("bbh:paper")
def bbh_paper() -> Suite:
    """The 23 tasks of the paper: what comes in three sizes counts once."""
    return suite(*(f"bbh_{name}" for name in SINGLE), *(f"bbh:{name}" for name in FAMILIES))


def sizes(name: str) -> Suite:
    """One task of BIG-Bench Hard in its three sizes."""
    return suite(*(f"bbh_{name}_{size}" for size in FAMILIES[name]))


for _name in FAMILIES:
    register_suite(f"bbh:{_name}")(partial(sizes, _name))
