"""Cases of power: what can be found, and with how many questions."""

import math
from collections.abc import Mapping
from typing import Any

from assay.stats import (
    flips_effect,
    flips_power,
    flips_required,
    mde,
    mde_clustered,
    mde_paired,
    mde_unpaired,
    proportion_effect,
    proportions_effect,
    proportions_power,
    proportions_required,
    required_n,
)
from tests.golden.adapters.shapes import Either, Inputs, Results, named


def power(inputs: Inputs) -> Results:
    settings = {"alpha": inputs.get("alpha", 0.05), "power": inputs.get("power", 0.8)}
    if "icc" in inputs:
        return _clustered_power(inputs, settings)
    if "p1" in inputs or "p0" in inputs:
        return _proportions(inputs, settings)
    rows = inputs.get("rows")
    if rows is None:
        return effects(inputs, alpha=settings["alpha"], strength=settings["power"])
    if isinstance(rows[0], list):
        return {
            "n_z": [required_n(delta, sd, normal=True, **settings) for delta, sd in rows],
            "n_t": [required_n(delta, sd, **settings) for delta, sd in rows],
        }
    if "p_small" not in rows[0]:
        return {"rows": [effects(row, alpha=settings["alpha"], strength=settings["power"]) for row in rows]}
    small, ratio_ = rows[0]["p_small"], rows[0]["psi"]
    delta, flipping = small * (ratio_ - 1), small * (ratio_ + 1)
    return {
        "n_two_sided": flips_required(delta, discordant=flipping, **settings),
        "n_one_sided": flips_required(delta, discordant=flipping, sides=1, **settings),
        "exact_power_n144_p25_p45_one_sided_a025": flips_power(
            144, win=0.45, loss=0.25, alpha=0.025, sides=1, test="exact"
        ),
    }


def _clustered_power(inputs: Inputs, settings: Mapping[str, float]) -> Results:
    size = named(inputs, "mean_cluster_size", "m", "cluster_size")
    effect = 1 + (size - 1) * inputs["icc"]
    outputs: Results = {"design_effect": effect, "deff": effect}
    if "n" in inputs:
        result = mde_clustered(
            inputs["n"], inputs["sd"], icc=inputs["icc"], mean_cluster_size=size, **settings
        )
        outputs |= {"mde": result, "n_eff": inputs["n"] / effect}
    if "delta" in inputs:
        by_z, by_t = (
            required_n(inputs["delta"], inputs["sd"], effect=effect, normal=normal, **settings)
            for normal in (True, False)
        )
        outputs |= {"n": Either(by_z, by_t), "n_z": by_z, "n_t": by_t, "required_n": Either(by_z, by_t)}
    return outputs


def _proportions(inputs: Inputs, settings: Mapping[str, float]) -> Results:
    if "p0" in inputs:
        result = proportion_effect(inputs["n"], p0=inputs["p0"], **settings)
        return {"mde": result, "mde_z": result}
    p1, p2 = inputs["p1"], inputs.get("p2")
    outputs: Results = {
        f"mde_from_p{str(p).replace('.', '')}_n{n}": proportions_effect(n, p1=p)
        for p in (0.5, p1)
        for n in (100, 200, 500, 1000, 2000, inputs.get("n", 50))
    }
    if p2 is None:
        return {**outputs, "mde": proportions_effect(inputs["n"], p1=p1, **settings)}
    outputs |= {f"power_n{n}": proportions_power(n, p1=p1, p2=p2) for n in (20, 50, 100, 200, 500, 1000)}
    outputs |= {
        f"n_for_power{round(100 * power)}": proportions_required(p1=p1, p2=p2, power=power)
        for power in (0.8, 0.9, 0.95)
    }
    if "n" in inputs:
        outputs["power"] = proportions_power(inputs["n"], p1=p1, p2=p2)
    return outputs


def effects(row: Inputs, *, alpha: float, strength: float) -> Results:
    settings: dict[str, Any] = {
        "alpha": row.get("alpha", alpha), "power": row.get("power", strength), "sides": row.get("sides", 2)
    }  # fmt: skip
    if "n_each" in row:
        n, sds = row["n_each"], {"sd_a": row["sd_a"], "sd_b": row["sd_b"]}
        by_z = mde_unpaired(n, n, **sds, alpha=alpha, power=strength, method="normal")
        by_t = mde_unpaired(n, n, **sds, alpha=alpha, power=strength, method="exact")
        return {"mde_z": by_z, "mde_t_equal_sd": by_t if row["sd_a"] == row["sd_b"] else None}
    if "psi" in row and "delta" in row:
        needed = flips_required(row["delta"], discordant=row["psi"], **settings)
        return {"n": Either(needed, math.ceil(needed)), "n_connor": needed, "n_two_sided": needed}
    if "psi" in row:
        result = flips_effect(row["n"], discordant=row["psi"], **settings)
        return {"mde": result, "mde_connor": result}
    sd = named(row, "sd", "sd_d")
    if "delta" in row:
        effect = row.get("deff", row.get("design_effect", 1.0))
        needed = {z: required_n(row["delta"], sd, effect=effect, normal=z, **settings) for z in (True, False)}
        return {"n": Either(needed[False], needed[True]), "n_z": needed[True], "n_t": needed[False]}
    n = row["n"]
    exact, rough = mde_paired(n, sd, exact=True, **settings), mde_paired(n, sd, **settings)
    by_z = mde(sd / math.sqrt(n), **settings) if n > 0 else None
    outputs = {"mde": Either(rough, exact), "mde_t": Either(exact, rough), "mde_z": by_z}
    outputs |= dict.fromkeys(
        ("mde_tt", "mde_t_plus_t", "mde_formula", "mde_t_formula", "mde80", "mde_central_t"), rough
    )
    outputs |= dict.fromkeys(("mde_nct", "mde_noncentral_t", "mde80_noncentral_t", "mde_exact"), exact)
    return outputs
