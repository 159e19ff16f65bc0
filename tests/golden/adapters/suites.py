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
from tests.golden.adapters.shapes import Inputs, Results, ends, named, shown


def suite(inputs: Inputs) -> Results:
    scores = {name: np.asarray(entry["values"]) for name, entry in _tasks(inputs).items()}
    clusters = {name: entry["cluster"] for name, entry in _tasks(inputs).items()}
    weights = _weights(inputs, list(scores))
    tasks = {name: TaskValues(scores[name], weights[name], clusters[name]) for name in scores}
    alone = {name: TaskValues(scores[name], weights[name]) for name in scores}
    result, independent, pooled = macro(tasks), macro(alone), micro(tasks)
    outputs: Results = {
        **shown(result, "macro"),
        **shown(pooled, "micro"),
        "macro_delta": result.value,
        "micro_delta": pooled.value,
        "mean": result.value,
        "se": result.se,
        "se_CR1": result.se,
        "se_CR0": _uncorrected(tasks),
        "df": result.df,
        "df_welch": result.df,
        "df_satterthwaite": result.df,
        "t_ci95": ends(result),
        "n": result.n,
        "se_if_tasks_independent": independent.se,
        "se_tasks_independent": independent.se,
        "se_pooled": pooled.se,
        "weights": [entry / sum(weights.values()) for entry in weights.values()],
        "task_means": {name: float(values.mean()) for name, values in scores.items()},
        "task_se": {name: estimate(mean(values)).se for name, values in scores.items()},
        "reason": result.undefined,
    }
    return outputs


def _tasks(inputs: Inputs) -> dict[str, Results]:
    if "task" in inputs:
        values = named(inputs, "d", "scores", "values", "score")
        tasks: dict[str, Results] = {}
        for position, name in enumerate(inputs["task"]):
            entry = tasks.setdefault(name, {"values": [], "cluster": [] if "cluster" in inputs else None})
            entry["values"].append(values[position])
            if "cluster" in inputs:
                entry["cluster"].append(inputs["cluster"][position])
        return tasks
    outputs = named(inputs, "tasks", "scores_by_task", "by_task", "scores", "d_by_task")
    if isinstance(outputs, Mapping):
        return {name: _one_task(entry) for name, entry in outputs.items()}
    return {str(position): _one_task(entry) for position, entry in enumerate(outputs)}


def _one_task(entry: Any) -> Results:
    if not isinstance(entry, Mapping):
        return {"values": entry, "cluster": None}
    if "correct" in entry and "n" in entry:
        return {
            "values": np.repeat([1.0, 0.0], [entry["correct"], entry["n"] - entry["correct"]]),
            "cluster": None,
        }
    return {"values": named(entry, "scores", "values", "d"), "cluster": entry.get("cluster")}  # type: ignore[arg-type]


def _weights(inputs: Inputs, names: Sequence[str]) -> dict[str, float]:
    outputs = inputs.get("weights")
    if isinstance(outputs, Mapping) and any(isinstance(entry, Mapping) for entry in outputs.values()):
        return nested_weights(_branch(outputs))
    if "tree" in inputs:
        return nested_weights(_branch(inputs["tree"]))
    if isinstance(outputs, Mapping):
        return {name: outputs[name] for name in names}
    return dict(zip(names, outputs or [1.0] * len(names), strict=True))


def _branch(tree: Mapping[str, Any]) -> Branch:
    return Branch(
        {name: _branch(entry) if isinstance(entry, Mapping) else entry for name, entry in tree.items()}
    )


def _uncorrected(tasks: Mapping[str, TaskValues]) -> float | None:
    """The error over clusters of all tasks without the factor G/(G-1)."""
    result = macro(tasks)
    if result.se is None or result.method != "macro, clusters across tasks" or result.n_clusters is None:
        return None
    return result.se * math.sqrt((result.n_clusters - 1) / result.n_clusters)


def family(inputs: Inputs) -> Results:
    members = {str(i): p for i, p in enumerate(named(inputs, "p", "p_values"))}
    alpha = inputs.get("alpha", 0.05)
    result: Results = {}
    for method in ("holm", "bh", "by", "bonferroni"):
        adjusted = adjust(members, name="golden", method=method)  # type: ignore[arg-type]
        result[method] = [adjusted.adjusted[name] for name in members]
        result[f"reject_{method}"] = [name in adjusted.rejected(alpha) for name in members]
        result["size"] = result["family_size"] = result["m"] = adjusted.size
    return result
