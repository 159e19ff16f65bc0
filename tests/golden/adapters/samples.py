"""Cases of one score: intervals, clusters, several samples, pass@k, and what is degenerate."""

import math
from typing import Any

import numpy as np

from assay.stats import (
    agresti_coull,
    beta_interval,
    clopper_pearson,
    design_effect,
    doubling_gain,
    estimate,
    mean,
    normal_interval,
    paired_bootstrap,
    pass_at_k,
    pass_at_k_variance,
    pass_hat_k,
    pooled_mean,
    predicted_error,
    proportion,
    question_means,
    same_questions_error,
    sampled_score,
    score_interval,
    sign_flip,
    two_sided_p,
    variance_parts,
    wilson,
)
from tests.golden.adapters.shapes import Either, Inputs, Results, ends, named


def counted(inputs: Inputs) -> Results:
    k, n = named(inputs, "correct", "k", "successes"), inputs["n"]
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


def clustered(inputs: Inputs, *, missing: Any = "error") -> Results:
    scores, cluster = named(inputs, "scores", "d", "values"), named(inputs, "cluster", "clusters")
    result = mean(scores)
    by_cr1 = estimate(result, cluster=cluster, correction="CR1", missing=missing)
    by_cr2 = estimate(result, cluster=cluster, correction="CR2", missing=missing)
    chosen = estimate(result, cluster=cluster, missing=missing)
    resampled = paired_bootstrap(
        np.zeros(len(scores)),
        scores,
        cluster=cluster,
        missing=missing,
        resamples=inputs.get("resamples", 9999),
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
        "se_CR0": estimate(result, cluster=cluster, correction="CR0", missing=missing).se,
        "se_CR0_miller": estimate(result, cluster=cluster, correction="CR0", missing=missing).se,
        "df": by_cr1.df,
        "t_ci95": Either(ends(by_cr1), ends(by_cr2), ends(chosen)),
        "t_ci95_CR2": ends(by_cr2),
        "correction": chosen.method.removeprefix("t, "),
        "se_naive": estimate(result).se,
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


def sampled(inputs: Inputs) -> Results:
    samples = named(inputs, "scores_by_question", "samples", "scores")
    result, parts = sampled_score(samples), variance_parts(samples)
    several = len(samples) > 1
    pooled = estimate(pooled_mean(samples)) if several else None
    flat = np.concatenate([np.asarray(entry, dtype=np.float64) for entry in samples])
    owner = np.repeat(np.arange(len(samples)), [len(entry) for entry in samples])
    rows = estimate(mean(flat))
    by_question = estimate(mean(flat), cluster=owner, correction="CR1")
    outputs: Results = {
        "mean": result.new_questions.value,
        "mean_of_question_means": result.new_questions.value,
        "se": result.new_questions.se,
        "t_ci95": ends(estimate(mean(question_means(samples)))),
        "df": result.new_questions.df,
        "n": result.new_questions.n,
        "pooled_mean": pooled_mean(samples).value,
        "se_pooled_mean_clustered": pooled and pooled.se,
        "within_var": parts.within,
        "within_var_pooled": parts.within,
        "sigma2": parts.within,
        "between_var": parts.between,
        "omega2": parts.between,
        "se_fixed": result.same_questions.se,
        "se_fixed_questions": result.same_questions.se,
        "se_same_questions": result.same_questions.se,
        "doubling_gain": doubling_gain(parts),
        "reason": parts.undefined,
    }
    outputs |= dict.fromkeys(
        ("se_pooled_naive", "se_naive", "se_naive_pooled", "se_pooled", "se_pooled_wrong", "se_wrong_pooled"),
        rows.se,
    )
    outputs |= dict.fromkeys(
        ("se_clustered", "se_clustered_rows", "se_rows_clustered", "se_CR1", "se_cluster_by_question"),
        by_question.se,
    )
    for k in (1, 2, 4, 8, 16, 32, 64):
        outputs |= dict.fromkeys(
            (f"se_K{k}", f"se_at_K{k}", f"predicted_se_K{k}", f"se_if_K{k}"),
            predicted_error(parts, samples=k),
        )
    return outputs


def passing(inputs: Inputs) -> Results:
    k = inputs["k"]
    if "scores_by_question" in inputs:
        n = [len(entry) for entry in inputs["scores_by_question"]]
        correct = [sum(entry) for entry in inputs["scores_by_question"]]
    else:
        n, correct = inputs["n"], named(inputs, "c", "correct")
    values = pass_at_k(correct, n=n, k=k)
    every = pass_hat_k(correct, n=n, k=k)
    result, hat = estimate(mean(values)), estimate(mean(every))
    outputs = {
        "value": Either(result.value, hat.value),
        "se": Either(result.se, hat.se),
        "t_ci95": Either(ends(result), ends(hat)),
        "per_question": Either(values.tolist(), every.tolist()),
        "reason": result.undefined,
    }
    for name in ("pass_at_k", "unbiased"):
        outputs[name] = Either(result.value, values.tolist())
    for name in ("pass_hat_k", "pass_pow_k", "pass^k", "pass_power_k", "pass_caret_k"):
        outputs |= {name: Either(hat.value, every.tolist()), f"{name}_se": hat.se, f"se_{name}": hat.se}
    if np.min(n) >= 2 * k:
        spread = pass_at_k_variance(correct, n=n, k=k)
        fixed = same_questions_error(spread)
        outputs |= {"unbiased_var": spread.tolist(), "se_within": fixed, "se_same_questions": fixed}
    return outputs
