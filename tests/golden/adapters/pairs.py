"""Cases of two systems on the same questions: differences, flips, equivalence."""

import math

import numpy as np

from assay.stats import (
    Discordance,
    bonett_price,
    equivalence,
    equivalence_binary,
    estimate,
    fewest_flips,
    largest_discordance,
    mcnemar_exact,
    mcnemar_midp,
    mcnemar_midp_worse,
    mcnemar_score,
    mcnemar_z,
    mean,
    newcombe,
    non_inferiority_p,
    paired,
    paired_bootstrap,
    probability_better,
    resolution_floor,
    sign_flip,
    tango,
    tango_z,
    two_sided_p,
)
from tests.golden.adapters.samples import clustered
from tests.golden.adapters.shapes import Either, Found, Given, ends, shown


def pair_of(given: Given) -> Found:
    """Two lists of scores of the same questions."""
    found = paired(given["a"], given["b"])
    by_t = estimate(mean(found.values))
    return {
        **shown(by_t, ""),
        "delta": by_t.value,
        "t_p": two_sided_p(by_t),
        "win": found.counts.wins,
        "loss": found.counts.losses,
        "tie": found.counts.ties,
        "exact_p": mcnemar_exact(found.counts.wins, found.counts.losses),
        "mid_p": mcnemar_midp(found.counts.wins, found.counts.losses),
        "sign_flip_p": sign_flip(found.values).p,
        "p_two_sided": sign_flip(found.values).p,
        "p_greater": sign_flip(found.values).p_greater,
        "correlation": found.correlation,
        "mde": found.mde,
        "mde80": found.mde,
        "reason": found.undefined,
    }


def differences(given: Given) -> Found:
    if "d_by_cluster" in given:
        d = [x for values in given["d_by_cluster"].values() for x in values]
        names = [name for name, values in given["d_by_cluster"].items() for _ in values]
        return clustered({**given, "scores": d, "cluster": names})
    if "cluster" in given or "clusters" in given:
        if "a" in given:
            return clustered({**given, "d": np.subtract(given["b"], given["a"])})
        return clustered(given)
    if "d" in given and "resamples" not in given:
        flipped = sign_flip(given["d"])
        by_t = estimate(mean(given["d"]))
        return {
            **shown(by_t, ""),
            "delta": by_t.value,
            "p_two_sided": flipped.p,
            "sign_flip_p": flipped.p,
            "p_greater": flipped.p_greater,
            "n_patterns": flipped.patterns,
            "t_p": two_sided_p(by_t),
        }
    if "resamples" not in given:
        return pair_of(given)
    sides = (given["b"], given["a"]) if "b" in given else (np.zeros(len(given["d"])), given["d"])
    by_bca = paired_bootstrap(*sides, resamples=given["resamples"])
    plain = paired_bootstrap(*sides, resamples=given["resamples"], kind="percentile")
    values = np.subtract(sides[1], sides[0])
    return {
        "se": by_bca.se,
        "bca_ci95": ends(by_bca),
        "percentile_ci95": ends(plain),
        "se_theory_ddof0": float(values.std() / math.sqrt(len(values))),
    }


def flips(given: Given) -> Found:
    if "alpha" in given and "win" not in given and "f00" not in given:
        levels = given["alpha"] if isinstance(given["alpha"], list) else [given["alpha"]]
        told: Found = {
            "min_discordant_exact_two_sided": {str(a): fewest_flips(a, test="exact") for a in levels},
            "min_discordant_midp": {str(a): fewest_flips(a) for a in levels},
        }
        return told
    if "f00" in given:
        counts = Discordance(given["f10"], given["f01"], given["f00"] + given["f11"])
        both_right = given["f11"]
    else:
        both_right = given.get("both_right", given.get("tie", 0))
        ties = given.get("tie", both_right + given.get("both_wrong", 0))
        if "n" in given and "tie" not in given and "both_right" not in given:
            ties = both_right = given["n"] - given["win"] - given["loss"]
        counts = Discordance(given["win"], given["loss"], ties)
    a = np.repeat([0.0, 1.0, 1.0], counts)
    b = np.repeat([1.0, 0.0, 1.0], counts)
    found, by_t = paired(a, b), estimate(mean(b - a))
    est, se, interval = bonett_price(counts)
    corrected = mcnemar_score(counts.wins, counts.losses, continuity=True)
    z, z_corrected = (mcnemar_z(counts.wins, counts.losses, continuity=cc) for cc in (False, True))
    told = {
        "n": counts.n,
        "win": counts.wins,
        "loss": counts.losses,
        "tie": counts.ties,
        "delta": counts.delta,
        "se": by_t.se,
        "t_p": two_sided_p(by_t),
        "t_ci95": ends(by_t),
        "tango_ci95": list(tango(counts)),
        "tango_ci90": list(tango(counts, level=0.9)),
        "newcombe10_ci95": list(newcombe(counts, both_right=both_right)),
        "exact_p": mcnemar_exact(counts.wins, counts.losses),
        "mid_p": mcnemar_midp(counts.wins, counts.losses),
        "mid_p_worse": mcnemar_midp_worse(counts.wins, counts.losses),
        "score_p": mcnemar_score(counts.wins, counts.losses),
        "score_cc_p": corrected,
        "p_cc": corrected,
        "mcnemar_cc_p": corrected,
        "mcnemar_cc_z": z_corrected,
        "chi2": None if z is None else z**2,
        "chi2_cc": None if z_corrected is None else z_corrected**2,
        "prob_better_dirichlet1": probability_better(counts.wins, counts.losses),
        "bonett_price": {"est": est, "se": se, "ci": list(interval)},
        "mde": found.mde,
        "mde80": found.mde,
        "floor": resolution_floor(counts.n),
        "floor_exact": resolution_floor(counts.n, test="exact"),
        "rule_of_three": largest_discordance(counts.n),
        "psi_upper": largest_discordance(counts.n),
        "reason": found.undefined,
    }
    if "margin" in given:
        told |= _not_inferior(counts, given["margin"])
    return told


def _not_inferior(counts: Discordance, margin: float) -> Found:
    found, z = equivalence_binary(counts, margin=margin), tango_z(-margin, counts)
    p = non_inferiority_p(counts, margin=margin)
    return {
        "z": z,
        "z_lower": z,
        "z_upper": tango_z(margin, counts),
        "tango_z": z,
        "p": Either(p, found.p),
        "p_lower": found.p_lower,
        "p_upper": found.p_upper,
        "p_tost": found.p,
        "tost_p": found.p,
        "p_noninferior": p,
        "p_noninferiority": p,
        "p_non_inferior": p,
        "p_non_inferiority": p,
        "noninferiority_p": p,
        "ci90": [found.low, found.high],
        "tango_ci90": [found.low, found.high],
        "lower90": found.low,
        "equivalent": found.equivalent,
        "noninferior": found.non_inferior,
        "non_inferior": found.non_inferior,
    }


def equivalent(given: Given) -> Found:
    if "win" in given:
        return flips(given)
    found = equivalence(given["d"], margin=given["margin"], cluster=given.get("cluster"))
    p = found.p_lower
    return {
        "p": Either(found.p, p),
        "p_lower": found.p_lower,
        "p_upper": found.p_upper,
        "ci90": None if found.low is None else [found.low, found.high],
        "lower90": found.low,
        "equivalent": found.equivalent,
        "noninferior": found.non_inferior,
        "non_inferior": found.non_inferior,
        "p_noninferior": p,
        "p_noninferiority": p,
        "p_non_inferiority": p,
        "reason": "zero variance" if found.p is None else None,
    }
