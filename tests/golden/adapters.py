"""From the inputs of a golden case to what our public functions make of them, by group.

Cases of a group come in several shapes; which one it is shows in the names of the inputs. A shape that no
adapter knows raises KeyError.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from assay.align import Asked, align, questions, worst_case
from assay.stats.bootstrap import paired_bootstrap
from assay.stats.checkpoints import (
    mean_step,
    monotonicity,
    recipe_difference,
    signal_to_noise,
    training_noise,
)
from assay.stats.discordant import (
    Discordance,
    bonett_price,
    fewest_flips,
    largest_discordance,
    mcnemar_exact,
    mcnemar_midp,
    mcnemar_midp_worse,
    mcnemar_score,
    mcnemar_z,
    newcombe,
    non_inferiority_p,
    probability_better,
    tango,
    tango_z,
)
from assay.stats.distributions import normal_quantile, normal_tail
from assay.stats.equivalence import equivalence, equivalence_binary
from assay.stats.estimate import Estimate, estimate, mean, ratio, two_sided_p
from assay.stats.families import adjust
from assay.stats.intervals import (
    agresti_coull,
    beta_interval,
    clopper_pearson,
    design_effect,
    normal_interval,
    proportion,
    score_interval,
    wilson,
)
from assay.stats.judged import cuped, judge_errors, power_weight, prediction_powered
from assay.stats.paired import paired, sign_flip
from assay.stats.passing import pass_at_k, pass_at_k_variance, pass_hat_k, same_questions_error
from assay.stats.power import mde, mde_clustered, mde_paired, mde_unpaired, required_n
from assay.stats.power_binary import (
    flips_effect,
    flips_power,
    flips_required,
    proportion_effect,
    proportions_effect,
    proportions_power,
    proportions_required,
    resolution_floor,
)
from assay.stats.samples import doubling_gain, pooled_mean, predicted_error, sampled_score, variance_parts
from assay.stats.sequential import alpha_spent, confidence_sequence, e_lond, e_path, e_value, tuning
from assay.stats.suites import Branch, TaskScores, macro, micro, nested_weights

Given = dict[str, Any]
Found = dict[str, Any]


def ends(found: Any) -> list[float] | None:
    return None if found.low is None else [found.low, found.high]


def named(given: Given, *names: str) -> Any:
    """The first input of these names; raises KeyError where there is none."""
    for name in names:
        if name in given:
            return given[name]
    raise KeyError(f"none of {names} among {sorted(given)}")


def shown(found: Estimate, prefix: str) -> Found:
    """An estimate under the names that cases give it."""
    told = {"": found.value, "se": found.se, "df": found.df, "t_ci95": ends(found), "ci95": ends(found)}
    return {f"{prefix}_{key}".strip("_"): value for key, value in told.items()}


def counted(given: Given) -> Found:
    k, n = named(given, "correct", "k", "successes"), given["n"]
    by_t = estimate(proportion(k, n=n))
    zero = score_interval(np.repeat([1.0, 0.0], [k, n - k]))
    return {
        "mean": by_t.value,
        "p": by_t.value,
        "se": by_t.se,
        "se_plugin_ddof0": math.sqrt(k / n * (1 - k / n) / n),
        "t_ci95": ends(by_t),
        "z_ci95": ends(normal_interval(proportion(k, n=n))),
        "wilson": ends(wilson(k, n=n)),
        "clopper_pearson": ends(clopper_pearson(k, n=n)),
        "jeffreys": ends(beta_interval(k, n=n, prior="jeffreys")),
        "beta_uniform_equal_tailed": ends(beta_interval(k, n=n)),
        "beta_uniform_hpd": ends(beta_interval(k, n=n, at_ends="hpd")) if k in (0, n) else None,
        "agresti_coull": ends(agresti_coull(k, n=n)),
        "se_is_informative": zero.informative,
        "reason": by_t.undefined,
    }


def clustered(given: Given, *, missing: Any = "error") -> Found:
    scores, cluster = named(given, "scores", "d", "values"), named(given, "cluster", "clusters")
    found = mean(scores)
    by_cr1 = estimate(found, cluster=cluster, correction="CR1", missing=missing)
    by_cr2 = estimate(found, cluster=cluster, correction="CR2", missing=missing)
    chosen = estimate(found, cluster=cluster, missing=missing)
    resampled = paired_bootstrap(
        np.zeros(len(scores)),
        scores,
        cluster=cluster,
        missing=missing,
        resamples=given.get("resamples", 9999),
    )
    flipped = sign_flip(scores, cluster=cluster, missing=missing)
    alone = by_cr1.undefined is not None
    return {
        "mean": by_cr1.value,
        "delta": by_cr1.value,
        "n": by_cr1.n,
        "n_clusters": by_cr1.n_clusters,
        "se": Either(by_cr1.se, chosen.se, resampled.se),
        "se_CR1": by_cr1.se,
        "se_CR2": by_cr2.se,
        "se_CR0": estimate(found, cluster=cluster, correction="CR0", missing=missing).se,
        "se_CR0_miller": estimate(found, cluster=cluster, correction="CR0", missing=missing).se,
        "df": by_cr1.df,
        "t_ci95": Either(ends(by_cr1), ends(chosen)),
        "t_ci95_CR2": ends(by_cr2),
        "correction": chosen.method.removeprefix("t, "),
        "se_naive": estimate(found).se,
        "design_effect": design_effect(scores, cluster=cluster, missing=missing),
        "cluster_t_p": two_sided_p(by_cr1),
        "sign_flip_p": None if alone else flipped.p,
        "n_patterns": flipped.patterns,
        "bootstrap_se": resampled.se,
        "se_bootstrap": resampled.se,
        "percentile_ci95": ends(resampled),
        "bootstrap_ci95": ends(resampled),
        "reason": by_cr1.undefined,
    }


def sampled(given: Given) -> Found:
    samples = named(given, "scores_by_question", "samples", "scores")
    found, parts = sampled_score(samples), variance_parts(samples)
    several = len(samples) > 1
    pooled = estimate(pooled_mean(samples)) if several else None
    flat = np.concatenate([np.asarray(one, dtype=np.float64) for one in samples])
    owner = np.repeat(np.arange(len(samples)), [len(one) for one in samples])
    rows = estimate(mean(flat))
    by_question = estimate(mean(flat), cluster=owner, correction="CR1")
    told: Found = {
        "mean": found.new_questions.value,
        "mean_of_question_means": found.new_questions.value,
        "se": found.new_questions.se,
        "t_ci95": ends(found.new_questions),
        "df": found.new_questions.df,
        "n": found.new_questions.n,
        "pooled_mean": pooled_mean(samples).value,
        "se_pooled_mean_clustered": pooled and pooled.se,
        "within_var": parts.within,
        "within_var_pooled": parts.within,
        "sigma2": parts.within,
        "between_var": parts.between,
        "omega2": parts.between,
        "se_fixed": found.same_questions.se,
        "se_fixed_questions": found.same_questions.se,
        "se_same_questions": found.same_questions.se,
        "doubling_gain": doubling_gain(parts),
        "reason": parts.undefined,
    }
    told |= dict.fromkeys(
        ("se_pooled_naive", "se_naive", "se_naive_pooled", "se_pooled", "se_pooled_wrong", "se_wrong_pooled"),
        rows.se,
    )
    told |= dict.fromkeys(
        ("se_clustered", "se_clustered_rows", "se_rows_clustered", "se_CR1", "se_cluster_by_question"),
        by_question.se,
    )
    for k in (1, 2, 4, 8, 16, 32, 64):
        told |= dict.fromkeys(
            (f"se_K{k}", f"se_at_K{k}", f"predicted_se_K{k}", f"se_if_K{k}"),
            predicted_error(parts, samples=k),
        )
    return told


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


def passing(given: Given) -> Found:
    k = given["k"]
    if "scores_by_question" in given:
        n = [len(one) for one in given["scores_by_question"]]
        correct = [sum(one) for one in given["scores_by_question"]]
    else:
        n, correct = given["n"], named(given, "c", "correct")
    values = pass_at_k(correct, n=n, k=k)
    every = pass_hat_k(correct, n=n, k=k)
    found, hat = estimate(mean(values)), estimate(mean(every))
    told = {
        "value": Either(found.value, hat.value),
        "se": Either(found.se, hat.se),
        "t_ci95": Either(ends(found), ends(hat)),
        "per_question": Either(values.tolist(), every.tolist()),
        "reason": found.undefined,
    }
    for name in ("pass_at_k", "unbiased"):
        told[name] = Either(found.value, values.tolist())
    for name in ("pass_hat_k", "pass_pow_k", "pass^k", "pass_power_k", "pass_caret_k"):
        told |= {name: Either(hat.value, every.tolist()), f"{name}_se": hat.se, f"se_{name}": hat.se}
    if np.min(n) >= 2 * k:
        spread = pass_at_k_variance(correct, n=n, k=k)
        fixed = same_questions_error(spread)
        told |= {"unbiased_var": spread.tolist(), "se_within": fixed, "se_same_questions": fixed}
    return told


def suite(given: Given) -> Found:
    scores = {name: np.asarray(one["values"]) for name, one in _tasks(given).items()}
    clusters = {name: one["cluster"] for name, one in _tasks(given).items()}
    weights = _weights(given, list(scores))
    tasks = {name: TaskScores(scores[name], weights[name], clusters[name]) for name in scores}
    alone = {name: TaskScores(scores[name], weights[name]) for name in scores}
    found, independent, pooled = macro(tasks), macro(alone), micro(tasks)
    told: Found = {
        **shown(found, "macro"),
        **shown(pooled, "micro"),
        "macro_delta": found.value,
        "micro_delta": pooled.value,
        "mean": found.value,
        "se": found.se,
        "se_CR1": found.se,
        "se_CR0": _uncorrected(tasks),
        "df": found.df,
        "df_welch": found.df,
        "df_satterthwaite": found.df,
        "t_ci95": ends(found),
        "n": found.n,
        "se_if_tasks_independent": independent.se,
        "se_tasks_independent": independent.se,
        "se_pooled": pooled.se,
        "weights": [one / sum(weights.values()) for one in weights.values()],
        "task_means": {name: float(values.mean()) for name, values in scores.items()},
        "task_se": {name: estimate(mean(values)).se for name, values in scores.items()},
        "reason": found.undefined,
    }
    return told


def _tasks(given: Given) -> dict[str, Found]:
    if "task" in given:
        values = named(given, "d", "scores", "values", "score")
        tasks: dict[str, Found] = {}
        for place, name in enumerate(given["task"]):
            one = tasks.setdefault(name, {"values": [], "cluster": [] if "cluster" in given else None})
            one["values"].append(values[place])
            if "cluster" in given:
                one["cluster"].append(given["cluster"][place])
        return tasks
    told = named(given, "tasks", "scores_by_task", "by_task", "scores", "d_by_task")
    if isinstance(told, Mapping):
        return {name: _one_task(one) for name, one in told.items()}
    return {str(place): _one_task(one) for place, one in enumerate(told)}


def _one_task(one: Any) -> Found:
    if not isinstance(one, Mapping):
        return {"values": one, "cluster": None}
    if "correct" in one and "n" in one:
        return {"values": np.repeat([1.0, 0.0], [one["correct"], one["n"] - one["correct"]]), "cluster": None}
    return {"values": named(one, "scores", "values", "d"), "cluster": one.get("cluster")}  # type: ignore[arg-type]


def _weights(given: Given, names: Sequence[str]) -> dict[str, float]:
    told = given.get("weights")
    if isinstance(told, Mapping) and any(isinstance(one, Mapping) for one in told.values()):
        return nested_weights(_branch(told))
    if "tree" in given:
        return nested_weights(_branch(given["tree"]))
    if isinstance(told, Mapping):
        return {name: told[name] for name in names}
    return dict(zip(names, told or [1.0] * len(names), strict=True))


def _branch(tree: Mapping[str, Any]) -> Branch:
    return Branch({name: _branch(one) if isinstance(one, Mapping) else one for name, one in tree.items()})


def _uncorrected(tasks: Mapping[str, TaskScores]) -> float | None:
    """The error over clusters of all tasks without the factor G/(G-1)."""
    found = macro(tasks)
    if found.se is None or found.method != "macro, clusters across tasks" or found.n_clusters is None:
        return None
    return found.se * math.sqrt((found.n_clusters - 1) / found.n_clusters)


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


def power(given: Given) -> Found:
    settings = {"alpha": given.get("alpha", 0.05), "power": given.get("power", 0.8)}
    if "icc" in given:
        return _clustered_power(given, settings)
    if "p1" in given or "p0" in given:
        return _proportions(given, settings)
    rows = given.get("rows")
    if rows is None:
        return effects(given, alpha=settings["alpha"], strength=settings["power"])
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


def _clustered_power(given: Given, settings: Mapping[str, float]) -> Found:
    size = named(given, "mean_cluster_size", "m", "cluster_size")
    effect = 1 + (size - 1) * given["icc"]
    told: Found = {"design_effect": effect, "deff": effect}
    if "n" in given:
        found = mde_clustered(given["n"], given["sd"], icc=given["icc"], mean_cluster_size=size, **settings)
        told |= {"mde": found, "n_eff": given["n"] / effect}
    if "delta" in given:
        by_z, by_t = (
            required_n(given["delta"], given["sd"], effect=effect, normal=normal, **settings)
            for normal in (True, False)
        )
        told |= {"n": Either(by_z, by_t), "n_z": by_z, "n_t": by_t, "required_n": Either(by_z, by_t)}
    return told


def _proportions(given: Given, settings: Mapping[str, float]) -> Found:
    if "p0" in given:
        found = proportion_effect(given["n"], p0=given["p0"], **settings)
        return {"mde": found, "mde_z": found}
    p1, p2 = given["p1"], given.get("p2")
    told: Found = {
        f"mde_from_p{str(p).replace('.', '')}_n{n}": proportions_effect(n, p1=p)
        for p in (0.5, p1)
        for n in (100, 200, 500, 1000, 2000, given.get("n", 50))
    }
    if p2 is None:
        return {**told, "mde": proportions_effect(given["n"], p1=p1, **settings)}
    told |= {f"power_n{n}": proportions_power(n, p1=p1, p2=p2) for n in (20, 50, 100, 200, 500, 1000)}
    told |= {
        f"n_for_power{round(100 * power)}": proportions_required(p1=p1, p2=p2, power=power)
        for power in (0.8, 0.9, 0.95)
    }
    if "n" in given:
        told["power"] = proportions_power(given["n"], p1=p1, p2=p2)
    return told


def effects(row: Given, *, alpha: float, strength: float) -> Found:
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
        found = flips_effect(row["n"], discordant=row["psi"], **settings)
        return {"mde": found, "mde_connor": found}
    sd = named(row, "sd", "sd_d")
    if "delta" in row:
        effect = row.get("deff", row.get("design_effect", 1.0))
        needed = {z: required_n(row["delta"], sd, effect=effect, normal=z, **settings) for z in (True, False)}
        return {"n": Either(needed[False], needed[True]), "n_z": needed[True], "n_t": needed[False]}
    n = row["n"]
    exact, rough = mde_paired(n, sd, exact=True, **settings), mde_paired(n, sd, **settings)
    by_z = mde(sd / math.sqrt(n), **settings) if n > 0 else None
    told = {"mde": Either(rough, exact), "mde_t": Either(exact, rough), "mde_z": by_z}
    told |= dict.fromkeys(
        ("mde_tt", "mde_t_plus_t", "mde_formula", "mde_t_formula", "mde80", "mde_central_t"), rough
    )
    told |= dict.fromkeys(("mde_nct", "mde_noncentral_t", "mde80_noncentral_t", "mde_exact"), exact)
    return told


def family(given: Given) -> Found:
    members = {str(i): p for i, p in enumerate(named(given, "p", "p_values"))}
    alpha = given.get("alpha", 0.05)
    found: Found = {}
    for method in ("holm", "bh", "by", "bonferroni"):
        adjusted = adjust(members, name="golden", method=method)  # type: ignore[arg-type]
        found[method] = [adjusted.adjusted[name] for name in members]
        found[f"reject_{method}"] = [name in adjusted.rejected(alpha) for name in members]
        found["size"] = found["family_size"] = found["m"] = adjusted.size
    return found


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


def sequential(given: Given) -> Found:
    alpha = given.get("alpha", 0.05)
    if "flips" in given:
        path = e_path([flip == "W" for flip in given["flips"]], alpha=alpha, a=given.get("a", 1.0))
        return {
            "e": path.e.tolist(),
            "running_max": path.running_max,
            "p_anytime": path.p_anytime,
            "first_crossing": path.first_crossing,
        }
    if "t_star" in given:
        widths = confidence_sequence(given["t"], sd=given["sd"], alpha=alpha, t_star=given["t_star"])
        times = np.asarray(given["t"], dtype=np.float64)
        fixed = normal_quantile(1 - alpha / 2) * given["sd"] / np.sqrt(times)
        return {
            "rho": tuning(alpha=alpha, t_star=given["t_star"]),
            "half_width": widths.tolist(),
            "fixed_n_half_width": fixed.tolist(),
        }
    if "rows" in given:
        return {"rows": [even(row["win"], row["loss"]) for row in given["rows"]]}
    if "win" in given:
        return even(given["win"], given["loss"])
    if "e" in given or "e_values" in given:
        found = e_lond(named(given, "e", "e_values"), alpha=alpha)
        return {"reject": found, "rejected": found, "discoveries": Either(found, sum(found))}
    return spending(given, alpha)


def spending(given: Given, alpha: float) -> Found:
    told: Found = {}
    p = next((given[name] for name in ("p", "p_values") if name in given), None)
    looks = next(
        (given[name] for name in ("t", "looks", "n_looks", "checkpoints", "steps", "T") if name in given),
        None,
    )
    if looks is None and p is None:
        raise KeyError(f"no looks among {sorted(given)}")
    if looks is None:
        looks = len(p)  # type: ignore[arg-type]
    times = list(range(1, looks + 1)) if isinstance(looks, int) else looks
    spent = [alpha_spent(t, alpha=alpha) for t in times]
    for name in ("alpha_t", "spent", "alphas", "levels", "alpha_spent", "alpha"):
        told[name] = spent
    told |= dict.fromkeys(("cumulative", "cumulative_alpha", "cumulative_spent"), np.cumsum(spent).tolist())
    told |= dict.fromkeys(("total", "sum", "total_spent", "sum_spent"), sum(spent))
    if p is not None:
        below = [one is not None and one <= level for one, level in zip(p, spent, strict=True)]
        told |= dict.fromkeys(("reject", "rejected", "alarm", "alarms"), below)
        told |= dict.fromkeys(
            ("first_alarm", "first_rejection", "first_crossing"), Either(*_first(below, times))
        )
    return told


def _first(below: Sequence[bool], times: Sequence[int]) -> tuple[int | None, int | None]:
    place = next((i for i, one in enumerate(below) if one), None)
    return (None, None) if place is None else (times[place], place)


def even(wins: int, losses: int) -> Found:
    e = e_value(wins, losses)
    return {
        "e_uniform": e,
        "e_half": e_value(wins, losses, a=0.5),
        "p_anytime_if_final_is_max": min(1.0, 1 / e),
        "mcnemar_exact_p": mcnemar_exact(wins, losses),
    }


def checkpoints(given: Given) -> Found:
    if "paired_se" in given:
        names = ("paired_se", "checkpoint_sd_a", "checkpoint_sd_b")
        found = recipe_difference(given["delta"], **{name: given[name] for name in names})
        alone = 2 * normal_tail(abs(given["delta"]) / given["paired_se"]) if given["paired_se"] else None
        return {"se_total": found.se, "z": found.z, "p": found.p, "p_question_noise_only": alone}
    lists = {name: value for name, value in given.items() if isinstance(value, list) and value is not None}
    models = next((v for k, v in lists.items() if "model" in k or "final" in k), None)
    last = next((v for k, v in lists.items() if "checkpoint" in k or "last" in k or "noise" in k), None)
    if models is not None and last is not None:
        return _ratio_of_noise(models, last)
    if len(lists) != 1:
        raise KeyError(f"neither models nor checkpoints among {sorted(given)}")
    scores = next(iter(lists.values()))
    tau, step, noise = monotonicity(scores), mean_step(scores), training_noise(scores, last=len(scores))
    return {
        **dict.fromkeys(("kendall_tau", "tau", "monotonicity", "kendalltau"), tau),
        **dict.fromkeys(("mean_step", "mean_abs_step", "mean_abs_step_change", "mean_abs_change"), step),
        **dict.fromkeys(("sd", "noise", "checkpoint_sd"), noise),
    }


def _ratio_of_noise(models: Sequence[float], last: Sequence[float]) -> Found:
    found = signal_to_noise(models, checkpoints=last)
    plain = Either(found.ratio, found.ratio_ddof0)
    return {
        "signal": found.signal,
        "noise": Either(found.noise, found.noise_ddof0),
        "noise_ddof1": found.noise,
        "noise_ddof0": found.noise_ddof0,
        "snr": plain,
        "ratio": plain,
        "snr_ddof1": found.ratio,
        "snr_ddof0": found.ratio_ddof0,
        "reason": found.undefined,
    }


def judged(given: Given) -> Found:
    if "new_checkpoint_on_subset" in given:
        y, x = given["new_checkpoint_on_subset"], given["old_checkpoint_on_subset"]
        found = cuped(y, before=x, before_mean=given["old_checkpoint_mean_all"])
        theta = ratio(
            (np.array(x) - np.mean(x)) * np.array(y), denominator=(np.array(x) - np.mean(x)) ** 2
        ).value
        return {
            "theta": theta,
            "estimate": found.value,
            "se": found.se,
            "se_residual": found.se,
            "naive": float(np.mean(y)),
            "naive_se": estimate(mean(y)).se,
        }
    lists = {name: value for name, value in given.items() if isinstance(value, list)}
    y, f, others = _labels(lists)
    told = _powered(y, f, others, given.get("lam", given.get("lambda"))) if others is not None else {}
    table = judge_errors(y, judged=f) if set(y) | set(f) <= {0, 1} else None
    if table is not None:
        told |= {
            "both_right": table.both_right,
            "judge_only": table.judge_only,
            "label_only": table.label_only,
            "both_wrong": table.both_wrong,
            "accuracy": table.accuracy,
            "sensitivity": table.sensitivity,
            "specificity": table.specificity,
        }
    return told


def _labels(lists: Mapping[str, list[float]]) -> tuple[list[float], list[float], list[float] | None]:
    """Tell labels, the judge's scores of the labelled, and of the others, by name and by length."""
    others = [n for n in lists if any(word in n for word in ("unlab", "other", "rest", "all", "_N", "big"))]
    rest = [name for name in lists if name not in others]
    if len(rest) == 3 and not others:
        longest = max(rest, key=lambda name: len(lists[name]))
        others, rest = [longest], [name for name in rest if name != longest]
    machine = [
        n for n in rest if any(word in n.lower() for word in ("judge", "pred", "hat", "cheap")) or n[0] == "f"
    ]
    human = [name for name in rest if name not in machine]
    if len(machine) != 1 or len(human) != 1 or len(others) > 1:
        raise KeyError(f"which are labels among {sorted(lists)}")
    return lists[human[0]], lists[machine[0]], lists[others[0]] if others else None


