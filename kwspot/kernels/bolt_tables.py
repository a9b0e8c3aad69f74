"""Tables of Bolt queries, and what sums of their entries mean: plain loops."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .compile import jit

F32: TypeAlias = npt.NDArray[np.float32]
I64: TypeAlias = npt.NDArray[np.int64]
F64: TypeAlias = npt.NDArray[np.float64]
U8: TypeAlias = npt.NDArray[np.uint8]


@jit
def l2_tables(queries: F32, centroids: F32, starts: I64, tables: F32) -> None:
    """Add squared distances to every centroid into zeroed tables.

    queries (q, d), centroids (d, 16), starts (c + 1,), tables (q, c, 16). O(16 q d).
    """
    for i in range(queries.shape[0]):
        for c in range(tables.shape[1]):
            for j in range(starts[c], starts[c + 1]):
                for k in range(16):
                    gap = queries[i, j] - centroids[j, k]
                    tables[i, c, k] += gap * gap


@jit
def dot_tables(queries: F32, centroids: F32, starts: I64, tables: F32) -> None:
    """Subtract products with every centroid from zeroed tables.

    queries (q, d), centroids (d, 16), starts (c + 1,), tables (q, c, 16). O(16 q d).
    """
    for i in range(queries.shape[0]):
        for c in range(tables.shape[1]):
            for j in range(starts[c], starts[c + 1]):
                for k in range(16):
                    tables[i, c, k] -= queries[i, j] * centroids[j, k]


@jit
def quantise_tables(tables: F32, gain: np.float32, entries: U8, base: F64) -> None:
    """Write ``(table - least) * gain`` rounded and cut at 255, and the sums of what is least.

    tables and entries (q, c, k), base (q,). O(q c k).
    """
    for i in range(tables.shape[0]):
        total = 0.0
        for c in range(tables.shape[1]):
            least = tables[i, c, 0]
            for k in range(1, tables.shape[2]):
                least = min(least, tables[i, c, k])
            total += least
            for k in range(tables.shape[2]):
                scaled = (tables[i, c, k] - least) * gain + np.float32(0.5)
                entries[i, c, k] = np.uint8(min(scaled, np.float32(255)))
        base[i] = total


@jit
def read_keys(
    keys: I64, id_bits: int, gain: float, base: F64, floor: float, scores: F32, ids: I64
) -> None:
    """Turn sorted search keys into scores, minus the costs, and row numbers.

    keys (q, m), base (q,), scores and ids (q, k) with k >= m; where there is no row, -inf and -1.
    No cost is taken to be below `floor`. O(q k).
    """
    for i in range(ids.shape[0]):
        for j in range(ids.shape[1]):
            if j < keys.shape[1] and keys[i, j] != np.int64(0x7FFFFFFFFFFFFFFF):
                cost = (keys[i, j] >> id_bits) / gain + base[i]
                scores[i, j] = np.float32(0 - max(cost, floor))  # 0 - 0 has no sign
                ids[i, j] = keys[i, j] & ((1 << id_bits) - 1)
            else:
                scores[i, j] = np.float32(-np.inf)
                ids[i, j] = -1


@jit
def squared_residuals(x: F32, mean: F32, centroids: F32, starts: I64, codes: U8, out: F64) -> None:
    """Write the squared distance between each row and what its codes stand for.

    x (n, d), mean (d,), centroids (d, 16), starts (c + 1,), codes (blocks, c / 2, 32) of at least
    n rows, out (n,). O(n d).
    """
    for i in range(x.shape[0]):
        total = 0.0
        for c in range(starts.size - 1):
            code = codes[i >> 5, c >> 1, i & 31] >> 4 * (c & 1) & 15
            for j in range(starts[c], starts[c + 1]):
                gap = np.float64(x[i, j] - mean[j]) - centroids[j, code]
                total += gap * gap
        out[i] = total
