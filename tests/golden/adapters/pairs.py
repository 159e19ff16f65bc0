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
from tests.golden.adapters.shapes import Either, Inputs, Results, ends, shown


def pair_of(inputs: Inputs) -> Results:
    """Two lists of scores of the same questions."""
    result = paired(inputs["a"], inputs["b"])
    by_t = estimate(mean(result.values))
    return {
        **shown(by_t, ""),
        "delta": by_t.value,
        "t_p": two_sided_p(by_t),
        "win": result.counts.wins,
        "loss": result.counts.losses,
        "tie": result.counts.ties,
        "exact_p": mcnemar_exact(result.counts.wins, result.counts.losses),
        "mid_p": mcnemar_midp(result.counts.wins, result.counts.losses),
        "sign_flip_p": sign_flip(result.values).p,
        "p_two_sided": sign_flip(result.values).p,
        "p_greater": sign_flip(result.values).p_greater,
        "correlation": result.correlation,
        "mde": result.mde,
        "mde80": result.mde,
        "reason": result.undefined,
    }


def differences(inputs: Inputs) -> Results:
    if "d_by_cluster" in inputs:
        d = [x for values in inputs["d_by_cluster"].values() for x in values]
        names = [name for name, values in inputs["d_by_cluster"].items() for _ in values]
        return clustered({**inputs, "scores": d, "cluster": names})
    if "cluster" in inputs or "clusters" in inputs:
        if "a" in inputs:
            return clustered({**inputs, "d": np.subtract(inputs["b"], inputs["a"])})
        return clustered(inputs)
    if "d" in inputs and "resamples" not in inputs:
        flipped = sign_flip(inputs["d"])
        by_t = estimate(mean(inputs["d"]))
        return {
            **shown(by_t, ""),
            "delta": by_t.value,
            "p_two_sided": flipped.p,
            "sign_flip_p": flipped.p,
            "p_greater": flipped.p_greater,
            "n_patterns": flipped.patterns,
            "t_p": two_sided_p(by_t),
        }
    if "resamples" not in inputs:
        return pair_of(inputs)
    sides = (inputs["b"], inputs["a"]) if "b" in inputs else (np.zeros(len(inputs["d"])), inputs["d"])
    by_bca = paired_bootstrap(*sides, resamples=inputs["resamples"])
    plain = paired_bootstrap(*sides, resamples=inputs["resamples"], kind="percentile")
    values = np.subtract(sides[1], sides[0])
    return {
        "se": by_bca.se,
        "bca_ci95": ends(by_bca),
        "percentile_ci95": ends(plain),
        "se_theory_ddof0": float(values.std() / math.sqrt(len(values))),
    }


def flips(inputs: Inputs) -> Results:
    if "alpha" in inputs and "win" not in inputs and "f00" not in inputs:
        levels = inputs["alpha"] if isinstance(inputs["alpha"], list) else [inputs["alpha"]]
        outputs: Results = {
            "min_discordant_exact_two_sided": {str(a): fewest_flips(a, test="exact") for a in levels},
            "min_discordant_midp": {str(a): fewest_flips(a) for a in levels},
        }
        return outputs
    if "f00" in inputs:
        counts = Discordance(inputs["f10"], inputs["f01"], inputs["f00"] + inputs["f11"])
        both_right = inputs["f11"]
    else:
        both_right = inputs.get("both_right", inputs.get("tie", 0))
        ties = inputs.get("tie", both_right + inputs.get("both_wrong", 0))
        if "n" in inputs and "tie" not in inputs and "both_right" not in inputs:
            ties = both_right = inputs["n"] - inputs["win"] - inputs["loss"]
        counts = Discordance(inputs["win"], inputs["loss"], ties)
    a = np.repeat([0.0, 1.0, 1.0], counts)
    b = np.repeat([1.0, 0.0, 1.0], counts)
    result, by_t = paired(a, b), estimate(mean(b - a))
    est, se, interval = bonett_price(counts)
    corrected = mcnemar_score(counts.wins, counts.losses, continuity=True)
    z, z_corrected = (mcnemar_z(counts.wins, counts.losses, continuity=cc) for cc in (False, True))
    outputs = {
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
        "mde": result.mde,
        "mde80": result.mde,
        "floor": resolution_floor(counts.n),
        "floor_exact": resolution_floor(counts.n, test="exact"),
        "rule_of_three": largest_discordance(counts.n),
        "psi_upper": largest_discordance(counts.n),
        "reason": result.undefined,
    }
    if "margin" in inputs:
        outputs |= _not_inferior(counts, inputs["margin"])
    return outputs


def _not_inferior(counts: Discordance, margin: float) -> Results:
    result, z = equivalence_binary(counts, margin=margin), tango_z(-margin, counts)
    p = non_inferiority_p(counts, margin=margin)
    return {
        "z": z,
        "z_lower": z,
        "z_upper": tango_z(margin, counts),
        "tango_z": z,
        "p": Either(p, result.p),
        "p_lower": result.p_lower,
        "p_upper": result.p_upper,
        "p_tost": result.p,
        "tost_p": result.p,
        "p_noninferior": p,
        "p_noninferiority": p,
        "p_non_inferior": p,
        "p_non_inferiority": p,
        "noninferiority_p": p,
        "ci90": [result.low, result.high],
        "tango_ci90": [result.low, result.high],
        "lower90": result.low,
        "equivalent": result.equivalent,
        "noninferior": result.non_inferior,
        "non_inferior": result.non_inferior,
    }


def equivalent(inputs: Inputs) -> Results:
    if "win" in inputs:
        return flips(inputs)
    result = equivalence(inputs["d"], margin=inputs["margin"], cluster=inputs.get("cluster"))
    p = result.p_lower
    return {
        "p": Either(result.p, p),
        "p_lower": result.p_lower,
        "p_upper": result.p_upper,
        "ci90": None if result.low is None else [result.low, result.high],
        "lower90": result.low,
        "equivalent": result.equivalent,
        "noninferior": result.non_inferior,
        "non_inferior": result.non_inferior,
        "p_noninferior": p,
        "p_noninferiority": p,
        "p_non_inferiority": p,
        "reason": "zero variance" if result.p is None else None,
    }
