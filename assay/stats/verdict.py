"""What a comparison says in one of four words, and what the set of questions could have shown."""

from typing import Literal, TypeAlias

from assay.stats.distributions import t_tail
from assay.stats.equivalence import Equivalence, equivalence_binary, equivalence_of
from assay.stats.estimate import Estimate, two_sided_p
from assay.stats.paired import Paired

Verdict: TypeAlias = Literal["improved", "regressed", "equivalent", "unresolved"]

DROPPED = 0.05
"""Share of the questions without a pair above which nothing is claimed."""


def verdict(found: Estimate | Paired, *, margin: float, alpha: float = 0.05, dropped: float = 0.0) -> Verdict:
    """Say whether B improved, regressed, is equivalent, or whether that is unresolved.

    A direction where the test finds one at `alpha`, also where it lies inside the margin, its size being
    shown beside it; else equivalent where the interval of level 1 - 2 alpha lies inside -margin and
    +margin; else unresolved. `dropped` is the share of questions that could not be paired; above 5 %
    nothing is claimed.
    """
    if dropped > DROPPED:
        return "unresolved"
    delta, p = (found.delta, _p_of(found)) if isinstance(found, Paired) else (found.value, two_sided_p(found))
    if delta is not None and delta != 0 and p is not None and p <= alpha:
        return "improved" if delta > 0 else "regressed"
    return "equivalent" if within_margin(found, margin=margin, alpha=alpha).equivalent else "unresolved"


def within_margin(found: Estimate | Paired, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test equivalence: by Tango's statistic for independent right-or-wrong scores, else by t."""
    if not isinstance(found, Paired):
        return equivalence_of(found, margin=margin, alpha=alpha)
    if found.binary and found.estimate.n_clusters is None:
        return equivalence_binary(found.counts, margin=margin, alpha=alpha)
    return equivalence_of(found.estimate, margin=margin, alpha=alpha)


def chance_better(found: Estimate | Paired) -> float | None:
    """Return P(B better) under a flat prior: of the flips for right-or-wrong scores, else of Student's t."""
    if isinstance(found, Paired):
        if found.p_better is not None:
            return found.p_better
        found = found.estimate
    if found.value is None or found.se is None or found.df is None or not found.informative:
        return None
    return t_tail(-found.value / found.se, df=found.df)


def resolution(mde: float | None, *, floor: float | None = None, power: float = 0.8, unit: str = "pp") -> str:
    """Say in one sentence what difference this set of questions can show.

    Fractions are given in percentage points for `unit` "pp", else as they are.
    """
    if mde is not None:
        return f"This set can resolve differences of {_size(mde, unit)} or more, with a power of {power:.0%}."
    if floor is not None:
        return (
            "The scores do not vary, so no detectable difference is defined; "
            f"less than {_size(floor, unit)} cannot be shown by this set."
        )
    return "What this set can resolve is not known, because the difference has no standard error."


def _p_of(found: Paired) -> float | None:
    """The t test has no p-value for a constant shift; the sign-flip test does."""
    return found.p_second if found.p is None else found.p


def _size(difference: float, unit: str) -> str:
    shown = 100 * difference if unit == "pp" else difference
    return f"{shown:.2g} {unit}".rstrip()
