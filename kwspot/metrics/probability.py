"""Whether scores are probabilities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.metrics import inputs

F64 = npt.NDArray[np.float64]


class Reliability(NamedTuple):
    """How often what was said with a probability came true, by bins of equal width.

    Attributes
    ----------
    probability : ndarray, shape (bins,), float64
        Mean probability in each bin; NaN where it is empty.
    frequency : ndarray, shape (bins,), float64
        Share of them that came true; NaN where the bin is empty.
    counts : ndarray, shape (bins,), int64
        How many there are.
    """

    probability: F64
    frequency: F64
    counts: npt.NDArray[np.int64]


def reliability(
    probability: npt.ArrayLike, outcome: npt.ArrayLike, *, bins: int = 10
) -> Reliability:
    """Compare probabilities with what came true.

    Parameters
    ----------
    probability : array_like, shape (n,), float
        0 to 1.
    outcome : array_like, shape (n,), bool
        What came true.
    bins : int
        Into how many of equal width 0 to 1 is cut.

    Returns
    -------
    Reliability
        Of each bin; NaN where it is empty.

    Raises
    ------
    ValueError
        If there are none, their numbers differ, or one lies outside 0 to 1.

    Notes
    -----
    O(n + bins).

    Examples
    --------
    >>> table = reliability([0.1, 0.2, 0.9], [False, True, True], bins=2)
    >>> table.frequency.tolist(), table.counts.tolist()
    ([0.5, 1.0], [2, 1])
    """
    said = inputs.scores(probability, "probability")
    if ((said < 0) | (said > 1)).any():
        msg = f"probability must lie in 0 to 1, got {said.min():g} to {said.max():g}"
        raise ValueError(msg)
    came = np.asarray(outcome)
    if came.shape != said.shape or came.dtype != np.bool_:
        msg = f"outcome must have shape {said.shape} and be bool, got {came.shape}, {came.dtype}"
        raise ValueError(msg)
    if bins < 1:
        msg = f"bins must be at least 1, got {bins}"
        raise ValueError(msg)
    place = np.minimum((said * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        return Reliability(
            np.bincount(place, said, bins) / count, np.bincount(place, came, bins) / count, count
        )


def calibration_error(
    probability: npt.ArrayLike, outcome: npt.ArrayLike, *, bins: int = 10
) -> float:
    """Return the expected calibration error: by how much probabilities are off, in the mean.

    Parameters
    ----------
    probability, outcome, bins
        As for `reliability`.

    Returns
    -------
    float
        0 to 1: the gap between probability and frequency of the bins, weighted by their counts.

    Raises
    ------
    ValueError
        As `reliability` does.

    Notes
    -----
    Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    binning", AAAI 2015.

    Examples
    --------
    >>> round(calibration_error([0.1, 0.2, 0.9], [False, True, True], bins=2), 3)
    0.267
    """
    table = reliability(probability, outcome, bins=bins)
    filled = table.counts > 0
    gaps = np.abs(table.probability - table.frequency)[filled]
    return float(gaps @ table.counts[filled] / table.counts.sum())
