"""Shapes drawn from the series itself, and the sparse matrix of where each is seen again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.discover.extract.sliding import window_products, window_variances
from kwspot.discover.extract.structure import structure_scores

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

_FARTHEST = 0.25  # squared distance per sample, in variances of the shape, that still matches
_FLATTEST = 0.001  # variance, as a share of the column's, of a shape that says something


class Shape(NamedTuple):
    """What a row of the features, and of the learned filter, stands for.

    Attributes
    ----------
    column : int
        The column of the series that the shape was taken from.
    length : int
        Its length in samples.
    """

    column: int
    length: int


def shape_lengths(max_length: int) -> list[int]:
    """Return the lengths of the shapes, in samples: powers of two from 8 to `max_length`.

    Examples
    --------
    >>> shape_lengths(60), shape_lengths(15), shape_lengths(7)
    ([8, 16, 32], [4, 8], [8, 16])
    """
    lengths = [1 << p for p in range(3, max_length.bit_length())]
    return lengths if len(lengths) > 1 else [4, 8] if lengths else [8, 16]


def shape_rows(
    columns: F64, *, max_length: int, per_length: int, rng: np.random.Generator
) -> tuple[U8, list[Shape]]:
    """Draw shapes from a series and mark where each is seen.

    Parameters
    ----------
    columns : ndarray, shape (D, n), float64
        The padded series, one row per column, each of mean 0 and variance 1 or 0.
    max_length : int
        Longest instance in samples; bounds the shapes.
    per_length : int
        Shapes to draw per column and length.
    rng : numpy.random.Generator
        Draws the walks of the structure scores, then the shapes.

    Returns
    -------
    rows : ndarray, shape (R, n), uint8
        1 where the shape of that row is centred; rows seen only once, or half of the time, are
        left out.
    shapes : list of Shape
        What each row stands for.

    Notes
    -----
    O(D n m q) for lengths m and q shapes each. A window v matches a shape g (both without their
    means) if ``sum((v - g)**2) <= .25 * m * var(g)``. Source: Blalock and Guttag, "EXTRACT", ICDM
    2016; there variances below .001 are dropped, here those below .001 of the column's, so that
    the unit of a column does not matter.
    """
    found: list[U8] = []
    shapes: list[Shape] = []
    for length in shape_lengths(max_length):
        if length > columns.shape[1]:
            continue
        structure = structure_scores(columns, length, rng=rng)
        spreads = window_variances(columns, length)
        for c, column in enumerate(columns):
            weight = structure[c, : columns.shape[1] - length + 1]
            if not weight.any():
                continue
            several = min(per_length, int(np.count_nonzero(weight)))
            starts = rng.choice(len(weight), several, replace=False, p=weight / weight.sum())
            rows = _matches(column, spreads[c], starts, length)
            found.append(rows)
            shapes += [Shape(c, length)] * len(rows)
    if not found:
        return np.empty((0, columns.shape[1]), np.uint8), []
    return np.concatenate(found), shapes


def _matches(column: F64, spread: F64, starts: npt.NDArray[np.int64], length: int) -> U8:
    """Mark where the windows that begin at `starts` are seen in the column, a row for each.

    spread (n - length + 1,): the variance of every window.
    """
    patterns = np.stack([column[t : t + length] for t in starts])
    patterns -= patterns.mean(axis=1, keepdims=True)
    variance = patterns.var(axis=1)
    patterns, variance = patterns[variance >= _FLATTEST], variance[variance >= _FLATTEST]
    shift = (length - 1) // 2
    rows = np.zeros((len(patterns), len(column)), np.uint8)
    if not len(patterns):
        return rows
    for where, products in window_products(column, patterns):
        # the mean squared distance, multiplied out
        least = length / 2 * ((1 - _FARTHEST) * variance[:, None] + spread[where])
        rows[:, where.start + shift : where.stop + shift] = products >= least
    # A shape matches itself, so seen twice means two windows. Half of all windows or more: the
    # paper fills the margins with the row's median, which is then not 0, and drops the row.
    seen = rows.sum(axis=1, dtype=np.int64)
    kept: U8 = rows[(seen >= 2) & (2 * seen < len(spread))]
    return kept
