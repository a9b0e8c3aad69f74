"""Tables of a query: what each codeword is worth to it, and the scale that makes them bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]
U8: TypeAlias = npt.NDArray[np.uint8]
Metric: TypeAlias = Literal["l2", "dot", "cosine"]

_CLIPPED = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)  # shares of entries cut at each end


@dataclass(frozen=True, slots=True)
class ByteScale:
    """How costs become bytes: ``floor(gain * max(0, cost - offset) + 0.5)``, at most 255."""

    offset: F32  # shape (c,): one for each codebook
    gain: float  # common, because bytes of different codebooks are added

    def quantise(self, tables: F32) -> U8:
        """Turn tables of costs, shape (q, c, 16), into bytes of the same shape.

        Examples
        --------
        >>> scale = ByteScale(np.array([1, 0], np.float32), 17.0)
        >>> scale.quantise(np.array([[[1, 4, 9, 16], [0, 2, 8, 3]]], np.float32))[0].tolist()
        [[0, 51, 136, 255], [0, 34, 136, 51]]
        """
        above = np.maximum(tables - self.offset[:, None], 0) * np.float32(self.gain)
        rounded: U8 = np.minimum(np.floor(above + np.float32(0.5)), 255).astype(np.uint8)
        return rounded

    def restore(self, sums: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Turn sums of bytes back into costs.

        Examples
        --------
        >>> float(ByteScale(np.array([1, 0], np.float32), 17.0).restore(187))
        12.0
        """
        return np.asarray(sums, np.float64) / self.gain + float(self.offset.sum(dtype=np.float64))


def query_tables(
    queries: F32, centroids: F32, starts: npt.NDArray[np.int64], metric: Metric
) -> F32:
    """Compute the cost of every codeword for every query.

    Parameters
    ----------
    queries : ndarray, shape (q, d), float32
        In the space of the centroids.
    centroids : ndarray, shape (d, 16), float32
        All codebooks, one below the other.
    starts : ndarray, shape (c + 1,), int64
        The rows of `centroids` that belong to each codebook.
    metric : {"l2", "dot", "cosine"}
        Squared distance, or the negative dot product.

    Returns
    -------
    ndarray, shape (q, c, 16), float32
        Costs: lower is nearer, and costs of codebooks add up.

    Notes
    -----
    O(16 q d). Source: Blalock and Guttag, "Bolt: accelerated data mining with fast vector
    compression", KDD 2017; dot products are negated so that the least sum is always the best.

    Examples
    --------
    >>> centroids = np.arange(16, dtype=np.float32)[None]
    >>> query_tables(np.ones((1, 1), np.float32), centroids, np.array([0, 1]), "l2")[0, 0, :3]
    array([1., 0., 1.], dtype=float32)
    """
    from ..kernels.bolt_tables import dot_tables, l2_tables

    tables = np.zeros((len(queries), len(starts) - 1, 16), np.float32)
    fill = l2_tables if metric == "l2" else dot_tables
    fill(np.ascontiguousarray(queries), centroids, starts, tables)
    return tables


def learn_scale(tables: F32) -> ByteScale:
    """Choose offsets and gain that lose the least over a sample of queries.

    Parameters
    ----------
    tables : ndarray, shape (q, c, 16), float32
        Costs of a sample of queries like those to come.

    Returns
    -------
    ByteScale
        With the least mean squared error of single entries among eight shares of clipping.

    Notes
    -----
    O(q c) times a sort. Source: Blalock and Guttag, KDD 2017; the loss is taken in the units of
    the costs, and bytes are rounded instead of floored, which leaves no bias in the sums.

    Examples
    --------
    >>> tables = np.array([[[1, 4, 9, 16], [0, 2, 8, 3]]], np.float32)
    >>> scale = learn_scale(tables)
    >>> scale.offset.tolist(), scale.gain
    ([1.0, 0.0], 17.0)
    """
    entries = np.moveaxis(tables, 1, 0).reshape(tables.shape[1], -1)
    scales = [_clipping_scale(entries, share) for share in _CLIPPED]
    return min(scales, key=lambda scale: _loss(entries, scale))


def _loss(entries: F32, scale: ByteScale) -> float:
    bytes_ = scale.quantise(entries[None])[0]
    gaps = entries - scale.offset[:, None] - bytes_ / np.float32(scale.gain)
    return float(np.mean(gaps**2, dtype=np.float64))


def _clipping_scale(entries: F32, share: float) -> ByteScale:
    offset = np.quantile(entries, share, axis=1).astype(np.float32)
    top = float(np.quantile(np.maximum(entries - offset[:, None], 0), 1 - share))
    return ByteScale(offset, _safe_gain(top))


def learn_near_scale(tables: F32, sums: npt.NDArray[np.floating]) -> ByteScale:
    """Choose offsets and gain for sums in saturating bytes.

    Parameters
    ----------
    tables : ndarray, shape (q, c, 16), float32
        Costs of a sample of queries.
    sums : ndarray, shape (q, n)
        Costs that sample rows add up to for these queries.

    Returns
    -------
    ByteScale
        One under which the nearest tenth of the rows stays below 255.

    Notes
    -----
    O(q n). The saturating scan of Blalock and Guttag, KDD 2017, with a scale of its own: rows far
    away all become 255, which does not matter when the nearest are sought.

    Examples
    --------
    >>> tables = np.zeros((1, 2, 16), np.float32)
    >>> learn_near_scale(tables, np.array([[51.0, 51, 700]])).gain
    5.0
    """
    offset = tables.min(axis=(0, 2))
    near = float(np.quantile(sums - offset.sum(), 0.1))
    return ByteScale(offset, _safe_gain(near))


def _safe_gain(top: float) -> float:
    """Divide 255 by `top`, or return 1 where that is no positive float32."""
    if not top > 0:
        return 1.0
    gain = float(np.float32(min(255 / top, 1e30)))
    return gain if gain > 0 else 1.0
