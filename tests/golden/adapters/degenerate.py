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
from tests.golden.adapters.shapes import Found, Given, ends, named, shown
from tests.golden.adapters.suites import family, suite


def single(given: Given) -> Found:
    scores = named(given, "scores", "values")
    found = estimate(mean(scores))
    return {**shown(found, ""), "mean": found.value, "n": found.n, "reason": found.undefined}


def constant(given: Given) -> Found:
    d = np.array(given["d"], dtype=np.float64)
    found = paired(np.zeros_like(d), d)
    boot = paired_bootstrap(np.zeros_like(d), d)
    return {
        "delta": found.estimate.value,
        "mean": found.estimate.value,
        "se": found.estimate.se,
        "t_p": found.p if not found.binary else two_sided_p(found.estimate),
        "t_ci95": ends(estimate(mean(d))),
        "bca": ends(boot),
        "sign_flip_p": sign_flip(d).p if len(d) > 1 else None,
        "mde": found.mde,
        "mde80": found.mde,
        "reason": found.undefined,
    }


def degenerate(given: Given) -> Found:
    """Whatever the inputs name first decides."""
    shapes: tuple[tuple[str, Callable[[Given], Found]], ...] = (
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
        if name in given:
            return adapter(given)
    raise KeyError(f"nothing known among {sorted(given)}")
