"""Checks of what measures are given."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def spans(values: npt.ArrayLike, name: str) -> F64:
    """Return spans, shape (n, 2), after checking that each ends after it begins.

    Raises
    ------
    ValueError
        If the shape is another, a time is not finite, or a span is empty or reversed.
    """
    array = np.asarray(values, np.float64)
    if array.size == 0:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        msg = f"{name} must have shape (n, 2), got {array.shape}"
        raise ValueError(msg)
    if not np.isfinite(array).all():
        msg = f"{name} must be finite, got NaN or infinity"
        raise ValueError(msg)
    if not (array[:, 0] < array[:, 1]).all():
        first = int(np.flatnonzero(array[:, 0] >= array[:, 1])[0])
        msg = f"each span of {name} must end after it begins, number {first} is {array[first]}"
        raise ValueError(msg)
    return array


def scores(values: npt.ArrayLike, name: str) -> F64:
    """Return scores, shape (n,), after checking that there are some and none is NaN.

    Raises
    ------
    ValueError
        If not.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or not array.size:
        msg = f"{name} must have shape (n,) and not be empty, got {array.shape}"
        raise ValueError(msg)
    if np.isnan(array).any():
        msg = f"{name} must not hold NaN"
        raise ValueError(msg)
    return array


def share(value: float, name: str) -> float:
    """Return a number after checking that it lies in 0 to 1.

    Raises
    ------
    ValueError
        If not.
    """
    if not 0 <= value <= 1:
        msg = f"{name} must lie in 0 to 1, got {value}"
        raise ValueError(msg)
    return float(value)
