"""Codewords of frames: what stands for shapes when every frame says something."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]

_ROUNDS = 8
_LEARNT_ON = 4096  # frames: more do not make better codewords


def codeword_rows(frames: F64, *, codewords: int, near: int, rng: np.random.Generator) -> U8:
    """Mark for each frame its nearest few of the codewords that are learned on all of them.

    Parameters
    ----------
    frames : ndarray, shape (n, d), float64
        Frames whose features are on comparable scales.
    codewords : int
        How many to learn; fewer if there are fewer frames.
    near : int
        How many are on at each frame.
    rng : numpy.random.Generator
        Draws the frames to begin with.

    Returns
    -------
    ndarray, shape (codewords, n), uint8
        1 where the codeword is among the `near` nearest ones in squared distance.

    Notes
    -----
    k-means; O(n d codewords).

    Examples
    --------
    >>> frames = np.array([[0.0], [5.0], [0.1], [5.1]])
    >>> rows = codeword_rows(frames, codewords=2, near=1, rng=np.random.default_rng(0))
    >>> bool((rows[:, 0] == rows[:, 2]).all()), rows.sum(axis=0).tolist()
    (True, [1, 1, 1, 1])
    """
    some = frames
    if len(frames) > _LEARNT_ON:
        some = frames[np.sort(rng.choice(len(frames), _LEARNT_ON, replace=False))]
    codewords = min(codewords, len(some))
    centres = some[rng.choice(len(some), codewords, replace=False)]
    for _ in range(_ROUNDS):
        nearest = _distances(some, centres).argmin(axis=1)
        count = np.bincount(nearest, minlength=codewords)
        taken = count > 0
        sums = np.stack([np.bincount(nearest, column, codewords) for column in some.T], axis=1)
        centres[taken] = sums[taken] / count[taken, None]
    order = np.argpartition(_distances(frames, centres), min(near, codewords) - 1, axis=1)
    rows = np.zeros((codewords, len(frames)), np.uint8)
    for place in range(min(near, codewords)):
        rows[order[:, place], np.arange(len(frames))] = 1
    return rows


def _distances(frames: F64, centres: F64) -> F64:
    """Return squared distances less what all centres share, shape (n, centres)."""
    # einsum, as a matrix product would wake BLAS threads that spin for longer than it takes
    products: F64 = np.einsum("nd,kd->nk", frames, centres)
    distances: F64 = np.square(centres).sum(axis=1) - 2 * products
    return distances
