"""Bolt: nearest neighbours among millions of vectors held as 8 to 32 bytes each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from kwspot.errors import ModelError
from kwspot.kernels.alignment import aligned

from .codebooks import BLOCK
from .container import StoredArrays, write
from .inputs import as_mask, as_rows
from .model import BoltModel, Estimate
from .ranking import ID_BITS, NO_KEY, best_keys, padded, scores_by_code, true_costs
from .rows import RowStore

if TYPE_CHECKING:
    from pathlib import Path

    from .luts import Metric

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]

FORMAT = "kwspot.bolt/1"
_SETTINGS = ("metric", "n_bytes", "rerank", "rotate")
_ADDED = 1 << 15  # rows encoded at a time: their projections stay small


class BoltIndex:
    """Search vectors by squared distance, dot product or cosine, from 4-bit codes.

    Parameters
    ----------
    metric : {"l2", "dot", "cosine"}
        What makes a neighbour near.
    n_bytes : {8, 16, 32}
        Code bytes a row: two codebooks a byte.
    rerank : int
        How many of the best rows by code are scored again with their vectors, which are then kept
        (4 d bytes a row). 0 keeps codes only.
    rotate : bool
        Rotate to principal axes first, shared out so that all codebooks have as much to tell. On
        speech it halves what is lost; without it, codes are the same on every machine.

    Raises
    ------
    ValueError
        If a parameter is none of the above.

    Notes
    -----
    Memory n_bytes + 2 bytes a row. Scores: the product, the cosine, or minus the squared distance.
    Source: Blalock and Guttag, "Bolt: accelerated data mining with fast vector compression",
    KDD 2017. Here sums are exact, scales are learned for each metric, the loss of a scale is
    measured in the units of the distance, and any number of columns will do.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(1000, 16)).astype(np.float32)
    >>> index = BoltIndex(rerank=10).fit(x).add(x)
    >>> scores, ids = index.search(x[:2], 1)
    >>> ids.ravel().tolist(), scores.ravel().tolist()
    ([0, 1], [0.0, 0.0])
    """

    def __init__(
        self,
        metric: Metric = "l2",
        *,
        n_bytes: Literal[8, 16, 32] = 8,
        rerank: int = 0,
        rotate: bool = True,
    ) -> None:
        if metric not in ("l2", "dot", "cosine"):
            msg = f"metric must be 'l2', 'dot' or 'cosine', got {metric!r}"
            raise ValueError(msg)
        if n_bytes not in (8, 16, 32):
            msg = f"n_bytes must be 8, 16 or 32, got {n_bytes!r}"
            raise ValueError(msg)
        if type(rerank) is not int or rerank < 0:
            msg = f"rerank must be a whole number, 0 or more, got {rerank!r}"
            raise ValueError(msg)
        self.metric, self.n_bytes = metric, n_bytes
        self.rerank, self.rotate = rerank, rotate
        self._model: BoltModel | None = None

    def __len__(self) -> int:
        return self._rows.n_rows if self._model is not None else 0

    @property
    def n_columns(self) -> int:
        """Columns of the vectors, d.

        Raises
        ------
        ValueError
            If the index is not fitted.
        """
        return len(self._learnt().books.mean)

    def fit(self, x: npt.ArrayLike, *, rng: np.random.Generator | None = None) -> BoltIndex:
        """Learn codebooks and scales from rows like those to come; the index is then empty.

        Parameters
        ----------
        x : array_like, shape (n, d), float
            A few thousand rows are enough.
        rng : numpy.random.Generator, optional
            The same one gives the same index; by default a fresh one of fixed seed.

        Returns
        -------
        BoltIndex
            The index itself.

        Raises
        ------
        ValueError
            If `x` is not two-dimensional, is empty or is not finite.

        Notes
        -----
        O(16 n d) for each of 16 rounds.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(100, 8))
        >>> len(BoltIndex("dot").fit(x))
        0
        """
        rng = np.random.default_rng(0) if rng is None else rng
        rows = as_rows(x, "x")
        self._model = BoltModel.learn(rows, self.metric, self.n_bytes, rotate=self.rotate, rng=rng)
        codes = np.empty((0, 2, self.n_bytes, BLOCK), np.uint8)
        vectors = np.empty((0, rows.shape[1]), np.float32) if self.rerank else None
        self._rows = RowStore(codes, np.empty(0, np.float16), vectors)
        return self

    def add(self, x: npt.ArrayLike) -> BoltIndex:
        """Append rows; they get the next ids, counted from 0.

        Parameters
        ----------
        x : array_like, shape (n, d), float
            Rows.

        Returns
        -------
        BoltIndex
            The index itself.

        Raises
        ------
        ValueError
            If the index is not fitted, d differs, or a value is not finite.

        Notes
        -----
        O(16 n d) time.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(100, 8))
        >>> len(BoltIndex().fit(x).add(x).add(x[:3]))
        103
        """
        model = self._learnt()
        vectors = model.prepare(as_rows(x, "x", columns=self.n_columns, empty=True))
        at = 0
        while at < len(vectors):
            some = vectors[at : at + (self._rows.room() or _ADDED)]
            rows = model.books.project(some)
            blocks = model.books.encode(rows)
            self._rows.append(blocks, model.books.radii(rows, blocks), some)
            at += len(some)
        return self

    def search(
        self, queries: npt.ArrayLike, k: int, *, mask: npt.ArrayLike | None = None
    ) -> tuple[F32, I64]:
        """Find the k best rows of each query.

        Parameters
        ----------
        queries : array_like, shape (q, d), float
            Queries.
        k : int
            How many rows to find.
        mask : array_like, shape (n,), bool, optional
            Which ids may be found.

        Returns
        -------
        scores : ndarray, shape (q, k), float32
            Best first: dot product, cosine, or minus the squared distance; approximate unless
            `rerank` is set. ``-inf`` where there are fewer than k rows.
        ids : ndarray, shape (q, k), int64
            Row numbers, -1 where there are fewer than k rows. Equal sums rank by id.

        Raises
        ------
        ValueError
            If the index is not fitted, a shape does not fit or a value is not finite.
        ModelError
            If the file of a loaded index is damaged.

        Notes
        -----
        O(q n n_bytes) byte operations, and O(q rerank d) for re-ranking.

        Examples
        --------
        >>> x = np.eye(16, dtype=np.float32)
        >>> index = BoltIndex("cosine").fit(x).add(x)
        >>> index.search(5 * x[3:4], 2, mask=np.arange(16) != 3)[1].shape
        (1, 2)
        """
        vectors, allowed = self._checked_queries(queries), as_mask(mask, len(self))
        if k < 1:
            msg = f"k must be 1 or more, got {k}"
            raise ValueError(msg)
        model = self._learnt()
        rows = model.books.project(vectors)
        count = min(max(k, self.rerank), len(self))
        tables = model.byte_tables(rows)
        keys = best_keys(tables, self._rows, count, allowed)
        if not self.rerank:
            return scores_by_code(tables, keys, k, model.least_cost)
        ids = np.where(keys == NO_KEY, -1, keys & ((1 << ID_BITS) - 1))
        costs = true_costs(self.metric, self._rows, vectors, ids)
        order = np.lexsort((ids, costs), axis=1)
        ids, costs = np.take_along_axis(ids, order, 1), np.take_along_axis(costs, order, 1)
        return padded(0 - costs, k, -np.inf, np.float32), padded(ids, k, -1, np.int64)

    def scan(self, queries: npt.ArrayLike, *, exact: bool = True) -> npt.NDArray[Any]:
        """Sum the table entries of every row: the raw result of Bolt, lower for nearer rows.

        Parameters
        ----------
        queries : array_like, shape (q, d), float
            Queries.
        exact : bool
            Sum in 16 bits; otherwise in 8, where tables are scaled so that the nearest tenth of
            the rows fits and all others may come out as 255: about 1.4 times as fast.

        Returns
        -------
        ndarray, shape (q, n), uint16 or uint8
            Sums; `estimate` turns exact ones into distances.

        Raises
        ------
        ValueError
            If the index is not fitted, d differs, or a value is not finite.

        Notes
        -----
        O(q n n_bytes).

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(100, 8))
        >>> sums = BoltIndex().fit(x).add(x).scan(x[:2])
        >>> sums.shape, sums.dtype
        ((2, 100), dtype('uint16'))
        """
        from kwspot.kernels.bolt import scan_exact, scan_saturating

        model = self._learnt()
        rows = model.books.project(self._checked_queries(queries))
        tables = model.byte_tables(rows, near=not exact)
        codes = self._rows.codes.reshape(-1)
        sums = aligned((len(rows), codes.size // self.n_bytes), np.uint16 if exact else np.uint8)
        run = scan_exact if exact else scan_saturating
        for table, out in zip(tables.entries, sums, strict=True):
            run(codes, table, out, (0,) * (self.n_bytes // 8))
        return sums[:, : len(self)]

    def estimate(self, queries: npt.ArrayLike) -> Estimate:
        """Approximate every squared distance, product or cosine, with sure bounds.

        Parameters
        ----------
        queries : array_like, shape (q, d), float
            Queries.

        Returns
        -------
        Estimate
            ``low <= true value <= high`` for every query and row; `value` lies between them.

        Raises
        ------
        ValueError
            If the index is not fitted, d differs, or a value is not finite.

        Notes
        -----
        O(q n n_bytes) time, 24 q n bytes. The bounds add up what the bytes of the tables can lose
        and, by the triangle inequality, how far each row is from what its codes stand for.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(100, 8))
        >>> index = BoltIndex().fit(x).add(x)
        >>> found = index.estimate(x[:1])
        >>> bool(((found.low <= found.value) & (found.value <= found.high)).all())
        True
        """
        model = self._learnt()
        rows = model.books.project(self._checked_queries(queries))
        costs = np.maximum(model.byte_tables(rows).costs(self.scan(queries)), model.least_cost)
        low, high = model.bounds(costs, rows, self._rows.radii)
        if self.metric == "l2":
            return Estimate(costs, low, high)
        return Estimate(-costs, -high, -low)

    def save(self, path: str | Path) -> None:
        """Write the index to one file, which `load` maps into memory.

        Parameters
        ----------
        path : path
            File to write or replace.

        Raises
        ------
        ValueError
            If the index is not fitted.
        OutputError
            If the file cannot be written; an older one is then untouched.

        Notes
        -----
        For the format see `kwspot.quantise.container`; arrays are named like the attributes of
        `Codebooks`, plus codes, radii, vectors and the scales.
        """
        model = self._learnt()
        settings = {
            "metric": self.metric,
            "n_bytes": self.n_bytes,
            "rerank": self.rerank,
            "rotate": self.rotate,
            "n_rows": len(self),
            "gains": [model.gain, model.near_gain],
        }
        write(path, FORMAT, settings, {**self._rows.arrays(), **model.arrays()})

    @classmethod
    def load(cls, path: str | Path) -> BoltIndex:
        """Map an index from a file that `save` wrote.

        Codes are read, and checked, at the first search; vectors when they are needed.

        Raises
        ------
        ModelError
            If the file cannot be read, is damaged, or of another version.

        Examples
        --------
        >>> import tempfile
        >>> x = np.random.default_rng(0).normal(size=(100, 8))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     BoltIndex().fit(x).add(x).save(folder + "/x.bolt")
        ...     len(BoltIndex.load(folder + "/x.bolt"))
        100
        """
        stored = StoredArrays(path, FORMAT)
        try:
            return cls._restored(stored)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(
                f"{path} holds no usable index ({error})", hint="build the index again"
            ) from error

    @classmethod
    def _restored(cls, stored: StoredArrays) -> BoltIndex:
        metric, n_bytes, rerank, rotate = (stored.settings[name] for name in _SETTINGS)
        index = cls(metric, n_bytes=n_bytes, rerank=rerank, rotate=rotate)
        model = index._model = BoltModel.restore(stored, metric, n_bytes)
        index._rows = RowStore.mapped(stored, n_bytes, index.n_columns if rerank else None)
        if (model.books.rotation is not None) != rotate:
            raise ValueError("rotation and settings disagree")
        return index

    def _learnt(self) -> BoltModel:
        if self._model is None:
            raise ValueError("the index is not fitted: call fit(x) first")
        return self._model

    def _checked_queries(self, queries: npt.ArrayLike) -> F32:
        model = self._learnt()
        return model.prepare(as_rows(queries, "queries", columns=self.n_columns, empty=True))
