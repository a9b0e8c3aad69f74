"""MADDNESS: products with a known matrix by table lookups instead of multiplications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from kwspot.kernels.alignment import aligned

from .inputs import as_rows
from .prototypes import ByteTables, refine
from .trees import LEVELS, Tree, learn_trees

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

F32: TypeAlias = npt.NDArray[np.float32]
U8: TypeAlias = npt.NDArray[np.uint8]
U16: TypeAlias = npt.NDArray[np.uint16]

_TILE = 64  # rows the kernels take at a time
_CHUNK = 16  # tiles whose codes the scan unpacks at a time
_HELD_OUT = 8  # one row in so many estimates the error
_TRAINING_ROWS = 1 << 14


class Maddness:
    """Multiply rows that come later with a matrix that is known now, approximately and fast.

    Parameters
    ----------
    n_codebooks : {4, 8, 16, 32, 64}
        Codes a row: more are slower and more exact.
    exact : bool
        Add table entries exactly. Otherwise average 16 at a time as in the paper: a little less
        accurate, and faster only where the CPU cannot sum bytes in one instruction.

    Raises
    ------
    ValueError
        If `n_codebooks` is none of the above.

    Notes
    -----
    A row costs 4 comparisons a codebook and one byte lookup for each codebook and output.
    Worth it where rows have hundreds of columns; below about 100 columns `Int8Bank` is as fast on
    CPUs with dot-product instructions, and far more exact: `best_bank` measures which.
    Source: Blalock and Guttag, "Multiplying matrices without multiplying", ICML 2021, here with
    exact sums, and a scale and offset for each output.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a = (rng.normal(size=(2000, 4)) @ rng.normal(size=(4, 64))).astype(np.float32)
    >>> b = rng.normal(size=(64, 10))
    >>> op = Maddness(16).fit(a[:1000], b)
    >>> (op @ a[1000:]).shape, op.error < 0.5
    ((1000, 10), True)
    """

    __array_ufunc__ = None  # lets `array @ op` reach __rmatmul__

    def __init__(self, n_codebooks: Literal[4, 8, 16, 32, 64] = 16, *, exact: bool = True) -> None:
        if n_codebooks not in (4, 8, 16, 32, 64):
            msg = f"n_codebooks must be 4, 8, 16, 32 or 64, got {n_codebooks!r}"
            raise ValueError(msg)
        self.n_codebooks, self.exact = n_codebooks, exact
        self._tables: ByteTables | None = None

    def fit(
        self, a_train: npt.ArrayLike, b: npt.ArrayLike, *, rng: np.random.Generator | None = None
    ) -> Maddness:
        """Learn from rows like those to come, and from the matrix.

        Parameters
        ----------
        a_train : array_like, shape (n, d), int8 or float
            Training rows; an int8 array makes an operator for int8 rows.
        b : array_like, shape (d, m), float
            The matrix.
        rng : numpy.random.Generator, optional
            Chooses the rows that estimate the error, and those for training if there are very
            many; by default one of fixed seed.

        Returns
        -------
        Maddness
            The operator itself.

        Raises
        ------
        ValueError
            If a shape does not fit or a value is not finite.

        Notes
        -----
        O(n d + n c log n + c^3 + c d m), seconds for 16 k rows of 512 columns.

        Examples
        --------
        >>> a = np.random.default_rng(0).integers(-99, 99, (500, 8)).astype(np.int8)
        >>> Maddness(4).fit(a, np.ones((8, 1))).dtype
        dtype('int8')
        """
        rng = np.random.default_rng(0) if rng is None else rng
        a = self._rows(a_train, None)
        matrix = as_rows(b, "b").astype(np.float64)
        if len(matrix) != a.shape[1]:
            msg = (
                f"b must have {a.shape[1]} rows, one for each column of a_train, got {len(matrix)}"
            )
            raise ValueError(msg)
        order = rng.permutation(len(a))
        n_held = len(a) // _HELD_OUT
        held, train = a[order[:n_held]], a[order[n_held:][:_TRAINING_ROWS]]
        trees, prototypes = learn_trees(train, self.n_codebooks)
        codes = np.stack([tree.codes(train) for tree in trees], axis=1)
        self._tables = ByteTables.of(refine(codes, train, prototypes), matrix)
        self._inside = a.shape[1]
        self._prepare(trees, a.dtype)
        self._error = self._measure(held if n_held else train, matrix)
        return self

    def _prepare(self, trees: list[Tree], dtype: Any) -> None:
        """Lay out for the kernels what was learned."""
        self.dtype = dtype
        self._columns = np.concatenate([tree.columns for tree in trees]).astype(np.uint64)
        if dtype == np.int8:
            self._thresholds = np.zeros((len(trees), LEVELS, 16), np.int8)
            for tree, table in zip(trees, self._thresholds, strict=True):
                for level in range(LEVELS):
                    table[level, : 2**level] = tree.thresholds[2**level - 1 : 2 ** (level + 1) - 1]
        else:
            self._thresholds = np.zeros((len(trees), 16), np.float32)
            self._thresholds[:, :15] = [tree.thresholds for tree in trees]

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (d, m) of the matrix that the operator stands for."""
        return self._inside, len(self._learnt().entries)

    @property
    def error(self) -> float:
        """Relative error on rows held out of training: ``|approximate - exact| / |exact|``.

        Frobenius norms; on the training rows if there were fewer than 8.
        """
        self._learnt()
        return self._error

    def encode(self, a: npt.ArrayLike) -> U8:
        """Turn rows into codes.

        Parameters
        ----------
        a : array_like, shape (n, d), int8 or float, as in `fit`
            Rows. Infinities are large numbers here.

        Returns
        -------
        ndarray, shape (2 t, n_codebooks / 2, 32), uint8
            Blocks of 32 rows, as many as fill t tiles of 64; those past n mean nothing.

        Raises
        ------
        ValueError
            If the operator is not fitted, the shape or type does not fit, or a value that a tree
            compares is NaN (no other values are read).

        Notes
        -----
        O(n c), where reading the rows from memory takes most of the time.

        Examples
        --------
        >>> a = np.random.default_rng(0).normal(size=(100, 8))
        >>> Maddness(4).fit(a, np.ones((8, 1))).encode(a).shape
        (4, 2, 32)
        """
        from kwspot.kernels.maddness import encode_floats, encode_tiles, fill_tiles

        self._learnt()
        rows = self._rows(a, self._inside)
        n_tiles = -(-len(rows) // _TILE)
        codes = np.empty((2 * n_tiles, self.n_codebooks // 2, 32), np.uint8)
        if rows.dtype == np.int8:
            tiles = aligned((n_tiles, len(self._columns), _TILE), np.int8)
            fill_tiles(rows, self._columns, tiles)
            in_tile = np.arange(len(self._columns), dtype=np.uint64)
            encode_tiles(tiles, in_tile, self._thresholds, codes)
            return codes
        tile = np.zeros((len(self._columns), _TILE), np.float32)
        if encode_floats(rows, self._columns, self._thresholds, tile, codes):
            raise ValueError("a holds NaN")
        return codes

    def scan(self, codes: U8) -> U16:
        """Sum table entries for every output: the raw result, before scaling.

        Parameters
        ----------
        codes : ndarray, shape (2 t, n_codebooks / 2, 32), uint8
            What `encode` returned.

        Returns
        -------
        ndarray, shape (m, 64 t), uint16
            Exact sums, or sums of means of 16 (of all, if there are fewer codebooks).

        Raises
        ------
        ValueError
            If the operator is not fitted or the codes have another shape or type.

        Notes
        -----
        O(n c m) byte operations.

        Examples
        --------
        >>> a = np.random.default_rng(0).normal(size=(100, 8))
        >>> op = Maddness(4).fit(a, np.ones((8, 3)))
        >>> op.scan(op.encode(a)).shape
        (3, 128)
        """
        sums = aligned((self.shape[1], self._checked(codes) * _TILE), np.uint16)
        self._scan_into(codes, sums)
        return sums

    def matmul(self, a: npt.ArrayLike) -> F32:
        """Approximate ``a @ b``.

        Parameters
        ----------
        a : array_like, shape (n, d), int8 or float, as in `fit`
            Rows.

        Returns
        -------
        ndarray, shape (n, m), float32
            Products, column by column in memory (Fortran order).

        Raises
        ------
        ValueError
            As `encode`.

        Notes
        -----
        O(n c m) byte operations.

        Examples
        --------
        >>> a = np.random.default_rng(0).normal(size=(100, 8))
        >>> Maddness(4).fit(a, np.ones((8, 3))).matmul(a).shape
        (100, 3)
        """
        codes = self.encode(a)
        out = np.empty((self.shape[1], len(codes) // 2 * _TILE), np.float32)
        self._scan_into(codes, out)
        return out[:, : np.shape(a)[0]].T

    def __matmul__(self, a: npt.ArrayLike) -> F32:
        return self.matmul(a)

    def __rmatmul__(self, a: npt.ArrayLike) -> F32:
        return self.matmul(a)

    def linear_operator(self) -> LinearOperator:
        """View the transposed matrix as a SciPy operator: ``view @ x`` approximates ``b.T @ x``.

        Returns
        -------
        scipy.sparse.linalg.LinearOperator, shape (m, d)
            Linear only as nearly as the products are exact.

        Raises
        ------
        ValueError
            If the operator is not fitted.

        Examples
        --------
        >>> a = np.random.default_rng(0).normal(size=(100, 8))
        >>> Maddness(4).fit(a, np.ones((8, 3))).linear_operator().matvec(a[0]).shape
        (3,)
        """
        from scipy.sparse.linalg import LinearOperator

        inside, outputs = self.shape

        def multiply(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return self.matmul(x.reshape(inside, -1).T.astype(self.dtype)).T

        return LinearOperator((outputs, inside), dtype=np.float32, matvec=multiply, matmat=multiply)

    def _learnt(self) -> ByteTables:
        if self._tables is None:
            raise ValueError("the operator is not fitted: call fit(a_train, b) first")
        return self._tables

    def _rows(self, a: npt.ArrayLike, columns: int | None) -> npt.NDArray[Any]:
        """Check rows: all of it while learning, shape and type only when the kernels follow."""
        raw = np.asarray(a)
        if columns is None:
            rows = as_rows(raw, "a_train")
            return np.ascontiguousarray(raw) if raw.dtype == np.int8 else rows
        if raw.ndim != 2 or raw.shape[1] != columns or raw.dtype.kind not in "fiu":
            msg = f"a must have shape (n, {columns}) and real numbers, got {raw.shape}, {raw.dtype}"
            raise ValueError(msg)
        if self.dtype == np.int8 and raw.dtype != np.int8:
            msg = f"the operator was fitted to int8 rows, got {raw.dtype}"
            raise ValueError(msg)
        return np.ascontiguousarray(raw, self.dtype)

    def _checked(self, codes: U8) -> int:
        n_bytes = self.n_codebooks // 2
        if codes.dtype != np.uint8 or codes.shape[1:] != (n_bytes, 32) or len(codes) % 2:
            need = f"uint8 of shape (2 t, {n_bytes}, 32)"
            msg = f"codes must be {need}, got {codes.dtype} {codes.shape}"
            raise ValueError(msg)
        return len(codes) // 2

    def _scan_into(self, codes: U8, out: npt.NDArray[Any]) -> None:
        from kwspot.kernels.maddness_scan import scan_averaged, scan_exact

        tables = self._learnt()
        averaged = 1 if self.exact else min(self.n_codebooks, 16)
        bias = self.n_codebooks * np.log2(averaged) / 4  # each average rounds up by 1/4 on average
        step = (tables.step * averaged).astype(np.float32)
        offset = (tables.offset - bias * tables.step).astype(np.float32)
        indices = aligned(_CHUNK * _TILE * self.n_codebooks)
        scan = scan_exact if self.exact else scan_averaged
        books = (0,) * self.n_codebooks
        scan(np.ascontiguousarray(codes), tables.entries, step, offset, indices, out, books)

    def _measure(self, rows: npt.NDArray[Any], b: npt.NDArray[np.float64]) -> float:
        exact = rows.astype(np.float64) @ b
        size = float(np.linalg.norm(exact))
        lost = float(np.linalg.norm(self.matmul(rows) - exact))
        return lost / size if size else (0.0 if lost == 0 else np.inf)
