"""Bolt search for whatever is near to any of several queries: one bit a row."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .bolt_search import CHUNK, flag_exact, flag_sums
from .compile import jit

U8: TypeAlias = npt.NDArray[np.uint8]
U64: TypeAlias = npt.NDArray[np.uint64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@jit
def mark_near(
    codes: U8,
    tables: U8,
    bound: int,
    flags: U64,
    allowed: Mask,
    n_rows: int,
    marks: U64,
    groups: tuple[int, ...],
) -> None:
    """Mark the rows of which some query's sum is at most `bound`: bit r % 64 of word r // 64.

    codes (p * 64 * n_bytes,) flat, tables (q, 32 n_bytes), flags (128,) scratch, allowed (n_rows,)
    or empty, marks (>= n_rows / 64,) is written. O(q p n_bytes).
    """
    total, first = (n_rows + 63) // 64, 0
    while first < total:
        n_pairs = min(CHUNK, total - first)
        for pair in range(n_pairs):
            marks[first + pair] = 0
        for query in range(tables.shape[0]):
            if bound < 255:
                flag_sums(codes, tables[query], bound, flags, first, n_pairs, groups)
            else:
                flag_exact(codes, tables[query], bound, flags, first, n_pairs, groups)
            for pair in range(n_pairs):
                marks[first + pair] |= ~flags[pair]
        first += n_pairs
    for row in range(n_rows, 64 * total):
        marks[row >> 6] &= ~(np.uint64(1) << np.uint64(row & 63))
    for row in range(allowed.size):
        if not allowed[row]:
            marks[row >> 6] &= ~(np.uint64(1) << np.uint64(row & 63))
