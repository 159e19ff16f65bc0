"""Which questions belong together: passages, templates, variants of one question."""

import math
from collections.abc import Hashable, Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assay.errors import MissingCluster, StatisticsError
from assay.stats.scores import Array, question_names

Codes: TypeAlias = NDArray[np.intp]
Clusters: TypeAlias = Sequence[Hashable] | NDArray[np.generic]
"""One cluster id per question; None, or NaN, means that the question names none."""
MissingClusterPolicy: TypeAlias = Literal["error", "singleton"]


def cluster_codes(
    cluster: Clusters, *, missing: MissingClusterPolicy = "error", ids: Sequence[str] = ()
) -> Codes | None:
    """Number the clusters from zero; None where no question names one.

    Questions without a cluster beside others that have one raise MissingCluster, or each become a cluster
    of their own (`singleton`); they are never put together into one.
    """
    named = cluster.tolist() if isinstance(cluster, np.ndarray) else cluster
    absent = [
        i for i, name in enumerate(named) if name is None or (isinstance(name, float) and math.isnan(name))
    ]
    if len(absent) == len(named):
        return None
    if absent and missing == "error":
        raise MissingCluster(
            f"{len(absent)} of {len(named)} questions name no cluster",
            ids=question_names(absent, ids=ids),
            remedy="Give every question a cluster, or treat those as clusters of one.",
        )
    codes: dict[Hashable, int] = {}
    numbers = np.fromiter(
        (codes.setdefault(name, len(codes)) for name in named), dtype=np.intp, count=len(named)
    )
    numbers[absent] = len(codes) + np.arange(len(absent))
    return np.unique(numbers, return_inverse=True)[1] if absent else numbers


def cluster_sums(values: Array, *, codes: Codes | None) -> Array:
    """Add the values up within each cluster; without clusters each value is its own sum."""
    if codes is None:
        return values
    if len(codes) != len(values):
        raise StatisticsError(
            f"There are {len(values)} values and {len(codes)} cluster ids.",
            remedy="Give one id per question.",
        )
    return np.bincount(codes, weights=values).astype(np.float64, copy=False)
