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
from tests.golden.adapters.shapes import Found, Given, named, shown


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
    values = [[one.scored[0] for one in side] for side in (found.a, found.b)]
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


def asked(given: Given, side: str) -> dict[str, QuestionScores]:
    """The questions of one side, through the same check for duplicates as stored runs."""
    told = given[side]
    ids = given.get(f"{side}_ids", given.get(f"ids_{side}", given.get("ids")))
    rows = [_row(one) for one in (told.items() if isinstance(told, dict) else told)] if ids is None else [
        _row((id_, value)) for id_, value in zip(ids, told, strict=True)
    ]  # fmt: skip
    clusters = given.get(f"{side}_cluster", given.get("cluster"))
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
            str(i): QuestionScores((None if value is None else float(value),), digest="")
            for i, value in enumerate(given[side])
        }
        for side in "ab"
    ]
    found = align(*sides)
    values = [[one.scored[0] for one in side] for side in (found.a, found.b)]
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
