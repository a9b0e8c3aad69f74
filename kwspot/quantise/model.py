"""All that a Bolt index learns: codebooks and the scales of its metric; costs and their bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .codebooks import Codebooks
from .inputs import column_runs
from .luts import ByteTables, Metric, learn_gain, learn_near_gain, query_tables

if TYPE_CHECKING:
    from .container import StoredArrays

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
U8: TypeAlias = npt.NDArray[np.uint8]

_SAMPLE = 256  # rows that stand in for queries while the scales are learned
_ROUNDING = 2.0**-20  # share of norms that float32 arithmetic may lose, generously


@dataclass(frozen=True, slots=True)
class Estimate:
    """Approximate distances or products, and between what they are.

    Attributes
    ----------
    value, low, high : ndarray, shape (q, n), float64
        The estimate, and its bounds.
    """

    value: F64
    low: F64
    high: F64


@dataclass(frozen=True, slots=True)
class BoltModel:
    """Codebooks with the byte scales of one metric.

    Attributes
    ----------
    metric : {"l2", "dot", "cosine"}
        What costs mean: squared distance, or the negative product.
    books : Codebooks
        The quantiser.
    gain, near_gain : float
        Of tables in bytes, for exact sums and for saturating ones.
    """

    metric: Metric
    books: Codebooks
    gain: float
    near_gain: float

    @classmethod
    def learn(
        cls, x: F32, metric: Metric, n_bytes: int, *, rotate: bool, rng: np.random.Generator
    ) -> BoltModel:
        """Learn from rows, shape (n, d): O(16 n d) for each round of k-means.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
        >>> BoltModel.learn(x, "l2", 8, rotate=False, rng=np.random.default_rng(0)).books.n_bytes
        8
        """
        rows = unit_rows(x) if metric == "cosine" else x
        books = Codebooks.learn(rows, 2 * n_bytes, rotate=rotate, rng=rng)
        sample = rows[rng.choice(len(rows), min(_SAMPLE, len(rows)), replace=False)]
        projected = books.project(sample)
        tables = _tables(projected, books, metric)
        codes = books.encode(projected).transpose(0, 2, 1).reshape(-1, n_bytes)[: len(sample)]
        nibbles = np.stack([codes & 15, codes >> 4], axis=2).reshape(len(sample), -1)
        return cls(metric, books, learn_gain(tables, nibbles), learn_near_gain(tables, nibbles))

    def prepare(self, x: F32) -> F32:
        """Make rows comparable: of unit length for the cosine."""
        return unit_rows(x) if self.metric == "cosine" else x

    def byte_tables(self, projected: F32, *, near: bool = False) -> ByteTables:
        """Compute the tables of projected queries in bytes."""
        gain = self.near_gain if near else self.gain
        found = ByteTables.of(_tables(projected, self.books, self.metric), gain)
        if self.metric == "l2":
            return found
        return replace(found, base=found.base - projected @ self.books.mean)

    @property
    def least_cost(self) -> float:
        """The lowest cost there can be."""
        return 0.0 if self.metric == "l2" else -np.inf

    def bounds(self, costs: F64, projected: F32, radii: npt.NDArray[np.float16]) -> tuple[F64, F64]:
        """Bound true costs from below and above, given those of `costs`.

        By the triangle inequality a row is no farther from the query than what its codes stand
        for, plus its radius; to this comes what the bytes of the tables may have lost.
        """
        tables = _tables(projected, self.books, self.metric).astype(np.float64)
        entries = self.byte_tables(projected).entries
        gaps = np.abs(tables - tables.min(axis=2, keepdims=True) - entries / self.gain)
        lost = gaps.max(axis=2).sum(axis=1)[:, None]
        norms = np.linalg.norm(projected.astype(np.float64), axis=1)[:, None]
        reach = norms + float(np.linalg.norm(self.books.mean))
        radius = radii.astype(np.float64)[None] + _ROUNDING * reach
        if self.metric == "l2":
            lost = lost + _ROUNDING * np.abs(tables).max(axis=2).sum(axis=1)[:, None]
            nearest = np.sqrt(np.maximum(costs - lost, 0)) - radius
            return np.maximum(nearest, 0) ** 2, (np.sqrt(costs + lost) + radius) ** 2
        lost = lost + reach * radius + _ROUNDING * reach * reach
        return costs - lost, costs + lost

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Collect the arrays for a file."""
        found = {"mean": self.books.mean, "centroids": self.books.centroids}
        if self.books.rotation is not None:
            found["rotation"] = self.books.rotation
        return found

    @classmethod
    def restore(cls, stored: StoredArrays, metric: Metric, n_bytes: int) -> BoltModel:
        """Read what `arrays` collected, and check that shapes fit together.

        Raises
        ------
        ModelError
            If an array is missing or damaged.
        ValueError
            If shapes or types do not fit.
        """
        mean = stored.array("mean")
        width = len(mean)
        rotation = stored.array("rotation") if "rotation" in stored else None
        centroids = stored.array("centroids")
        found = [mean, centroids, *([] if rotation is None else [rotation])]
        shapes = [(width,), (width, 16), (width, width)]
        for array, shape in zip(found, shapes, strict=False):
            if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
                msg = f"an array has shape {array.shape} instead of {shape}, or no usable numbers"
                raise ValueError(msg)
        gain, near_gain = (float(gain) for gain in stored.settings["gains"])
        if not (np.isfinite([gain, near_gain]).all() and min(gain, near_gain) > 0):
            raise ValueError("a gain is no positive number")
        starts = column_runs(width, 2 * n_bytes)
        return cls(metric, Codebooks(mean, centroids, starts, rotation), gain, near_gain)


def _tables(projected: F32, books: Codebooks, metric: Metric) -> F32:
    centred = projected - books.mean if metric == "l2" else projected
    return query_tables(centred, books.centroids, books.starts, metric)


def unit_rows(x: F32) -> F32:
    """Divide rows by their lengths; rows of zeros stay zeros.

    Examples
    --------
    >>> unit_rows(np.array([[3, 4], [0, 0]], np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    largest = np.abs(x).max(axis=1, keepdims=True)
    scaled = x / np.where(largest > 0, largest, 1)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return (scaled / np.where(lengths > 0, lengths, 1)).astype(np.float32, copy=False)
