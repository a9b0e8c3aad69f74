"""How unlike a random walk each stretch of a series is: where shapes are worth taking from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kwspot.discover.extract.sliding import window_products, window_variances

F64 = npt.NDArray[np.float64]

WALKS = 100  # more bring nothing
SHORTEST = 4


def structure_scores(columns: F64, width: int, *, rng: np.random.Generator) -> F64:
    r"""Score all windows of each column by their distance to the nearest of 100 random walks.

    Parameters
    ----------
    columns : ndarray, shape (D, n), float64
        One series per row, each with a mean near 0.
    width : int
        Length m of the windows in samples.
    rng : numpy.random.Generator
        Draws the walks.

    Returns
    -------
    ndarray, shape (D, n), float64
        Score 0 to 1 at the start of each window; 0 where no window begins, for constant columns
        and for windows of less than 4 samples.

    Notes
    -----
    A walk is a cumulative sum of normal numbers whose deviation is that of the column's first
    differences. Both walk :math:`b` and window :math:`a` have their means removed, so

    .. math:: \tfrac1m\sum(a-b)^2 = \operatorname{var}a + \operatorname{var}b - \tfrac2m\sum ab

    and the minimum over the walks is a maximum over plain products: O(100 D n m), O(100 D n log m)
    by Fourier transform for long windows.

    Source: Blalock and Guttag, "EXTRACT: Strong Examples from Weakly-Labeled Sensor Data", ICDM
    2016 (arXiv 1609.09196). The walks are drawn once per length and scaled to each column, where
    the paper draws new ones for each column.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> series = rng.normal(size=(1, 300)).cumsum(axis=1)
    >>> series[0, 100:120] += 30 * np.hanning(20)
    >>> bool(85 <= structure_scores(series, 16, rng=rng).argmax() <= 120)
    True
    """
    d, n = columns.shape
    scores = np.zeros((d, n))
    if not SHORTEST <= width <= n:
        return scores
    walks = rng.standard_normal((WALKS, width)).cumsum(axis=1)
    walks -= walks.mean(axis=1, keepdims=True)
    variances = walks.var(axis=1, keepdims=True).astype(np.float32)
    walks *= 2 / width
    step = np.diff(columns, axis=1).std(axis=1, keepdims=True)
    scaled = np.divide(columns, step, out=np.zeros_like(columns), where=step > 0)
    nearness = np.empty(d * n, np.float32)
    # one long series: the windows that lie across two columns are computed and left out
    for where, products in window_products(
        scaled.astype(np.float32).ravel(), walks.astype(np.float32)
    ):
        products -= variances
        products.max(axis=0, out=nearness[where])
    starts = n - width + 1
    distance = window_variances(scaled, width)
    distance -= nearness.reshape(d, n)[:, :starts]
    np.maximum(distance, 0, out=distance)
    largest = distance.max(axis=1, keepdims=True)
    np.divide(distance, largest, out=scores[:, :starts], where=(step > 0) & (largest > 0))
    return scores
