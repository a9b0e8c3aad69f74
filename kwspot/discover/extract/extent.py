"""Which part of the window the instances fill."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def extent(evidence: F64, min_length: int, max_length: int) -> tuple[int, int]:
    """Return the run of greatest sum, made as long or as short as need be.

    Parameters
    ----------
    evidence : ndarray, shape (w,), float64
        What each time of the window says for the pattern, less what chance would.
    min_length, max_length : int
        Bounds on the length in samples; ``min_length <= w``.

    Returns
    -------
    tuple of int
        Half-open span within the window.

    Notes
    -----
    O(w). Source: Blalock and Guttag, "EXTRACT", ICDM 2016.

    Examples
    --------
    >>> extent(np.array([-1.0, 2.0, -1.0, 3.0, -4.0, 1.0]), 2, 4)
    (1, 4)
    >>> extent(np.array([-1.0, 2.0, -1.0, 3.0, -4.0, 1.0]), 2, 2)
    (2, 4)
    """
    start, stop = _best_run(evidence)
    padded = np.concatenate([[-np.inf], evidence, [-np.inf]])  # padded[i + 1] is evidence[i]
    while stop - start < min_length:
        if padded[start] > padded[stop + 1]:
            start -= 1
        else:
            stop += 1
    while stop - start > max_length:
        if evidence[start] < evidence[stop - 1]:
            start += 1
        else:
            stop -= 1
    return start, stop


def _best_run(values: F64) -> tuple[int, int]:
    """Return the run of greatest sum (Kadane); the greatest value alone if none is positive."""
    best, total, start = -np.inf, 0.0, 0
    run = (0, 1)
    for i, value in enumerate(values.tolist()):
        if total <= 0:
            total, start = 0.0, i
        total += value
        if total > best:
            best, run = total, (start, i + 1)
    return run
