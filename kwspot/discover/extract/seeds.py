"""Where to look for the pattern first: around the two most structured places of a series."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kwspot.discover.extract.structure import structure_scores

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_STEPS = 10  # windows on either side of a seed


def structure_of(columns: F64, min_length: int, *, rng: np.random.Generator) -> F64:
    """Sum the structure scores over columns and four scales, shape (n,), of columns (D, n).

    The scales are `min_length` samples, a half, a quarter and an eighth of it.
    """
    total = np.zeros(columns.shape[1])
    for halvings in range(4):
        total += structure_scores(columns, min_length >> halvings, rng=rng).sum(axis=0)
    return total


def seed_windows(structure: F64, *, min_length: int, step: int, last: int) -> list[I64]:
    """Place windows around the most structured start, and around the next best one far from it.

    Parameters
    ----------
    structure : ndarray, shape (N,), float64
        Structure score of each start.
    min_length : int
        The second seed is at least so many samples from the first.
    step : int
        Samples between neighbouring windows.
    last : int
        Last start that leaves room for a window.

    Returns
    -------
    list of ndarray, int64
        Two neighbourhoods of at most 21 sorted starts; the second without those of the first.

    Notes
    -----
    The neighbourhood of the first seed is barred on both sides; the authors' program bars only the
    left one, so that both its seeds are the same.

    Examples
    --------
    >>> structure = np.zeros(100)
    >>> structure[[40, 42, 70]] = 3, 2, 1
    >>> [hood.tolist()[::5] for hood in seed_windows(structure, min_length=9, step=2, last=85)]
    [[20, 30, 40, 50, 60], [62, 72, 82]]
    """
    first = int(structure.argmax())
    barred = structure.copy()
    barred[max(0, first - min_length + 1) : first + min_length] = -1
    around = np.arange(-_STEPS, _STEPS + 1) * step
    one = np.unique(np.clip(first + around, 0, last))
    two = np.unique(np.clip(int(barred.argmax()) + around, 0, last))
    return [one, np.setdiff1d(two, one)]