def _powered(y: list[float], f: list[float], others: list[float], weight: float | None) -> Found:
    """PPI, its variances divided by n - 1 as ours or by n as ppi_py's."""
    told: Found = {"lam": power_weight(np.array(y), np.array(f), np.array(others))}
    told |= {"lambda": told["lam"], "lam_star": told["lam"], "lambda_star": told["lam"]}
    kinds = {
        "": weight,
        "ppi_plus": None,
        "ppi++": None,
        "power": None,
        "ppi": 1.0,
        "classic": 1.0,
        "lam1": 1.0,
    }
    kinds |= {"labels": 0.0, "naive": 0.0, "labels_only": 0.0, "lam0": 0.0, "classical": 0.0}
    for name, lam in kinds.items():
        ours, theirs = (
            prediction_powered(y, judged=f, judged_others=others, weight=lam, ddof=ddof) for ddof in (1, 0)
        )
        values: Found = {"estimate": ours.value, "value": ours.value, "mean": ours.value}
        values |= {"se": Either(ours.se, theirs.se)}
        values |= dict.fromkeys(("ci95", "z_ci95", "ci"), Either(ends(ours), ends(theirs)))
        told |= {key if not name else f"{name}_{key}": value for key, value in values.items()}
        if name:
            told[name] = Either(values["estimate"], values)
    return told


