"""The smallest difference that an estimate's standard error can find."""

from assay.stats.estimate import Estimate
from assay.stats.power import Design, minimum_effect


def detectable(
    estimated: Estimate, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the minimum detectable effect, (t(1-alpha/sides, df) + t(power, df)) se; None without one.

    It uses the standard error alone, never the value that was found (no post-hoc power).
    """
    if estimated.se is None or estimated.df is None or not estimated.informative:
        return None
    return minimum_effect(Design(estimated.se, estimated.df), alpha=alpha, power=power, sides=sides)
