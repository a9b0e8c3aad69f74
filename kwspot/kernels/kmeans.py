"""K-means with 16 centroids: plain loops that the compiler turns into vector code."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .compile import jit

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]


@jit
def assign(x: F32, centroids: F32, labels: I64, distances: F32, scratch: F32) -> None:
    """Write the nearest centroid of every row, ties to the lower, and its squared distance.

    x (n, s), centroids (s, 16), labels (n,), distances (n,), scratch (16,). O(n s).
    """
    for i in range(x.shape[0]):
        for k in range(16):
            scratch[k] = 0
        for j in range(x.shape[1]):
            value = x[i, j]
            for k in range(16):
                gap = value - centroids[j, k]
                scratch[k] += gap * gap
        best = 0
        for k in range(1, 16):
            if scratch[k] < scratch[best]:
                best = k
        labels[i] = best
        distances[i] = scratch[best]


@jit
def accumulate(x: F32, labels: I64, sums: F64, counts: I64) -> None:
    """Add the rows of each label to `sums` and count them.

    x (n, s), labels (n,), sums (s, 16), counts (16,). O(n s).
    """
    for i in range(x.shape[0]):
        counts[labels[i]] += 1
        for j in range(x.shape[1]):
            sums[j, labels[i]] += x[i, j]
