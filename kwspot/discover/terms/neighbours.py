"""The nearest sketches of each sketch, in linear time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.discover.terms.sketch import unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from kwspot.discover.terms.corpus import Corpus

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_CELL = 512  # sketches of a cell, on average
_PROBES = 8  # cells in which a sketch looks for its nearest
_REGION, _AROUND = 32, 256  # cells of a region, on average, and those that it is searched in
_ROUNDS = 4
_TRAINING = 32  # sketches per cell that the centres are learned from
_BLOCK = 4096


class Neighbours(NamedTuple):
    """The nearest segments of other places: cosines (s, k), descending, and numbers, -1 if none."""

    score: F32
    which: I32


def neighbours(
    corpus: Corpus,
    vectors: F32,
    count: int,
    floor: float,
    rng: np.random.Generator,
    progress: Callable[[float], None],
) -> Neighbours:
    """Find for each segment the nearest of other places, at most one for each place.

    Parameters
    ----------
    corpus : Corpus
        The segments.
    vectors : ndarray, shape (s, w), float32
        Their sketches, of unit length.
    count : int
        How many to find.
    floor : float
        Cosine that they must exceed.
    rng : numpy.random.Generator
        Chooses the first centres.
    progress : callable
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Neighbours

    Notes
    -----
    Cells of about 512 sketches around learned centres; each sketch is compared with those of the
    eight cells nearest to it. Up to 4096 sketches this is exhaustive. O(s) but for the learning of
    the centres, which is quadratic with so small a factor that it does not show in hours of sound.
    Source: Jegou, Douze and Schmid, "Product quantization for nearest neighbor search", IEEE
    Trans. PAMI 33, 2011 (its inverted file, without the quantisation).
    """
    n = len(vectors)
    found = Neighbours(np.full((n, count), floor, np.float32), np.full((n, count), -1, np.int32))
    cells = max(1, n // _CELL)
    probed = _cells(vectors, cells, rng)
    members = _grouped(probed[:, :1], cells)
    for cell, (columns, seekers) in enumerate(zip(members, _grouped(probed, cells), strict=True)):
        for at in range(0, len(seekers) if len(columns) else 0, _BLOCK):
            rows = seekers[at : at + _BLOCK]
            part = Neighbours(found.score[rows], found.which[rows])
            seek(corpus, vectors[rows], rows, vectors, columns, floor, part)
            found.score[rows], found.which[rows] = part
        progress((cell + 1) / cells)
    return found


def seek(
    corpus: Corpus,
    queries: F32,
    rows: I64,
    vectors: F32,
    columns: I64,
    floor: float,
    found: Neighbours,
) -> None:
    """Look for the nearest of `queries` (r, w), of the segments rows (r,), among columns (c,)."""
    from kwspot.kernels.terms import keep_nearest

    cosines = queries @ vectors[columns].T
    keep_nearest(cosines, rows, columns, corpus.start, corpus.end, floor, *found)


def _cells(vectors: F32, cells: int, rng: np.random.Generator) -> I32:
    """Return the cells that each sketch looks into, shape (s, probes), first the one it lies in.

    They are chosen from those around the centre of the region that it lies in.
    """
    centres = _centres(vectors, cells, rng)
    regions = _centres(centres, max(1, cells // _REGION), rng)
    around = _closest(regions, centres, min(_AROUND, cells))
    probed = np.empty((len(vectors), min(_PROBES, cells)), np.int32)
    for near, rows in zip(
        around, _grouped(_closest(vectors, regions, 1), len(regions)), strict=True
    ):
        probed[rows] = near[_closest(vectors[rows], centres[near], probed.shape[1])]
    return probed


def _closest(vectors: F32, centres: F32, count: int) -> I32:
    """Return the centres with the largest cosines to each of the vectors, shape (n, count)."""
    from kwspot.kernels.terms import largest

    which = np.empty((len(vectors), count), np.int32)
    for at in range(0, len(vectors), _BLOCK):
        largest(vectors[at : at + _BLOCK] @ centres.T, -2.0, which[at : at + _BLOCK])
    return which


def _centres(vectors: F32, cells: int, rng: np.random.Generator) -> F32:
    """Learn the centres of cells, shape (cells, w), by k-means on the sphere."""
    size = min(len(vectors), cells * _TRAINING)
    sample = vectors[rng.choice(len(vectors), size, replace=False)]
    centres = sample[:cells].copy()
    for _ in range(_ROUNDS):
        nearest = _closest(sample, centres, 1)[:, 0]
        order = np.argsort(nearest, kind="stable")
        begin = np.searchsorted(nearest[order], np.arange(cells))
        filled = np.bincount(nearest, minlength=cells) > 0
        centres[filled] = unit(np.add.reduceat(sample[order], begin[filled], axis=0))
    return centres


def _grouped(cells: I32, count: int) -> list[I64]:
    """Return for each of so many cells the rows of `cells`, shape (s, p), that name it."""
    flat = cells.ravel()
    order = np.argsort(flat, kind="stable")
    bounds = np.searchsorted(flat[order], np.arange(count + 1))
    rows = order // cells.shape[1]
    return [rows[a:b] for a, b in pairwise(bounds)]