def aligned(given: Given) -> Found:
    a, b = given["a"], given["b"]
    if (
        isinstance(a, list)
        and "ids" not in given
        and "a_ids" not in given
        and _plain(a)
        and _plain(b)
        and a
        and b
    ):
        return dropped(given)
    first, second = (asked(given, side) for side in "ab")
    both = first.keys() & second.keys()
    found = align(first, second, allow_partial=bool(both) and first.keys() != second.keys())
    values = [[one.known[0] for one in side] for side in (found.a, found.b)]
    compared = paired(*values, cluster=found.clusters)
    by_t = estimate(mean(compared.values), cluster=found.clusters)
    return {
        **shown(by_t, ""),
        "n": len(found.ids),
        "n_pairs": len(found.ids),
        "n_common": len(found.ids),
        "only_a": list(found.only_a),
        "only_b": list(found.only_b),
        "n_dropped_a": found.missing_a,
        "n_dropped_b": found.missing_b,
        "delta": compared.estimate.value,
        "win": compared.counts.wins,
        "loss": compared.counts.losses,
        "tie": compared.counts.ties,
        "exact_p": mcnemar_exact(compared.counts.wins, compared.counts.losses),
        "mid_p": mcnemar_midp(compared.counts.wins, compared.counts.losses),
        "t_p": two_sided_p(by_t),
        "coverage": found.coverage,
        "worst_case_delta": list(worst_case(first, second)),
    }


