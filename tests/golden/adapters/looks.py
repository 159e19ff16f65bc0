"""Cases of looking more than once, over checkpoints, and with a judge."""

from collections.abc import Mapping, Sequence

import numpy as np

from assay.stats import (
    alpha_spent,
    confidence_sequence,
    cuped,
    e_lond,
    e_path,
    e_value,
    estimate,
    judge_errors,
    mcnemar_exact,
    mean,
    mean_step,
    monotonicity,
    power_weight,
    prediction_powered,
    ratio,
    recipe_difference,
    signal_to_noise,
    training_noise,
    tuning,
)
from assay.stats.distributions import normal_quantile, normal_tail
from tests.golden.adapters.shapes import Either, Inputs, Results, ends, named


def sequential(inputs: Inputs) -> Results:
    alpha = inputs.get("alpha", 0.05)
    if "flips" in inputs:
        path = e_path([flip == "W" for flip in inputs["flips"]], alpha=alpha, a=inputs.get("a", 1.0))
        return {
            "e": path.e.tolist(),
            "running_max": path.running_max,
            "p_anytime": path.p_anytime,
            "first_crossing": path.first_crossing,
        }
    if "t_star" in inputs:
        widths = confidence_sequence(inputs["t"], sd=inputs["sd"], alpha=alpha, t_star=inputs["t_star"])
        times = np.asarray(inputs["t"], dtype=np.float64)
        fixed = normal_quantile(1 - alpha / 2) * inputs["sd"] / np.sqrt(times)
        return {
            "rho": tuning(alpha=alpha, t_star=inputs["t_star"]),
            "half_width": widths.tolist(),
            "fixed_n_half_width": fixed.tolist(),
        }
    if "rows" in inputs:
        return {"rows": [even(row["win"], row["loss"]) for row in inputs["rows"]]}
    if "win" in inputs:
        return even(inputs["win"], inputs["loss"])
    if "e" in inputs or "e_values" in inputs:
        result = e_lond(named(inputs, "e", "e_values"), alpha=alpha)
        return {"reject": result, "rejected": result, "discoveries": Either(result, sum(result))}
    return spending(inputs, alpha)


def spending(inputs: Inputs, alpha: float) -> Results:
    outputs: Results = {}
    p = next((inputs[name] for name in ("p", "p_values") if name in inputs), None)
    looks = next(
        (inputs[name] for name in ("t", "looks", "n_looks", "checkpoints", "steps", "T") if name in inputs),
        None,
    )
    if looks is None and p is None:
        raise KeyError(f"no looks among {sorted(inputs)}")
    if looks is None:
        looks = len(p)  # type: ignore[arg-type]
    times = list(range(1, looks + 1)) if isinstance(looks, int) else looks
    spent = [alpha_spent(t, alpha=alpha) for t in times]
    for name in ("alpha_t", "spent", "alphas", "levels", "alpha_spent", "alpha"):
        outputs[name] = spent
    outputs |= dict.fromkeys(
        ("cumulative", "cumulative_alpha", "cumulative_spent"), np.cumsum(spent).tolist()
    )
    outputs |= dict.fromkeys(("total", "sum", "total_spent", "sum_spent"), sum(spent))
    if p is not None:
        below = [entry is not None and entry <= level for entry, level in zip(p, spent, strict=True)]
        outputs |= dict.fromkeys(("reject", "rejected", "alarm", "alarms"), below)
        outputs |= dict.fromkeys(
            ("first_alarm", "first_rejection", "first_crossing"), Either(*_first(below, times))
        )
    return outputs


def _first(below: Sequence[bool], times: Sequence[int]) -> tuple[int | None, int | None]:
    position = next((i for i, entry in enumerate(below) if entry), None)
    return (None, None) if position is None else (times[position], position)


def even(wins: int, losses: int) -> Results:
    e = e_value(wins, losses)
    return {
        "e_uniform": e,
        "e_half": e_value(wins, losses, a=0.5),
        "p_anytime_if_final_is_max": min(1.0, 1 / e),
        "mcnemar_exact_p": mcnemar_exact(wins, losses),
    }


