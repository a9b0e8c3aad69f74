"""Bolt search for any of several queries: the rows of the least sums, in one pool for all."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .bolt_search import CHUNK, ID_BITS, flag_exact, flag_halves, flag_sums, row_sum
from .compile import jit
from .memory import lowest_bit

U8: TypeAlias = npt.NDArray[np.uint8]
U64: TypeAlias = npt.NDArray[np.uint64]
I64: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

SUMS = 1 << 14  # more than any sum of 64 bytes


@jit
def _keep(pool: I64, used: int, most: int, counts: I64) -> int:
    """Keep the `most` least keys of a pool, in their order; return the largest sum that is left.

    Keys of one sum stand in rising order, as rows come in that order.
    """
    for i in range(counts.size):
        counts[i] = 0
    for i in range(used):
        counts[pool[i] >> ID_BITS] += 1
    last, below = 0, 0
    while below + counts[last] < most:
        below += counts[last]
        last += 1
    room, at = most - below, 0
    for i in range(used):
        total = pool[i] >> ID_BITS
        if total < last or (total == last and room > 0):
            if total == last:
                room -= 1
            pool[at] = pool[i]
            at += 1
    return last


@jit
def _any(flags: U64, pair: int) -> np.uint64:
    """Return which rows of a pair of blocks are near to any query."""
    word = np.uint64(0)
    for query in range(flags.shape[0]):
        word |= ~flags[query, pair]
    return word


@jit
def _least(codes: U8, tables: U8, flags: U64, pair: int, bit: int, row: int, n_bytes: int) -> int:
    """Return the least sum of a row, of those queries to which it is near."""
    least = 0xFFFF
    for query in range(tables.shape[0]):
        if (flags[query, pair] >> np.uint64(bit)) & np.uint64(1) == 0:
            least = min(least, row_sum(codes, tables[query], row, n_bytes))
    return least


@jit
def search_any(
    codes: U8,
    tables: U8,
    pool: I64,
    flags: U64,
    counts: I64,
    allowed: Mask,
    n_rows: int,
    groups: tuple[int, ...],
) -> int:
    """Write the keys of the rows that come nearest to any query, in no order; return how many.

    codes (p * 64 * n_bytes,) flat, tables (q, 32 n_bytes), pool (2 k,) for k keys, flags (q, 128)
    and counts (2^14,) scratch, allowed (n_rows,) or empty. O(q p n_bytes). A key holds the least of
    the queries' sums and the row. The pool is halved whenever it is full, and from then on only
    rows count that beat its worst: see `bolt_search.search`.
    """
    n_bytes, most = 8 * len(groups), pool.size // 2
    total, used, bound = (n_rows + 63) // 64, 0, 0xFFFF
    first, chunk = 0, 1
    while first < total:
        n_pairs = min(chunk, total - first)
        half = (bound + n_bytes) // 2
        for query in range(tables.shape[0]):
            table, own = tables[query], flags[query]
            if bound < 255:
                flag_sums(codes, table, max(bound, 0), own, first, n_pairs, groups)
            elif half < 255:
                flag_halves(codes, table, half, own, first, n_pairs, groups)
            else:
                flag_exact(codes, table, bound, own, first, n_pairs, groups)
        for pair in range(n_pairs):
            word = _any(flags, pair)
            while word != 0:
                bit = lowest_bit(word)
                word &= word - np.uint64(1)
                row = (first + pair) * 64 + bit
                if row < n_rows and (allowed.size == 0 or allowed[row]):
                    least = _least(codes, tables, flags, pair, bit, row, n_bytes)
                    if least <= bound:
                        pool[used] = (least << ID_BITS) | row
                        used += 1
                        if used == pool.size:
                            bound, used = _keep(pool, used, most, counts) - 1, most
        first += n_pairs
        chunk = min(2 * chunk, CHUNK)
    if used > most:
        _keep(pool, used, most, counts)
    return min(used, most)
