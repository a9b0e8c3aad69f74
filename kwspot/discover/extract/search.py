"""EXTRACT: the one pattern that repeats in a series, however often it does."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from kwspot.discover.extract.cells import Cells
from kwspot.discover.extract.learn import best_places, pattern_of, peaks_apart
from kwspot.discover.extract.matrix import FeatureMatrix, seen_again
from kwspot.discover.extract.pattern import Pattern
from kwspot.discover.extract.seeds import seed_windows, structure_of

F64 = npt.NDArray[np.float64]

_SHORTEST = 4  # samples: less has no structure score


def extract(
    array: npt.ArrayLike,
    min_length: float,
    max_length: float,
    *,
    rng: np.random.Generator | None = None,
) -> Pattern:
    """Find the repeated pattern of a series and all its instances.

    The series holds an unknown number (two or more) of instances of one unknown pattern, among
    anything else. Which of its columns show the pattern need not be known.

    Parameters
    ----------
    array : array_like, shape (N, D) or (N,), float
        The series, one row per time; columns may have any units.
    min_length, max_length : float
        Bounds on the length of an instance, in samples or, below 1, as fractions of N; at most a
        factor of two apart, so that no instance can hold two.
    rng : numpy.random.Generator, optional
        Draws the shapes; ``np.random.default_rng(0)`` if not given.

    Returns
    -------
    Pattern
        Its instances, each of its own length, and the learned filter. Empty if nothing repeats more
        than chance would have it. The windows that hold them begin at least `min_length` apart.

    Raises
    ------
    ValueError
        If the array has other than one or two dimensions, no column, or values that are not
        finite; if the lengths are below 4 samples, in the wrong order or more than a factor of two
        apart; if the array is shorter than two windows of 1.1 `max_length`.

    Notes
    -----
    O(N D log N) for fixed lengths. With w = 1.1 `max_length`: shapes of 8, 16, 32, ... samples are
    drawn where the series does not look like a random walk; each becomes a row of a 0/1 matrix that
    says where it is seen again; windows near the two most structured places are taken as seeds; the
    places that are likest to a seed are added one by one; the set with the largest log-odds, over
    what chance or the next place would give, is the answer.

    Source: Blalock and Guttag, "EXTRACT: Strong Examples from Weakly-Labeled Sensor Data", ICDM
    2016 (arXiv 1609.09196). Differs in that an instance is as long as the part of the filter that
    it meets, not as the whole; in that limits on variance are relative to each column, that random
    walks are shared by the columns, and that blurred features are rounded to 2^-14.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> series = rng.normal(size=(1000, 2))
    >>> for start in (100, 400, 730):
    ...     series[start : start + 60, 1] += 9 * np.sin(np.arange(60) ** 2 / 120)
    >>> found = extract(series, 40, 64)
    >>> [bool(abs(instance.start - start) < 20) for instance, start in zip(found, (100, 400, 730))]
    [True, True, True]
    """
    columns = standard_columns(array)
    n = columns.shape[1]
    low, high = length_bounds(n, min_length, max_length)
    rng = np.random.default_rng(0) if rng is None else rng
    step = high // 10
    width = high + step
    active, shapes = seen_again(columns, high, rng=rng)
    if not shapes:
        return Pattern((), 0.0, np.zeros((0, width)), (), (0, width))
    cells = Cells.of(active, pad=high, width=low)
    structure = structure_of(columns, low, rng=rng)
    hoods = seed_windows(structure, min_length=low, step=max(step, 1), last=n - width)
    found = best_places(cells, hoods, width, peaks_apart(low))
    return pattern_of(cells, found, shapes, width=width, min_length=low, max_length=high)


def features(
    array: npt.ArrayLike,
    min_length: float,
    max_length: float,
    *,
    rng: np.random.Generator | None = None,
) -> FeatureMatrix:
    """Return the features in which `extract` looks for the pattern, to see what it sees.

    Parameters
    ----------
    array, min_length, max_length, rng
        As for `extract`; with a generator in the same state, the same features.

    Returns
    -------
    FeatureMatrix
        Its `plot` takes the pattern.

    Raises
    ------
    ValueError
        As `extract` does.

    Notes
    -----
    O(N D log N) for fixed lengths, and a byte for each of R shapes at each of N samples.

    Examples
    --------
    >>> wave = np.sin(np.arange(600) ** 2 / 900) + 0.1 * np.random.default_rng(0).normal(size=600)
    >>> matrix = features(wave, 40, 64)
    >>> matrix.shapes == extract(wave, 40, 64).shapes, matrix.active.shape[1]
    (True, 600)
    """
    columns = standard_columns(array)
    n = columns.shape[1]
    _, high = length_bounds(n, min_length, max_length)
    active, shapes = seen_again(columns, high, rng=np.random.default_rng(0) if rng is None else rng)
    return FeatureMatrix(active[:, high : high + n], tuple(shapes))


def standard_columns(array: npt.ArrayLike) -> F64:
    """Check a series and return its columns, shape (D, N), with mean 0 and variance 1 or 0.

    Raises
    ------
    ValueError
        If it is not a finite array of one or two dimensions.

    Examples
    --------
    >>> standard_columns([[1, 5], [3, 5]]).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    series = np.asarray(array, np.float64)
    if series.ndim == 1:
        series = series[:, None]
    if series.ndim != 2 or 0 in series.shape:
        msg = f"expected an array of shape (N, D) or (N,), got {np.shape(array)}"
        raise ValueError(msg)
    if not np.isfinite(series).all():
        bad = series.size - int(np.isfinite(series).sum())
        msg = f"expected finite values, got {bad} of {series.size} that are NaN or infinite"
        raise ValueError(msg)
    columns = np.ascontiguousarray(series.T)
    largest = np.abs(columns).max(axis=1, keepdims=True)
    columns -= columns.mean(axis=1, keepdims=True)
    deviation = columns.std(axis=1, keepdims=True)
    constant = deviation <= 1e-12 * largest  # nothing but rounding
    return np.where(constant, 0.0, columns / np.where(constant, 1.0, deviation))


def length_bounds(n: int, min_length: float, max_length: float) -> tuple[int, int]:
    """Return bounds in samples for a series of n samples.

    Raises
    ------
    ValueError
        If they are too short, in the wrong order, too far apart or too long for the series.

    Examples
    --------
    >>> length_bounds(1000, 1 / 16, 1 / 8), length_bounds(1000, 40, 64)
    ((63, 125), (40, 64))
    """
    if not (0 < min_length <= max_length < math.inf):
        msg = f"expected 0 < min_length <= max_length, got {min_length} and {max_length}"
        raise ValueError(msg)
    low = math.ceil(min_length * n if min_length < 1 else min_length)
    high = math.floor(max_length * n if max_length < 1 else max_length)
    if not _SHORTEST <= low <= high <= 2 * low:
        msg = (
            f"expected min_length of at least {_SHORTEST} samples and max_length of one to two "
            f"times that, got {low} and {high}"
        )
        raise ValueError(msg)
    needed = 2 * (high + high // 10)
    if n < needed:
        msg = f"expected at least {needed} samples for max_length {high}, got {n}"
        raise ValueError(msg)
    return low, high
