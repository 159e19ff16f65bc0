"""Cases whose numbers are not defined, or say nothing; of any of the other kinds."""

from collections.abc import Callable

import numpy as np

from assay.stats import (
    estimate,
    mean,
    paired,
    paired_bootstrap,
    sign_flip,
    two_sided_p,
)
from tests.golden.adapters.pairs import equivalent, flips, pair_of
from tests.golden.adapters.planning import power
from tests.golden.adapters.samples import clustered, counted, passing, sampled
from tests.golden.adapters.shapes import Inputs, Results, ends, named, shown
from tests.golden.adapters.suites import family, suite


def single(inputs: Inputs) -> Results:
    scores = named(inputs, "scores", "values")
    result = estimate(mean(scores))
    return {**shown(result, ""), "mean": result.value, "n": result.n, "reason": result.undefined}


def constant(inputs: Inputs) -> Results:
    d = np.array(inputs["d"], dtype=np.float64)
    result = paired(np.zeros_like(d), d)
    boot = paired_bootstrap(np.zeros_like(d), d)
    return {
        "delta": result.estimate.value,
        "mean": result.estimate.value,
        "se": result.estimate.se,
        "t_p": result.p if not result.binary else two_sided_p(result.estimate),
        "t_ci95": ends(estimate(mean(d))),
        "bca": ends(boot),
        "sign_flip_p": sign_flip(d).p if len(d) > 1 else None,
        "mde": result.mde,
        "mde80": result.mde,
        "reason": result.undefined,
    }


def degenerate(inputs: Inputs) -> Results:
    """Whatever the inputs name first decides."""
    shapes: tuple[tuple[str, Callable[[Inputs], Results]], ...] = (
        ("task", suite),
        ("tasks", suite),
        ("cluster", clustered),
        ("clusters", clustered),
        ("k", passing),
        ("scores_by_question", sampled),
        ("margin", equivalent),
        ("d", constant),
        ("win", flips),
        ("correct", counted),
        ("p", family),
        ("a", pair_of),
        ("rows", power),
        ("scores", single),
        ("values", single),
    )
    for name, adapter in shapes:
        if name in inputs:
            return adapter(inputs)
    raise KeyError(f"nothing known among {sorted(inputs)}")