def _plain(side: Sequence[Any]) -> bool:
    return not any(isinstance(one, (list, dict)) for one in side)


def asked(given: Given, side: str) -> dict[str, Asked]:
    """The questions of one side, through the same check for duplicates as stored runs."""
    told = given[side]
    ids = given.get(f"{side}_ids", given.get(f"ids_{side}", given.get("ids")))
    rows = [_row(one) for one in (told.items() if isinstance(told, dict) else told)] if ids is None else [
        _row((id_, value)) for id_, value in zip(ids, told, strict=True)
    ]  # fmt: skip
    clusters = given.get(f"{side}_cluster", given.get("cluster"))
    if isinstance(clusters, dict):
        rows = [{**row, "cluster": clusters.get(row["id"])} for row in rows]
    return questions(
        SimpleNamespace(
            question_id=[row["id"] for row in rows],
            sample_index=[row.get("sample", 0) for row in rows],
            value=[None if row["value"] is None else float(row["value"]) for row in rows],
            weight=[1.0 for _ in rows],
            digest=[row.get("digest", "") for row in rows],
            cluster=[row.get("cluster") for row in rows],
        ),
        run=side.upper(),
    )


def _row(one: Any) -> dict[str, Any]:
    if isinstance(one, Mapping):
        digest = next(
            (str(one[k]) for k in ("digest", "hash", "text", "question", "content") if k in one), ""
        )
        value = named(dict(one), "value", "score", "correct")
        return {
            "id": str(named(dict(one), "id", "question_id")),
            "value": value,
            "digest": digest,
            "cluster": one.get("cluster"),
            "sample": one.get("sample", one.get("sample_index", 0)),
        }
    if len(one) == 2:
        id_, value = one
        if isinstance(value, (list, tuple)):
            return {"id": str(id_), "digest": str(value[0]), "value": value[-1]}
        if isinstance(value, Mapping):
            return _row({"id": id_, **value})
        return {"id": str(id_), "value": value}
    if len(one) == 3:
        return {"id": str(one[0]), "digest": str(one[1]), "value": one[2]}
    if len(one) == 4:
        return {"id": str(one[0]), "digest": str(one[1]), "value": one[2], "cluster": one[3]}
    raise KeyError(f"a question of {len(one)} parts")


