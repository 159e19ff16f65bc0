"""What a comparison says in one of four words: the one rule, for tasks, suites, curves and gates alike."""

from assay.stats.differences import Paired
from assay.stats.distributions import t_tail
from assay.stats.domain import fraction, share
from assay.stats.estimates import Estimate, two_sided_p
from assay.stats.margins import Equivalence, equivalence_binary, equivalence_of, equivalence_of_ties
from assay.stats.words import Verdict

DROPPED = 0.05
"""Share of the questions without a pair above which nothing is claimed."""


def verdict(
    result: Estimate | Paired,
    *,
    margin: float,
    alpha: float = 0.05,
    corrected: float | None = None,
    dropped: float = 0.0,
) -> Verdict:
    """Return whether B improved, regressed, is equivalent, or whether that is unresolved.

    A direction where the test finds one at `alpha`, also where it lies inside the margin, its size being
    shown beside it; else equivalent where the interval of level 1 - 2 alpha lies inside -margin and
    +margin (Schuirmann 1987); else unresolved. Where the test is one of several, `corrected` is its
    corrected p-value, and that decides. `dropped` is the share of questions that could not be paired; above
    5 % nothing is claimed.
    """
    fraction(alpha, name="alpha")
    equivalent = within_margin(result, margin=margin, alpha=alpha).equivalent
    if share(dropped, name="dropped") > DROPPED:
        return "unresolved"
    delta, p = result_p(result)
    if corrected is not None:
        p = share(corrected, name="corrected")
    if delta is not None and delta != 0 and p is not None and p <= alpha:
        return "improved" if delta > 0 else "regressed"
    return "equivalent" if equivalent else "unresolved"


def result_p(result: Estimate | Paired) -> tuple[float | None, float | None]:
    """Return the difference and the p-value that decides, before any correction."""
    if isinstance(result, Paired):
        return result.delta, result.deciding_p
    return result.value, two_sided_p(result)


def within_margin(result: Estimate | Paired, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test equivalence: by Tango's statistic for independent right-or-wrong scores, else by t.

    Two one-sided tests (Schuirmann 1987); undefined where the standard error is.
    """
    if not isinstance(result, Paired):
        return equivalence_of(result, margin=margin, alpha=alpha)
    if result.test.startswith("McNemar"):
        return equivalence_binary(result.counts, margin=margin, alpha=alpha)
    if result.tied_units is not None and result.largest is not None:
        return equivalence_of_ties(result.tied_units, largest=result.largest, margin=margin, alpha=alpha)
    return equivalence_of(result.estimate, margin=margin, alpha=alpha)


def chance_better(result: Estimate | Paired) -> float | None:
    """Return P(B better) under a flat prior: of the flips for right-or-wrong scores, else of Student's t.

    None where the standard error is zero or not defined.
    """
    if isinstance(result, Paired):
        if result.p_better is not None:
            return result.p_better
        result = result.estimate
    if result.value is None or result.se is None or result.df is None or not result.informative:
        return None
    return t_tail(-result.value / result.se, df=result.df)
