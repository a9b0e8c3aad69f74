"""K-means with 16 centroids, the codebooks of Bolt."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]

N_CENTROIDS = 16
_ROUNDS = 16


def kmeans16(x: F32, *, rng: np.random.Generator) -> F32:
    """Learn 16 centroids that represent rows with little squared error.

    Parameters
    ----------
    x : ndarray, shape (n, s), float32
        Rows; s may be 0.
    rng : numpy.random.Generator
        Chooses the first centroids.

    Returns
    -------
    ndarray, shape (16, s), float32
        Centroids; some coincide if there are fewer than 16 distinct rows.

    Notes
    -----
    k-means++ seeding, then at most 16 rounds of Lloyd's algorithm; a centroid that lost all its
    rows restarts at the row that is worst represented. O(n s) a round.
    Source: Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.

    Examples
    --------
    >>> x = np.repeat(np.arange(16, dtype=np.float32), 3)[:, None]
    >>> kmeans16(x, rng=np.random.default_rng(0)).ravel().astype(int).tolist() == list(range(16))
    False
    >>> sorted(kmeans16(x, rng=np.random.default_rng(0)).ravel().astype(int).tolist())[:4]
    [0, 1, 2, 3]
    """
    from kwspot.kernels.kmeans import accumulate, assign

    x = np.ascontiguousarray(x)
    centroids = np.ascontiguousarray(_seed(x, rng).T)
    labels, before = np.empty(len(x), np.int64), np.full(len(x), -1)
    distances, scratch = np.empty(len(x), np.float32), np.empty(N_CENTROIDS, np.float32)
    for _ in range(_ROUNDS):
        assign(x, centroids, labels, distances, scratch)
        if np.array_equal(labels, before):
            break
        before[:] = labels
        sums, counts = np.zeros(centroids.shape), np.zeros(N_CENTROIDS, np.int64)
        accumulate(x, labels, sums, counts)
        for k in np.flatnonzero(counts == 0):
            far = int(distances.argmax())
            sums[:, k], counts[k], distances[far] = x[far], 1, 0
        centroids = (sums / counts).astype(np.float32)
    return np.ascontiguousarray(centroids.T)


def _seed(x: F32, rng: np.random.Generator) -> F32:
    chosen = [int(rng.integers(len(x)))]
    nearest = np.full(len(x), np.inf)
    while len(chosen) < N_CENTROIDS:
        gaps = x.astype(np.float64) - x[chosen[-1]]
        nearest = np.minimum(nearest, np.einsum("ij,ij->i", gaps, gaps))
        total = nearest.sum()
        weights = nearest / total if total > 0 else None
        chosen.append(int(rng.choice(len(x), p=weights)))
    return x[chosen]
