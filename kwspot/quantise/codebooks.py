"""What Bolt learns about its rows: where they lie, and 16 centroids for each run of columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from kwspot.kernels.alignment import aligned

from .inputs import column_runs
from .kmeans import kmeans16
from .rotation import balanced_axes

F32: TypeAlias = npt.NDArray[np.float32]
U8: TypeAlias = npt.NDArray[np.uint8]

BLOCK = 32  # rows a block of codes
_TRAINING_ROWS = 1 << 15  # k-means gains nothing from more, in our measurements
_ROUNDING = 2.0**-20  # generous share of a row's norm that float32 arithmetic may lose


@dataclass(frozen=True, slots=True)
class Codebooks:
    """A product quantiser of 4 bits a codebook.

    Attributes
    ----------
    mean : ndarray, shape (d,), float32
        Subtracted first, so that float32 products lose nothing to a large offset.
    centroids : ndarray, shape (d, 16), float32
        Column by column; each codebook owns a run of them.
    starts : ndarray, shape (c + 1,), int64
        The runs.
    rotation : ndarray, shape (d, d), float32, or None
        Orthogonal; applied before everything else. See `kwspot.quantise.rotation`.
    half_norms : ndarray, shape (c, 16), float32
        Half the squared norm of each centroid, worked out from the others.

    Notes
    -----
    Source: Blalock and Guttag, "Bolt", KDD 2017. Here d may be anything: runs differ in length by
    at most one, and are empty where there are more codebooks than columns.
    """

    mean: F32
    centroids: F32
    starts: npt.NDArray[np.int64]
    rotation: F32 | None
    half_norms: F32 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        squares = np.zeros((len(self.mean) + 1, 16))
        np.cumsum(self.centroids.astype(np.float64) ** 2, axis=0, out=squares[1:])
        halves = (np.diff(squares[self.starts], axis=0) / 2).astype(np.float32)
        arrays = {"mean": self.mean, "centroids": self.centroids, "half_norms": halves}
        for name, array in arrays.items():
            in_line = aligned(array.shape, np.float32)  # encoding reads whole lines all the time
            in_line[:] = array
            object.__setattr__(self, name, in_line)

    @classmethod
    def learn(
        cls, x: F32, n_codebooks: int, *, rotate: bool, rng: np.random.Generator
    ) -> Codebooks:
        """Learn from rows, shape (n, d), by k-means in every run: O(16 n d) a round.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
        >>> Codebooks.learn(x, 16, rotate=False, rng=np.random.default_rng(0)).centroids.shape
        (8, 16)
        """
        width = x.shape[1]
        if len(x) > _TRAINING_ROWS:
            x = x[np.sort(rng.choice(len(x), _TRAINING_ROWS, replace=False))]
        starts = column_runs(width, n_codebooks)
        rotation = balanced_axes(x, starts) if rotate else None
        rows = x if rotation is None else x @ rotation
        mean = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        centroids = np.empty((width, 16), np.float32)
        for start, stop in pairwise(starts):
            run = rows[:, start:stop] - mean[start:stop]
            centroids[start:stop] = kmeans16(run, rng=rng).T
        return cls(mean, centroids, starts, rotation)

    @property
    def n_bytes(self) -> int:
        """Bytes of code a row."""
        return (len(self.starts) - 1) // 2

    def project(self, x: F32) -> F32:
        """Rotate rows into the space of the codebooks."""
        return x if self.rotation is None else np.ascontiguousarray(x @ self.rotation)

    def encode(self, rows: F32) -> U8:
        """Find the codes of projected rows, shape (n, d).

        Returns
        -------
        ndarray, shape (b, n_bytes, 32), uint8
            Blocks of 32 rows; rows past n in the last block are encoded zeros.

        Notes
        -----
        O(16 n d).
        """
        from kwspot.kernels.bolt_encode import encode

        blocks = np.empty((-(-len(rows) // BLOCK), self.n_bytes, BLOCK), np.uint8)
        whole = len(rows) - len(rows) % BLOCK
        tile = aligned(-(-rows.shape[1] // 16) * 256, np.float32)
        learnt = (self.mean, self.centroids, self.half_norms, self.starts, tile)
        encode(rows[:whole], *learnt, blocks[: whole // BLOCK].reshape(-1))
        if whole < len(rows):
            last = np.zeros((BLOCK, rows.shape[1]), np.float32)
            last[: len(rows) - whole] = rows[whole:]
            encode(last, *learnt, blocks[-1].reshape(-1))
        return blocks

    def radii(self, rows: F32, blocks: U8) -> npt.NDArray[np.float16]:
        """Bound the distance between projected rows and what their codes stand for, from above."""
        from kwspot.kernels.bolt_tables import squared_residuals

        squared = np.empty(len(rows))
        squared_residuals(rows, self.mean, self.centroids, self.starts, blocks, squared)
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        exact = np.sqrt(squared) + _ROUNDING * (norms + float(np.linalg.norm(self.mean)))
        with np.errstate(over="ignore"):
            rounded = exact.astype(np.float16)
            above = np.nextafter(rounded, np.float16(np.inf))
        return np.asarray(np.where(rounded < exact, above, rounded), np.float16)
