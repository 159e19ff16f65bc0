"""The public surface of `assay.stats`: documented, typed, and safe against any input.

Whatever goes in, what comes out is a number, None, or an error of ours with a remedy: never Python's own
exception, NaN, or numbers of one question paired silently with those of another.
"""

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay import stats
from assay.errors import AssayError
from tests.conftest import ROOT

DOCUMENT = ROOT / "docs" / "statistics.md"
FUNCTIONS = sorted(name for name in stats.__all__ if inspect.isfunction(getattr(stats, name)))

# Numbers that have broken formulas: ends of ranges, huge, tiny, not finite, and no numbers at all.
NUMBERS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([0, 1, -1, 2, 0.0, 1.0, -1.0, 0.05, 0.5, 0.95, 95, 1e-12, 1e-300, 1e300, 5e-324]),
    st.sampled_from([math.nan, math.inf, -math.inf, None, "0.5", True, 10**400, 2**60, 1 + 0j]),
    st.floats(0.001, 0.999),
    st.integers(-3, 60),
)
SENSIBLE_LISTS = st.one_of(
    st.lists(st.integers(0, 1), min_size=1, max_size=12),
    st.lists(st.floats(-3, 3), min_size=1, max_size=12),
    st.integers(1, 6).flatmap(lambda n: st.just([0.25] * n)),
)
LISTS: st.SearchStrategy[Any] = st.one_of(
    SENSIBLE_LISTS,
    SENSIBLE_LISTS,
    st.lists(NUMBERS, max_size=6),
    st.sampled_from(
        [[], [[]], [[1, 0], [0, 1]], [[1], [1, 0]], 0.5, None, "abc", np.zeros((2, 2)), {}, [{}]]
    ),
    st.lists(st.floats(1e-320, 1e-300), min_size=1, max_size=6),
    st.lists(st.floats(1e59, 1e61), min_size=1, max_size=6),
)
CLUSTERS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12),
    st.lists(st.integers(0, 3), max_size=12).map(np.array),
    st.sampled_from([[["a"], ["b"]], [math.nan, "a"], 3, "ab", [{}]]),
)


def estimates() -> st.SearchStrategy[Any]:
    return st.builds(
        stats.Estimate,
        st.one_of(st.none(), st.floats(-2, 2)),
        se=st.one_of(st.none(), st.just(0.0), st.floats(1e-6, 2)),
        df=st.one_of(st.none(), st.just(math.inf), st.floats(0.5, 500)),
        n=st.integers(0, 50),
    )


COUNTS = st.builds(stats.Discordance, st.integers(-1, 9), st.integers(0, 9), st.integers(0, 40))
STOPPING = st.builds(
    stats.Stopping,
    st.integers(1, 40),
    alpha=st.floats(0.01, 0.2),
    margin=st.floats(0.01, 0.5),
    every=st.integers(1, 5),
)
PARTS = st.builds(
    stats.VarianceParts,
    st.one_of(st.none(), st.floats(0, 2)),
    st.one_of(st.none(), st.floats(0, 2)),
    n=st.integers(1, 50),
    samples=st.floats(1, 8),
)
TASKS = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(stats.TaskValues, LISTS, weight=NUMBERS, cluster=CLUSTERS),
    max_size=3,
)
BRANCHES = st.recursive(
    st.builds(stats.Branch, st.dictionaries(st.sampled_from("abc"), NUMBERS, max_size=3), NUMBERS),
    lambda children: st.builds(
        stats.Branch, st.dictionaries(st.sampled_from("xyz"), children, max_size=2), NUMBERS
    ),
    max_leaves=4,
)
NAMED: dict[str, st.SearchStrategy[Any]] = {
    "cluster": CLUSTERS,
    "counts": st.one_of(COUNTS, LISTS),
    "design": STOPPING,
    "estimate_": estimates(),
    "ids": st.just(()),
    "influenced": LISTS.filter(lambda x: True).map(lambda x: x),
    "name": st.just("family"),
    "p_values": st.dictionaries(st.text(max_size=2), NUMBERS, max_size=5),
    "parts": PARTS,
    "result": estimates(),
    "samples_lists": st.lists(LISTS, max_size=5),
    "suite": BRANCHES,
    "tasks": TASKS,
    "units": st.one_of(st.none(), st.tuples(LISTS, LISTS)),
    "bounds": st.one_of(st.none(), st.tuples(NUMBERS, NUMBERS), st.just((0, 1))),
    "resamples": st.one_of(st.integers(2, 60), NUMBERS.filter(lambda x: not isinstance(x, int) or x < 100)),
    "statistic": st.one_of(st.none(), st.just(lambda rows: float(np.median(rows)))),
    "most": st.one_of(st.integers(1, 20), st.sampled_from([0, -1, 0.5, math.nan])),
}


