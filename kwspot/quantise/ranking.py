"""From codes to the best rows: keys of the least sums, their scores, and their true costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .luts import ByteTables, Metric
    from .rows import RowStore

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]

NO_KEY = np.iinfo(np.int64).max
ID_BITS = 40  # as in kernels.bolt_search: a key is a sum above a row number
_FLAGS = 128  # words of scratch that the search kernel needs


def best_keys(
    tables: ByteTables, store: RowStore, count: int, allowed: npt.NDArray[np.bool_]
) -> I64:
    """Find the keys of the least exact sums for each query, in order: shape (q, count)."""
    from kwspot.kernels.bolt_search import search

    queries, n_codebooks, _ = tables.entries.shape
    keys = np.full((queries, count), NO_KEY)
    if count:
        flat, groups = tables.entries.reshape(queries, -1), (0,) * (n_codebooks // 16)
        flags = np.empty(_FLAGS, np.uint64)
        search(store.codes.reshape(-1), flat, keys, flags, allowed, store.n_rows, groups)
    return keys


def scores_by_code(tables: ByteTables, keys: I64, k: int, least_cost: float) -> tuple[F32, I64]:
    """Read scores and row numbers, both of shape (q, k), from sorted keys."""
    from kwspot.kernels.bolt_tables import read_keys

    scores, ids = np.empty((len(keys), k), np.float32), np.empty((len(keys), k), np.int64)
    read_keys(keys, ID_BITS, tables.gain, tables.base, least_cost, scores, ids)
    return scores, ids


def true_costs(metric: Metric, store: RowStore, vectors: F32, ids: I64) -> F64:
    """Score candidates, shape (q, m), with their vectors; id -1 costs infinity. O(q m d)."""
    costs = np.full(ids.shape, np.inf)
    for query, found, out in zip(vectors.astype(np.float64), ids, costs, strict=True):
        present = found >= 0
        rows = store.vectors_at(found[present])
        if metric == "l2":
            gaps = rows - query
            out[present] = np.einsum("ij,ij->i", gaps, gaps)
        else:
            out[present] = -(rows @ query)
    return costs


def padded(array: npt.NDArray[Any], width: int, value: float, kind: Any) -> npt.NDArray[Any]:
    """Cut rows to `width` or fill them up with `value`."""
    filled = np.full((len(array), width), value, kind)
    filled[:, : array.shape[1]] = array[:, :width]
    return filled
