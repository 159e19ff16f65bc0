"""Which questions belong together: passages, templates, variants of one question."""

import math
from collections.abc import Hashable, Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assay.errors import MissingCluster, StatisticsError
from assay.stats.domain import choice
from assay.stats.scores import Array, question_names

Codes: TypeAlias = NDArray[np.intp]
Clusters: TypeAlias = Sequence[Hashable] | NDArray[np.generic]
"""One cluster id per question; None, or NaN, means that the question names none."""
MissingClusterPolicy: TypeAlias = Literal["error", "singleton"]


def cluster_codes(
    cluster: Clusters | None,
    *,
    size: int,
    missing: MissingClusterPolicy = "error",
    ids: Sequence[str] = (),
) -> Codes | None:
    """Number the clusters of `size` questions from zero; None where no question names one.

    Questions without a cluster beside others that have one raise MissingCluster, or each become a cluster
    of their own (`singleton`); they are never put together into one.
    """
    choice(missing, name="missing", among=("error", "singleton"))
    if cluster is None:
        return None
    numbered = isinstance(cluster, np.ndarray) and cluster.ndim == 1 and cluster.dtype.kind in "iu"
    names = cluster if numbered else hashable(cluster)
    if len(names) != size:
        raise StatisticsError(
            f"There are {size} values and {len(names)} cluster ids.", remedy="Give one id per question."
        )
    if isinstance(names, np.ndarray):
        return np.unique(names, return_inverse=True)[1]
    absent = [i for i, name in enumerate(names) if name is None]
    if len(absent) == size:
        return None
    if absent and missing == "error":
        raise MissingCluster(
            f"{len(absent)} of {size} questions name no cluster",
            ids=question_names(absent, ids=ids),
            remedy="Give every question a cluster, or treat those as clusters of one.",
        )
    codes: dict[Hashable, int] = {}
    numbers = np.fromiter((codes.setdefault(name, len(codes)) for name in names), dtype=np.intp, count=size)
    numbers[absent] = len(codes) + np.arange(len(absent))
    return np.unique(numbers, return_inverse=True)[1] if absent else numbers


def cluster_sums(values: Array, *, codes: Codes | None) -> Array:
    """Add the values up within each cluster; without clusters each value is its own sum."""
    if codes is None:
        return values
    return np.bincount(codes, weights=values).astype(np.float64, copy=False)


def effective_clusters(leverage: Array) -> float:
    """Return how many clusters of one size say as much: 1/sum h_g^2, h_g the share of cluster g (Kish)."""
    return 1.0 / float(leverage @ leverage)


def hashable(cluster: Clusters) -> list[Hashable]:
    """Return cluster ids as a list in which NaN is None; raises StatisticsError where they are no ids."""
    try:
        names = cluster.tolist() if isinstance(cluster, np.ndarray) else list(cluster)
        set(names)
    except TypeError as error:
        raise StatisticsError(
            "The clusters are not a list of texts or numbers.", remedy="Give one cluster id per question."
        ) from error
    return [None if isinstance(name, float) and math.isnan(name) else name for name in names]
