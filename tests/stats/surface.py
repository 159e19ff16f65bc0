"""Values for every parameter of `assay.stats`, sensible and senseless, by the parameter's name and type."""

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

from assay import stats

FUNCTIONS = sorted(name for name in stats.__all__ if inspect.isfunction(getattr(stats, name)))

# Numbers on which formulas break: ends of ranges, huge, tiny, not finite, and no numbers at all.
NUMBERS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([0, 1, -1, 2, 0.0, 1.0, -1.0, 0.05, 0.5, 0.95, 95, 1e-12, 1e-300, 1e300, 5e-324]),
    st.sampled_from([math.nan, math.inf, -math.inf, None, "0.5", True, 10**400, 2**60, 1 + 0j]),
    st.floats(0.001, 0.999),
    st.integers(-3, 60),
)
SCORES = st.one_of(
    st.lists(st.integers(0, 1), min_size=1, max_size=12),
    st.lists(st.floats(-3, 3), min_size=1, max_size=12),
    st.integers(1, 6).map(lambda n: [0.25] * n),
)
NO_SCORES = ([], [[]], [[1, 0], [0, 1]], [[1], [1, 0]], 0.5, None, "abc", np.zeros((2, 2)), {}, [{}])
LISTS: st.SearchStrategy[Any] = st.one_of(
    SCORES,
    SCORES,
    st.lists(NUMBERS, max_size=6),
    st.sampled_from(NO_SCORES),
    st.lists(st.floats(1e-320, 1e-300), min_size=1, max_size=6),
    st.lists(st.floats(1e59, 1e61), min_size=1, max_size=6),
)
CLUSTERS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12),
    st.lists(st.integers(0, 3), max_size=12).map(np.array),
    st.sampled_from([[["a"], ["b"]], [math.nan, "a"], 3, "ab", [{}]]),
)
ESTIMATES = st.builds(
    stats.Estimate,
    st.one_of(st.none(), st.floats(-2, 2)),
    se=st.one_of(st.none(), st.just(0.0), st.floats(1e-6, 2)),
    df=st.one_of(st.none(), st.just(math.inf), st.floats(0.5, 500)),
    n=st.integers(0, 50),
)
COUNTS = st.builds(stats.Discordance, st.integers(-1, 9), st.integers(0, 9), st.integers(0, 40))
INFLUENCED = st.one_of(
    SCORES.map(stats.mean), st.builds(stats.Influenced, NUMBERS, st.one_of(SCORES.map(np.array), LISTS))
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
WORDS = st.sampled_from(
    [
        *("auto", "CR0", "CR1", "CR2", "error", "singleton", "t", "normal", "exact", "mid-p", "BCa"),
        *("percentile", "uniform", "jeffreys", "hpd", "equal-tailed", "holm", "bh", "by", "bonferroni"),
        *("bootstrap", "mean", "pass_at", "pass_hat", "nonsense"),
    ]
)
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "bounds": st.one_of(st.none(), st.tuples(NUMBERS, NUMBERS), st.just((0, 1))),
    "cluster": CLUSTERS,
    "design": st.builds(
        stats.Stopping,
        st.integers(1, 40),
        alpha=st.floats(0.01, 0.2),
        margin=st.floats(0.01, 0.5),
        every=st.integers(1, 5),
    ),
    "estimate_": ESTIMATES,
    "ids": st.just(()),
    "influenced": INFLUENCED,
    "name": st.just("family"),
    "notes": st.just(()),
    "p_values": st.dictionaries(st.text(max_size=2), NUMBERS, max_size=5),
    "parts": st.builds(
        stats.VarianceParts,
        st.one_of(st.none(), st.floats(0, 2)),
        st.one_of(st.none(), st.floats(0, 2)),
        n=st.integers(1, 50),
        samples=st.floats(1, 8),
    ),
    # What takes long by design, many draws and many trials, is kept short.
    "resamples": st.one_of(st.integers(2, 40), st.sampled_from([0, -1, None, math.nan, 0.5])),
    "most": st.one_of(st.integers(1, 20), st.sampled_from([0, -1, 0.5, math.nan])),
    "result": st.one_of(ESTIMATES, SCORES.map(lambda scores: stats.paired(scores, scores[::-1]))),
    "statistic": st.one_of(st.none(), st.just(lambda rows: float(np.median(rows)))),
    "suite": BRANCHES,
    "tasks": TASKS,
    "units": st.one_of(st.none(), st.tuples(LISTS, LISTS)),
}
WORDS_OF = ("Literal", "Correction", "Policy", "Method", "Kind", "Prior", "Test", "Reduction", "Adjustment")
LISTS_OF = ("ArrayLike", "Array", "NDArray", "Iterable", "Sequence")


def strategy(parameter: inspect.Parameter) -> st.SearchStrategy[Any]:
    """Values of one parameter."""
    hint = str(parameter.annotation)
    if parameter.name == "counts" and "ArrayLike" not in hint:
        return COUNTS
    if parameter.name == "samples" and "Samples" in hint:
        return st.lists(LISTS, max_size=5)
    if parameter.name in BY_NAME:
        return BY_NAME[parameter.name]
    kinds = ((LISTS_OF, LISTS), (WORDS_OF, WORDS), (("bool",), st.booleans()))
    return next((values for words, values in kinds if any(word in hint for word in words)), NUMBERS)


@st.composite
def calls(draw: st.DrawFn, function: Callable[..., Any]) -> dict[str, Any]:
    """Arguments for one call, of which some defaults are left as they are."""
    return {
        name: draw(strategy(parameter))
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is inspect.Parameter.empty or draw(st.booleans())
    }


def call(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """Call with the positional parameters by position."""
    bound = inspect.signature(function).bind(**arguments)
    return function(*bound.args, **bound.kwargs)


def numbers_in(value: Any) -> list[float]:
    """All finite-size numbers that a result holds."""
    if isinstance(value, (bool, np.bool_)):
        return []
    if isinstance(value, (int, float)):
        return [float(value)] if abs(value) < 1e308 or math.isnan(value) else []
    return [number for part in _parts(value) for number in numbers_in(part)]


def _parts(value: Any) -> list[Any]:
    """What a collection or a value of fields is made of."""
    if isinstance(value, np.ndarray):
        return [float(number) for number in value.ravel()]
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, (tuple, list)):
        return list(value)
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    return []
