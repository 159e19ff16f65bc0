"""Cases of several tasks: macro and micro means, nested weights, corrections for many tests."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.stats import (
    Branch,
    TaskValues,
    adjust,
    estimate,
    macro,
    mean,
    micro,
    nested_weights,
)
from tests.golden.adapters.shapes import Found, Given, ends, named, shown


def suite(given: Given) -> Found:
    scores = {name: np.asarray(one["values"]) for name, one in _tasks(given).items()}
    clusters = {name: one["cluster"] for name, one in _tasks(given).items()}
    weights = _weights(given, list(scores))
    tasks = {name: TaskValues(scores[name], weights[name], clusters[name]) for name in scores}
    alone = {name: TaskValues(scores[name], weights[name]) for name in scores}
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


def _uncorrected(tasks: Mapping[str, TaskValues]) -> float | None:
    """The error over clusters of all tasks without the factor G/(G-1)."""
    found = macro(tasks)
    if found.se is None or found.method != "macro, clusters across tasks" or found.n_clusters is None:
        return None
    return found.se * math.sqrt((found.n_clusters - 1) / found.n_clusters)


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
