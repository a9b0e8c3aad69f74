"""The features of a series: which are on at each time, and which are nearly on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_BATCH = 64  # rows to blur and turn at a time


@dataclass(frozen=True, eq=False)
class Cells:
    """Sparse 0/1 features over time and their blurred copy, packed together.

    Attributes
    ----------
    packed : ndarray, shape (N, R), uint16
        Lowest bit: the feature is on; the rest: its blurred value times 2**14.
    background : ndarray, shape (R,), float64
        Mean blurred value of each feature.
    begin, rows : ndarray, shapes (N + 1,) and (on cells,), int64 and int32
        ``rows[begin[t]:begin[t + 1]]`` are the features that are on at time t.
    """

    packed: U16
    background: F64
    begin: I64
    rows: I32

    @classmethod
    def of(cls, active: U8, *, pad: int, width: int) -> Cells:
        """Blur 0/1 rows and cut their padding off.

        Parameters
        ----------
        active : ndarray, shape (R, pad + N + pad), uint8
            The features.
        pad : int
            Times at either end that do not belong to the series.
        width : int
            Points of the Hamming window.

        Notes
        -----
        O(R N log width). Each blurred row is divided by its maximum within ``width // 2`` points,
        so that it reaches 1 at every peak and falls off on both sides.
        """
        from kwspot.kernels.extract import ONE, blur_rows

        n = active.shape[1] - 2 * pad
        turns = np.arange(active.shape[1] + width) % max(width - 1, 1)
        angles = 2 * np.pi * turns / max(width - 1, 1)
        cosine, sine = np.cos(angles), np.sin(angles)
        packed = np.empty((n, len(active)), np.uint16)
        background = np.empty(len(active))
        work = np.empty((5, active.shape[1] + 1))
        for start in range(0, len(active), _BATCH):
            batch = np.empty((len(active[start : start + _BATCH]), n), np.uint16)
            blur_rows(active[start : start + _BATCH], width, cosine, sine, pad, work, batch)
            packed[:, start : start + _BATCH] = batch.T
            background[start : start + _BATCH] = (batch >> 1).mean(axis=1) / ONE
        when, rows = np.nonzero(packed & 1)
        begin = np.searchsorted(when, np.arange(n + 1))
        return cls(packed, background, begin, rows.astype(np.int32))

    def block(self, start: int, stop: int) -> I32:
        """Return the blurred features of some times, shape (R, stop - start), in steps of 2^-14."""
        return np.ascontiguousarray((self.packed[start:stop].T >> 1).astype(np.int32))


def repeated(active: U8, *, pad: int) -> npt.NDArray[np.bool_]:
    """Tell which rows are on at least twice within the padding."""
    counts = active[:, pad : active.shape[1] - pad].sum(axis=1, dtype=np.int64)
    twice: npt.NDArray[np.bool_] = counts > 1
    return twice