def influenced_scores() -> st.SearchStrategy[Any]:
    return st.one_of(
        SENSIBLE_LISTS.map(stats.mean),
        st.builds(stats.Influenced, NUMBERS, SENSIBLE_LISTS.map(np.array)),
    )


NAMED["influenced"] = influenced_scores()


def strategy(function: str, parameter: inspect.Parameter) -> st.SearchStrategy[Any]:
    """Values of a parameter, sensible and senseless, by its name and type."""
    name, hint = parameter.name, str(parameter.annotation)
    if name == "samples" and "Samples" in hint:
        return NAMED["samples_lists"]
    if name == "result":
        return st.one_of(estimates(), SENSIBLE_LISTS.map(lambda x: stats.paired(x, x[::-1])))
    if name in NAMED and (name != "counts" or "ArrayLike" not in hint):
        return COUNTS if name == "counts" else NAMED[name]
    if "bool" in hint and "Iterable" not in hint:
        return st.booleans()
    if any(word in hint for word in ("ArrayLike", "Array", "NDArray", "Iterable", "Sequence")):
        return LISTS
    if any(
        word in hint
        for word in (
            "Literal",
            "Correction",
            "Policy",
            "Method",
            "Kind",
            "Prior",
            "Test",
            "Reduction",
            "Adjustment",
        )
    ):
        return words(hint, parameter)
    return NUMBERS


def words(hint: str, parameter: inspect.Parameter) -> st.SearchStrategy[Any]:
    known = (
        "auto",
        "CR0",
        "CR1",
        "CR2",
        "error",
        "singleton",
        "t",
        "normal",
        "exact",
        "mid-p",
        "BCa",
        "percentile",
    )
    more = (
        "uniform",
        "jeffreys",
        "hpd",
        "equal-tailed",
        "holm",
        "bh",
        "by",
        "bonferroni",
        "bootstrap",
        "mean",
        "pass_at",
    )
    return st.sampled_from([*known, *more, "nonsense"])


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_input_is_a_result_or_an_error_of_ours(name: str, data: st.DataObject) -> None:
    function = getattr(stats, name)
    arguments = drawn_arguments(name, function, data)
    try:
        result = call(function, arguments)
    except AssayError as error:
        assert str(error).endswith((".", "]", ")", "'")) or error.remedy
        return
    for value in numbers_in(result):
        assert not math.isnan(value), f"{name} returned {result}"


def drawn_arguments(name: str, function: Callable[..., Any], data: st.DataObject) -> dict[str, Any]:
    arguments = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not inspect.Parameter.empty and data.draw(st.booleans()):
            continue
        arguments[parameter.name] = data.draw(strategy(name, parameter), label=parameter.name)
    return arguments


def call(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    signature = inspect.signature(function)
    bound = signature.bind(**arguments)
    return function(*bound.args, **bound.kwargs)


def numbers_in(value: Any) -> list[float]:
    """All numbers that a result holds."""
    if isinstance(value, (bool, str)) or value is None:
        return []
    if isinstance(value, (int, float)):
        return [float(value)] if abs(value) < 1e308 else []
    if isinstance(value, np.ndarray):
        return [float(x) for x in value.ravel()]
    if isinstance(value, Mapping):
        return [x for part in value.values() for x in numbers_in(part)]
    if isinstance(value, (tuple, list)):
        return [x for part in value for x in numbers_in(part)]
    if dataclasses.is_dataclass(value):
        return [x for f in dataclasses.fields(value) for x in numbers_in(getattr(value, f.name))]
    return []