def checkpoints(inputs: Inputs) -> Results:
    if "paired_se" in inputs:
        names = ("paired_se", "checkpoint_sd_a", "checkpoint_sd_b")
        result = recipe_difference(inputs["delta"], **{name: inputs[name] for name in names})
        alone = 2 * normal_tail(abs(inputs["delta"]) / inputs["paired_se"]) if inputs["paired_se"] else None
        return {"se_total": result.se, "z": result.z, "p": result.p, "p_question_noise_only": alone}
    lists = {name: value for name, value in inputs.items() if isinstance(value, list) and value is not None}
    models = next((v for k, v in lists.items() if "model" in k or "final" in k), None)
    last = next((v for k, v in lists.items() if "checkpoint" in k or "last" in k or "noise" in k), None)
    if models is not None and last is not None:
        return _ratio_of_noise(models, last)
    if len(lists) != 1:
        raise KeyError(f"neither models nor checkpoints among {sorted(inputs)}")
    scores = next(iter(lists.values()))
    tau, step, noise = monotonicity(scores), mean_step(scores), training_noise(scores, last=len(scores))
    return {
        **dict.fromkeys(("kendall_tau", "tau", "monotonicity", "kendalltau"), tau),
        **dict.fromkeys(("mean_step", "mean_abs_step", "mean_abs_step_change", "mean_abs_change"), step),
        **dict.fromkeys(("sd", "noise", "checkpoint_sd"), noise),
    }


def _ratio_of_noise(models: Sequence[float], last: Sequence[float]) -> Results:
    result = signal_to_noise(models, checkpoints=last)
    plain = Either(result.ratio, result.ratio_ddof0)
    return {
        "signal": result.signal,
        "noise": Either(result.noise, result.noise_ddof0),
        "noise_ddof1": result.noise,
        "noise_ddof0": result.noise_ddof0,
        "snr": plain,
        "ratio": plain,
        "snr_ddof1": result.ratio,
        "snr_ddof0": result.ratio_ddof0,
        "reason": result.undefined,
    }


def judged(inputs: Inputs) -> Results:
    if "new_checkpoint_on_subset" in inputs:
        y, x = inputs["new_checkpoint_on_subset"], inputs["old_checkpoint_on_subset"]
        result = cuped(y, before=x, before_mean=inputs["old_checkpoint_mean_all"])
        theta = ratio(
            (np.array(x) - np.mean(x)) * np.array(y), denominator=(np.array(x) - np.mean(x)) ** 2
        ).value
        return {
            "theta": theta,
            "estimate": result.value,
            "se": result.se,
            "se_residual": result.se,
            "naive": float(np.mean(y)),
            "naive_se": estimate(mean(y)).se,
        }
    lists = {name: value for name, value in inputs.items() if isinstance(value, list)}
    y, f, others = _labels(lists)
    outputs = _powered(y, f, others, inputs.get("lam", inputs.get("lambda"))) if others is not None else {}
    table = judge_errors(y, judged=f) if set(y) | set(f) <= {0, 1} else None
    if table is not None:
        outputs |= {
            "both_right": table.both_right,
            "judge_only": table.judge_only,
            "label_only": table.label_only,
            "both_wrong": table.both_wrong,
            "accuracy": table.accuracy,
            "sensitivity": table.sensitivity,
            "specificity": table.specificity,
        }
    return outputs


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


def _powered(y: list[float], f: list[float], others: list[float], weight: float | None) -> Results:
    """PPI, its variances divided by n - 1 as ours or by n as ppi_py's."""
    outputs: Results = {"lam": power_weight(np.array(y), np.array(f), np.array(others))}
    outputs |= {"lambda": outputs["lam"], "lam_star": outputs["lam"], "lambda_star": outputs["lam"]}
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
        by_n_1, by_n = (
            prediction_powered(y, judged=f, judged_others=others, weight=lam, ddof=ddof) for ddof in (1, 0)
        )
        values: Results = {"estimate": by_n_1.value, "value": by_n_1.value, "mean": by_n_1.value}
        values |= {"se": Either(by_n_1.se, by_n.se)}
        values |= dict.fromkeys(("ci95", "z_ci95", "ci"), Either(ends(by_n_1), ends(by_n)))
        outputs |= {key if not name else f"{name}_{key}": value for key, value in values.items()}
        if name:
            outputs[name] = Either(values["estimate"], values)
    return outputs