def dropped(given: Given) -> Found:
    sides = [
        {
            str(i): Asked((None if value is None else float(value),), digest="")
            for i, value in enumerate(given[side])
        }
        for side in "ab"
    ]
    found = align(*sides)
    values = [[one.known[0] for one in side] for side in (found.a, found.b)]
    by_t = estimate(mean(np.subtract(values[1], values[0])))
    return {
        **shown(by_t, ""),
        "n_pairs": len(found.ids),
        "n_common": len(found.ids),
        "n_dropped_a": found.missing_a,
        "n_dropped_b": found.missing_b,
        "delta": by_t.value,
        "t_p": two_sided_p(by_t),
        "coverage": found.coverage,
        "worst_case_delta": list(worst_case(*sides)),
        "reason": by_t.undefined,
    }


class Either:
    """Values of which a case may mean any, because its name leaves it open."""

    def __init__(self, *values: Any) -> None:
        self.values = values


GROUPS: dict[str, Callable[[Given], Found]] = {
    "one_sample": degenerate,
    "degenerate": degenerate,
    "clustered": clustered,
    "multisample": sampled,
    "pass_at_k": passing,
    "suite": suite,
    "paired": differences,
    "paired_binary": flips,
    "power": power,
    "multiplicity": family,
    "equivalence": equivalent,
    "sequential": sequential,
    "checkpoints": checkpoints,
    "ppi": judged,
    "alignment": aligned,
}
