"""Prototypes of MADDNESS in all columns, and the byte tables made from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
U8: TypeAlias = npt.NDArray[np.uint8]

_RIDGE = 1.0
_CHUNK = 2048  # rows of the one-hot matrix at a time


def refine(codes: U8, x: npt.NDArray[np.floating], prototypes: F64) -> F64:
    """Let all codebooks correct one another in all columns, by ridge regression.

    Parameters
    ----------
    codes : ndarray, shape (n, c), uint8
        Buckets of the training rows.
    x : ndarray, shape (n, d)
        The training rows.
    prototypes : ndarray, shape (c, 16, d), float64
        Where to start from; the ridge holds the result near.

    Returns
    -------
    ndarray, shape (c, 16, d), float64
        Prototypes whose sums over the codebooks represent the rows better.

    Notes
    -----
    ``P0 + (G'G + I)^-1 G'(X - G P0)`` with the one-hot matrix G of the codes. O(n c d + c^3).
    Source: Blalock and Guttag, "Multiplying matrices without multiplying", ICML 2021, with the
    regression on the residual as in the authors' program.

    Examples
    --------
    >>> codes = np.array([[0], [0], [1]], np.uint8)
    >>> refine(codes, np.array([[1.0], [3], [5]]), np.zeros((1, 16, 1)))[0, :2].ravel().tolist()
    [1.3333333333333333, 2.5]
    """
    n_codebooks, buckets, width = prototypes.shape
    size = n_codebooks * buckets
    places = codes + np.arange(n_codebooks) * buckets  # of the ones in each row of G
    start = prototypes.reshape(size, width)
    system, target = np.zeros((size, size)), np.zeros((size, width))
    for first in range(0, len(codes), _CHUNK):
        some = places[first : first + _CHUNK]
        hot = np.zeros((len(some), size))
        np.put_along_axis(hot, some, 1, axis=1)
        system += hot.T @ hot
        target += hot.T @ (x[first : first + _CHUNK] - hot @ start)
    system[np.diag_indices(size)] += _RIDGE
    shift = np.linalg.solve(system, target)
    refined: F64 = prototypes + shift.reshape(n_codebooks, buckets, width)
    return refined


@dataclass(frozen=True, slots=True)
class ByteTables:
    """Products of prototypes with the columns of a matrix, in bytes with a scale a column.

    A sum s of bytes of output m stands for ``s * step[m] + offset[m]``.
    """

    entries: U8  # shape (m, c, 16)
    step: F64  # shape (m,)
    offset: F64  # shape (m,)

    @classmethod
    def of(cls, prototypes: F64, b: F64) -> ByteTables:
        """Quantise the products of prototypes, shape (c, 16, d), with b, shape (d, m).

        Examples
        --------
        >>> one = ByteTables.of(np.arange(16.0)[None, :, None], np.array([[17.0]]))
        >>> one.entries[0, 0, :3].tolist(), one.step.tolist(), one.offset.tolist()
        ([0, 17, 34], [1.0], [0.0])
        """
        products = np.ascontiguousarray(np.moveaxis(prototypes @ b, 2, 0))
        lowest = products.min(axis=2)
        gaps = (products - lowest[:, :, None]).max(axis=(1, 2))
        step = np.where(gaps > 0, gaps, 255) / 255
        scaled = (products - lowest[:, :, None]) / step[:, None, None]
        return cls(np.rint(scaled).astype(np.uint8), step, lowest.sum(axis=1))
