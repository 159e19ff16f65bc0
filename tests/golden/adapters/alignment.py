"""Cases of pairing questions before any statistic."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from assay.align import QuestionScores, align, by_question, worst_case
from assay.stats import (
    estimate,
    mcnemar_exact,
    mcnemar_midp,
    mean,
    paired,
    two_sided_p,
)
from tests.golden.adapters.shapes import Inputs, Results, named, shown


def aligned(inputs: Inputs) -> Results:
    a, b = inputs["a"], inputs["b"]
    if (
        isinstance(a, list)
        and "ids" not in inputs
        and "a_ids" not in inputs
        and _plain(a)
        and _plain(b)
        and a
        and b
    ):
        return dropped(inputs)
    first, second = (side_of(inputs, side) for side in "ab")
    both = first.keys() & second.keys()
    result = align(first, second, allow_partial=bool(both) and first.keys() != second.keys())
    values = [[entry.scored[0] for entry in side] for side in (result.a, result.b)]
    compared = paired(*values, cluster=result.clusters)
    by_t = estimate(mean(compared.values), cluster=result.clusters)
    return {
        **shown(by_t, ""),
        "n": len(result.ids),
        "n_pairs": len(result.ids),
        "n_common": len(result.ids),
        "only_a": list(result.only_a),
        "only_b": list(result.only_b),
        "n_dropped_a": result.missing_a,
        "n_dropped_b": result.missing_b,
        "delta": compared.estimate.value,
        "win": compared.counts.wins,
        "loss": compared.counts.losses,
        "tie": compared.counts.ties,
        "exact_p": mcnemar_exact(compared.counts.wins, compared.counts.losses),
        "mid_p": mcnemar_midp(compared.counts.wins, compared.counts.losses),
        "t_p": two_sided_p(by_t),
        "coverage": result.coverage,
        "worst_case_delta": list(worst_case(first, second)),
    }


def _plain(side: Sequence[Any]) -> bool:
    return not any(isinstance(entry, (list, dict)) for entry in side)


def side_of(inputs: Inputs, side: str) -> dict[str, QuestionScores]:
    """The questions of one side, through the same check for duplicates as stored runs."""
    outputs = inputs[side]
    ids = inputs.get(f"{side}_ids", inputs.get(f"ids_{side}", inputs.get("ids")))
    if ids is not None:
        rows = [_row((id_, value)) for id_, value in zip(ids, outputs, strict=True)]
    else:
        rows = [_row(entry) for entry in (outputs.items() if isinstance(outputs, dict) else outputs)]
    clusters = inputs.get(f"{side}_cluster", inputs.get("cluster"))
    if isinstance(clusters, dict):
        rows = [{**row, "cluster": clusters.get(row["id"])} for row in rows]
    return by_question(
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


def _row(entry: Any) -> dict[str, Any]:
    if isinstance(entry, Mapping):
        digest = next(
            (str(entry[k]) for k in ("digest", "hash", "text", "question", "content") if k in entry), ""
        )
        value = named(dict(entry), "value", "score", "correct")
        return {
            "id": str(named(dict(entry), "id", "question_id")),
            "value": value,
            "digest": digest,
            "cluster": entry.get("cluster"),
            "sample": entry.get("sample", entry.get("sample_index", 0)),
        }
    if len(entry) == 2:
        id_, value = entry
        if isinstance(value, (list, tuple)):
            return {"id": str(id_), "digest": str(value[0]), "value": value[-1]}
        if isinstance(value, Mapping):
            return _row({"id": id_, **value})
        return {"id": str(id_), "value": value}
    if len(entry) == 3:
        return {"id": str(entry[0]), "digest": str(entry[1]), "value": entry[2]}
    if len(entry) == 4:
        return {"id": str(entry[0]), "digest": str(entry[1]), "value": entry[2], "cluster": entry[3]}
    raise KeyError(f"a question of {len(entry)} parts")


def dropped(inputs: Inputs) -> Results:
    sides = [
        {
            str(i): QuestionScores((None if value is None else float(value),), digest="")
            for i, value in enumerate(inputs[side])
        }
        for side in "ab"
    ]
    result = align(*sides)
    values = [[entry.scored[0] for entry in side] for side in (result.a, result.b)]
    by_t = estimate(mean(np.subtract(values[1], values[0])))
    return {
        **shown(by_t, ""),
        "n_pairs": len(result.ids),
        "n_common": len(result.ids),
        "n_dropped_a": result.missing_a,
        "n_dropped_b": result.missing_b,
        "delta": by_t.value,
        "t_p": two_sided_p(by_t),
        "coverage": result.coverage,
        "worst_case_delta": list(worst_case(*sides)),
        "reason": by_t.undefined,
    }
