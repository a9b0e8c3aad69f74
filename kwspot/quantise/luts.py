"""Tables of a query: what each codeword costs it, and the gain that makes them bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
U8: TypeAlias = npt.NDArray[np.uint8]
Metric: TypeAlias = Literal["l2", "dot", "cosine"]

_CLIPPED = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)  # shares of entries cut at the top
_NEAR = 0.01  # share of the rows that count when a gain is chosen


@dataclass(frozen=True, slots=True)
class ByteTables:
    """Tables of queries in bytes.

    A sum s of bytes of query q stands for the cost ``s / gain + base[q]``.
    """

    entries: U8  # shape (q, c, 16)
    gain: float
    base: F64  # shape (q,)

    @classmethod
    def of(cls, tables: F32, gain: float) -> ByteTables:
        """Quantise tables of costs, shape (q, c, 16): ``floor(gain * (cost - least) + 0.5)``.

        The least cost of each codebook is taken off first, as it is the same for all rows. What
        is left is cut at 255: costs of rows that are too far away to matter.

        Examples
        --------
        >>> tables = ByteTables.of(np.array([[[1, 4, 9, 16], [0, 2, 8, 3]]], np.float32), 17.0)
        >>> tables.entries[0].tolist(), tables.base.tolist()
        ([[0, 51, 136, 255], [0, 34, 136, 51]], [1.0])
        """
        from kwspot.kernels.bolt_tables import quantise_tables

        entries, base = np.empty(tables.shape, np.uint8), np.empty(len(tables))
        quantise_tables(tables, np.float32(gain), entries, base)
        return cls(entries, gain, base)

    def costs(self, sums: npt.NDArray[np.integer]) -> F64:
        """Turn sums of bytes, shape (q, m), back into costs.

        Examples
        --------
        >>> ByteTables(np.empty(0, np.uint8), 17.0, np.ones(1)).costs(np.array([[187]])).item()
        12.0
        """
        costs: F64 = sums / self.gain + self.base[:, None]
        return costs


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
    from kwspot.kernels.bolt_tables import dot_tables, l2_tables

    tables = np.zeros((len(queries), len(starts) - 1, 16), np.float32)
    fill = l2_tables if metric == "l2" else dot_tables
    fill(np.ascontiguousarray(queries), centroids, starts, tables)
    return tables


def learn_gain(tables: F32, numbers: npt.NDArray[np.integer]) -> float:
    """Choose the gain that ranks the nearest rows best.

    Parameters
    ----------
    tables : ndarray, shape (q, c, 16), float32
        Costs of a sample of queries like those to come.
    numbers : ndarray, shape (n, c), int
        Codewords of sample rows.

    Returns
    -------
    float
        The one of nine, by the share of entries cut at 255, that keeps the sums of the nearest
        hundredth of the rows closest to their true costs.

    Notes
    -----
    O(q n c). Source: Blalock and Guttag, "Bolt", KDD 2017, which learns offsets as well and weighs
    the errors of all single entries alike. Offsets of the query itself are free, and rows far away
    need no precision: on speech windows this loses no recall, where the published loss cost 2 of
    93 points (16 bytes, 100 candidates).

    Examples
    --------
    >>> tables = np.array([[[1, 4, 9, 16], [0, 2, 8, 3]]], np.float32)
    >>> learn_gain(tables, np.array([[2, 3], [3, 3]])) >= 17
    True
    """
    above = tables - tables.min(axis=2, keepdims=True)
    true = _sums(above, numbers)
    near = true <= np.quantile(true, _NEAR, axis=1, keepdims=True)
    gains = [_safe_gain(float(np.quantile(above, 1 - share))) for share in _CLIPPED]

    def loss(gain: float) -> float:
        found = _sums(ByteTables.of(above, gain).entries.astype(np.float32), numbers) / gain
        return float(np.mean((found - true)[near] ** 2))

    return min(gains, key=loss)


def learn_near_gain(tables: F32, numbers: npt.NDArray[np.integer]) -> float:
    """Choose the gain for sums in saturating bytes: the nearest tenth of the rows fits.

    Parameters
    ----------
    tables : ndarray, shape (q, c, 16), float32
        Costs of a sample of queries.
    numbers : ndarray, shape (n, c), int
        Codewords of sample rows.

    Returns
    -------
    float
        The gain.

    Notes
    -----
    O(q n c). The saturating scan of Blalock and Guttag, KDD 2017, with a scale of its own: rows far
    away all become 255, which does not matter when the nearest are sought.

    Examples
    --------
    >>> tables = np.arange(16, dtype=np.float32).reshape(1, 1, 16) * 17
    >>> learn_near_gain(tables, np.array([[3], [3], [9]]))
    5.0
    """
    sums = _sums(tables - tables.min(axis=2, keepdims=True), numbers)
    return _safe_gain(float(np.quantile(sums, 0.1)))


def _sums(tables: F32, numbers: npt.NDArray[np.integer]) -> F32:
    """Add up the entries that rows pick: shape (q, n)."""
    columns = np.arange(tables.shape[1])
    return np.stack([table[columns, numbers].sum(axis=1) for table in tables])


def _safe_gain(top: float) -> float:
    """Divide 255 by `top`, or return 1 where that is no positive float32."""
    if not top > 0:
        return 1.0
    gain = float(np.float32(min(255 / top, 1e30)))
    return gain if gain > 0 else 1.0
