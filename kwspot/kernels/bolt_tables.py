"""Tables of Bolt queries: plain loops over the 16 centroids, which become vector code."""

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
