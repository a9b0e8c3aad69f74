"""Checks that every public function of this package makes before a kernel sees an array."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]

_LARGEST = 1e17  # sums of squares still fit float32


def as_rows(x: npt.ArrayLike, name: str, *, columns: int | None = None, empty: bool = False) -> F32:
    """Turn an array into contiguous float32 rows.

    Parameters
    ----------
    x : array_like, shape (n, d)
        Numbers of any real type.
    name : str
        What to call it in an error.
    columns : int, optional
        The d that is needed.
    empty : bool
        Whether n may be 0.

    Returns
    -------
    ndarray, shape (n, d), float32
        C-contiguous; `x` itself if it already is.

    Raises
    ------
    ValueError
        If `x` is not two-dimensional, is empty, has another number of columns, or holds NaN,
        infinity or a number beyond 1e17, whose square could leave float32.

    Examples
    --------
    >>> as_rows([[1, 2]], "x").dtype
    dtype('float32')
    """
    raw = np.asarray(x)
    if raw.dtype.kind not in "fiub":
        msg = f"{name} must hold real numbers, got dtype {raw.dtype}"
        raise ValueError(msg)
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(raw, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] == 0 or (len(rows) == 0 and not empty):
        msg = f"{name} must have shape (n, d) with n, d > 0, got {raw.shape}"
        raise ValueError(msg)
    if columns is not None and rows.shape[1] != columns:
        msg = f"{name} must have {columns} columns, got {rows.shape[1]}"
        raise ValueError(msg)
    if not np.abs(rows).max(initial=0) <= _LARGEST:  # false beside NaN
        msg = f"{name} holds NaN, infinity or a number beyond {_LARGEST:g}"
        raise ValueError(msg)
    return rows


def column_runs(n_columns: int, n_runs: int) -> npt.NDArray[np.int64]:
    """Cut columns into contiguous runs, the first ``n_columns % n_runs`` of them one longer.

    Returns
    -------
    ndarray, shape (n_runs + 1,), int64
        Run c is ``starts[c]:starts[c + 1]``; with more runs than columns the last ones are empty.

    Examples
    --------
    >>> column_runs(5, 3).tolist()
    [0, 2, 4, 5]
    """
    size, longer = divmod(n_columns, n_runs)
    lengths = np.full(n_runs, size, np.int64)
    lengths[:longer] += 1
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def as_mask(mask: npt.ArrayLike | None, n_rows: int) -> npt.NDArray[np.bool_]:
    """Check a mask of the rows that may be found; without one, return an empty array."""
    if mask is None:
        return np.empty(0, np.bool_)
    allowed = np.ascontiguousarray(mask)
    if allowed.dtype != np.bool_ or allowed.shape != (n_rows,):
        msg = f"mask must be bool of shape ({n_rows},), got {allowed.dtype} {allowed.shape}"
        raise ValueError(msg)
    return allowed
