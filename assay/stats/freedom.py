"""Degrees of freedom of a clustered standard error.

G - 1 is right for clusters of one size. With unequal ones a few large clusters carry the variance, and a t
interval with G - 1 degrees of freedom is too narrow.
"""

import numpy as np

from assay.stats.clusters import Codes, cluster_sums
from assay.stats.domain import LARGEST
from assay.stats.scores import Array


def satterthwaite(influence: Array, *, codes: Codes, leverage: Array) -> float:
    """Return the degrees of freedom of a CR2 variance, tr(M)^2/tr(M^2) (Bell and McCaffrey 2002).

    M is the covariance of the scaled cluster sums S_g/sqrt(1 - h_g) where the values of one cluster have the
    correlation that the data show (Imbens and Kolesar 2016). A cluster total has the variance w_g =
    (1 - rho) sum l_i^2 + rho h_g^2, l_i being the leverage of a question and h_g that of the cluster; after
    the mean is taken off, the covariance of two sums is [g = k] w_g - h_g w_k - h_k w_g + h_g h_k sum w.
    Between 1 and G - 1.
    """
    h = cluster_sums(leverage, codes=codes)
    rho = intraclass_correlation(residuals(influence, leverage=leverage), codes=codes)
    w = (1 - rho) * cluster_sums(leverage**2, codes=codes) + rho * h**2
    w = w / w.sum()
    scale = 1 / (1 - h)
    shared = h**2 - 2 * h * w  # of one cluster with itself, beside w_g
    trace = float(scale @ (w + shared))
    both_h, both_w, mixed = (float(scale @ product) for product in (h * h, w * w, h * w))
    squares = float(scale**2 @ (w * w + 2 * w * shared))
    squares += 2 * both_h * both_w + both_h**2 + 2 * mixed**2 - 4 * both_h * mixed
    return float(np.clip(trace**2 / squares, 1.0, len(h) - 1))


def residuals(influence: Array, *, leverage: Array) -> Array:
    """Return the residual of each question, its influence over its leverage; 0 where it has none."""
    return np.divide(influence, leverage, out=np.zeros_like(influence), where=leverage > 1 / LARGEST)


def intraclass_correlation(values: Array, *, codes: Codes) -> float:
    """Return the correlation of two values of one cluster by analysis of variance, from 0 to 1.

    (MSB - MSW)/(MSB + (n0 - 1) MSW) with n0 = (N - sum n_g^2/N)/(G - 1) (Donner 1986); 1 where it cannot be
    estimated because every cluster holds one value or nothing varies.
    """
    sizes = np.bincount(codes).astype(np.float64)
    n, groups = len(values), len(sizes)
    if n == groups or groups < 2:
        return 1.0
    centred = values - values.mean()
    means = cluster_sums(centred, codes=codes) / sizes
    between = float(sizes @ means**2)
    within = max(0.0, float(centred @ centred) - between)
    typical = (n - float(sizes @ sizes) / n) / (groups - 1)
    msb, msw = between / (groups - 1), within / (n - groups)
    total = msb + (typical - 1) * msw
    return float(np.clip((msb - msw) / total, 0.0, 1.0)) if total > 0 else 1.0
