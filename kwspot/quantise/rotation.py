"""The rotation before Bolt's codebooks: principal axes, dealt out so that all have equal work."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]

_FLAT = 1e-6  # share of the largest variance that is rounding only


def balanced_axes(x: F32, starts: npt.NDArray[np.int64]) -> F32:
    """Learn an orthogonal matrix whose columns are the principal axes, ordered for the runs.

    Parameters
    ----------
    x : ndarray, shape (n, d), float32
        Rows like those to encode.
    starts : ndarray, shape (c + 1,), int64
        The runs of columns that get a codebook each.

    Returns
    -------
    ndarray, shape (d, d), float32
        ``x @ result`` has uncorrelated columns, and the products of the variances of all runs are
        as equal as a greedy choice makes them.

    Notes
    -----
    O(n d^2 + d^3). Codebooks that share nothing lose nothing by not seeing each other, and with as
    many bits each, those with equal products of variances lose the least together.
    Source: Ge, He, Ke and Sun, "Optimized product quantization for approximate nearest neighbor
    search", CVPR 2013: the parametric solution, eigenvalue allocation.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(500, 4)).astype(np.float32) * [8, 4, 2, 1]
    >>> np.abs(balanced_axes(x, np.array([0, 2, 4]))).round().astype(int).argmax(axis=0).tolist()
    [0, 3, 1, 2]
    """
    centred = x - x.mean(axis=0, dtype=np.float64).astype(np.float32)
    centred /= max(float(np.abs(centred).max()), np.finfo(np.float32).tiny)  # squares stay normal
    variances, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    order = np.argsort(-variances, kind="stable")
    dealt = order[_deal(variances[order], np.diff(starts))]
    return np.ascontiguousarray(axes[:, dealt], dtype=np.float32)


def _deal(variances: npt.NDArray[np.float64], lengths: npt.NDArray[np.int64]) -> list[int]:
    """Give each axis, largest variance first, to the run of the least product that has room."""
    floor = max(float(variances[0]) * _FLAT, np.finfo(float).tiny)
    gains = np.log(np.maximum(variances, floor) / floor)  # none is negative, so products grow
    runs: list[list[int]] = [[] for _ in lengths]
    total = np.where(lengths > 0, 0.0, np.inf)
    for axis, gain in enumerate(gains):
        run = int(total.argmin())
        runs[run].append(axis)
        total[run] += gain
        if len(runs[run]) == lengths[run]:
            total[run] = np.inf
    return [axis for run in runs for axis in run]
