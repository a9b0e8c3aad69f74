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
    eight cells nearest to it. Up to 4096 sketches this is exhaustive. O(s) but for the choice of
    the cells, which is quadratic with so small a factor that it does not show in hours of sound.
    Source: Jegou, Douze and Schmid, "Product quantization for nearest neighbor search", IEEE
    Trans. PAMI 33, 2011 (its inverted file, without the quantisation).
    """
    n = len(vectors)
    found = Neighbours(np.full((n, count), floor, np.float32), np.full((n, count), -1, np.int32))
    probed, own = _cells(vectors, rng)
    members = _grouped(own[:, None])
    for cell, seekers in enumerate(_grouped(probed)):
        columns = members[cell]
        for at in range(0, len(seekers) if len(columns) else 0, _BLOCK):
            rows = seekers[at : at + _BLOCK]
            part = Neighbours(found.score[rows], found.which[rows])
            seek(corpus, vectors[rows], rows, vectors, columns, floor, part)
            found.score[rows], found.which[rows] = part
        progress((cell + 1) / len(members))
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


def _cells(vectors: F32, rng: np.random.Generator) -> tuple[I64, I64]:
    """Return the cells that each sketch looks into (s, probes), and the one it lies in (s,)."""
    cells = max(1, len(vectors) // _CELL)
    probes = min(_PROBES, cells)
    centres = _centres(vectors, cells, rng)
    probed = np.empty((len(vectors), probes), np.int64)
    own = np.empty(len(vectors), np.int64)
    for at in range(0, len(vectors), _BLOCK):
        cosines = vectors[at : at + _BLOCK] @ centres.T
        own[at : at + _BLOCK] = cosines.argmax(axis=1)
        probed[at : at + _BLOCK] = np.argpartition(-cosines, probes - 1, axis=1)[:, :probes]
    return probed, own


def _centres(vectors: F32, cells: int, rng: np.random.Generator) -> F32:
    """Learn the centres of cells, shape (cells, w), by k-means on the sphere."""
    size = min(len(vectors), cells * _TRAINING)
    sample = vectors[rng.choice(len(vectors), size, replace=False)]
    centres = sample[:cells].copy()
    for _ in range(_ROUNDS):
        nearest = np.concatenate(
            [(sample[at : at + _BLOCK] @ centres.T).argmax(axis=1) for at in range(0, size, _BLOCK)]
        )
        order = np.argsort(nearest, kind="stable")
        begin = np.searchsorted(nearest[order], np.arange(cells))
        filled = np.bincount(nearest, minlength=cells) > 0
        centres[filled] = unit(np.add.reduceat(sample[order], begin[filled], axis=0))
    return centres


def _grouped(cells: I64) -> list[I64]:
    """Return for each cell the rows of `cells`, shape (s, p), that name it."""
    flat = cells.ravel()
    order = np.argsort(flat, kind="stable")
    bounds = np.searchsorted(flat[order], np.arange(int(flat.max()) + 2))
    rows = order // cells.shape[1]
    return [rows[a:b] for a, b in pairwise(bounds)]
