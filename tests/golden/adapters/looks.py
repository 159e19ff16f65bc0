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
from tests.golden.adapters.shapes import Either, Found, Given, ends, named


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
