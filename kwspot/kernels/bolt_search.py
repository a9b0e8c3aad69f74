"""Bolt search: the rows of the least sums, most of them passed over without being summed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from .bolt import exact_parts, exact_sums, load_tables, reduce
from .compile import jit, kernel
from .memory import lowest_bit
from .simd import lanes

if TYPE_CHECKING:
    from .bolt import Plan
    from .simd import Emitter, Value

U8: TypeAlias = npt.NDArray[np.uint8]
U64: TypeAlias = npt.NDArray[np.uint64]
I64: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

ID_BITS = 40  # a search key is (sum << ID_BITS) | row, so that equal sums rank by row
CHUNK = 128  # block pairs a chunk: 64 to 256 KB of codes stay in the second-level cache


def _flag(
    e: Emitter,
    codes: Value,
    tables: Value,
    bound: Value,
    flags: Value,
    first: Value,
    n_pairs: Value,
    groups: Value,
    plan: Plan,
) -> None:
    """Flag rows whose joined lookups exceed `bound`: one 64-bit word for each pair of blocks.

    Sums only grow, so a pair is left as soon as 8, 16, ... bytes of code flag all its rows.
    """
    n_groups = lanes.tuple_length(groups)
    loaded = load_tables(e, tables, 8 * n_groups)
    limit, per = e.splat(bound, size=64), len(loaded) // n_groups
    with e.loop(n_pairs) as pair:
        start = e.mul(e.add(pair, first), e.number(512 * n_groups))
        total = e.register(e.splat(0, size=64))
        with ExitStack() as undecided:
            for group in range(n_groups):
                at, some = e.add(start, e.number(256 * group)), loaded[per * group :][:per]
                (found,) = reduce(e, codes, at, 256 * n_groups, some, [plan])
                total.value = e.add_saturating(total.value, found)
                flagged = lanes.mask_bits(e, e.less(limit, total.value))
                e.store(flagged, flags, e.mul(pair, e.number(8)))
                if group + 1 < n_groups:
                    undecided.enter_context(e.when(e.less(flagged, e.number(-1))))


@kernel
def flag_sums(
    e: Emitter,
    codes: Value,
    tables: Value,
    bound: Value,
    flags: Value,
    first: Value,
    n_pairs: Value,
    groups: Value,
) -> None:
    """Flag rows by saturating sums, for bounds below 255."""
    plan = (e.add_saturating, e.add_saturating)
    _flag(e, codes, tables, bound, flags, first, n_pairs, groups, plan)


@kernel
def flag_halves(
    e: Emitter,
    codes: Value,
    tables: Value,
    bound: Value,
    flags: Value,
    first: Value,
    n_pairs: Value,
    groups: Value,
) -> None:
    """Flag rows by the sum of averages of pairs: half the sum, and up to 1/2 a pair more."""
    plan = (e.average, e.add_saturating)
    _flag(e, codes, tables, bound, flags, first, n_pairs, groups, plan)


@kernel
def flag_exact(
    e: Emitter,
    codes: Value,
    tables: Value,
    bound: Value,
    flags: Value,
    first: Value,
    n_pairs: Value,
    groups: Value,
) -> None:
    """Flag rows by exact sums."""
    n_bytes = 8 * lanes.tuple_length(groups)
    loaded = load_tables(e, tables, n_bytes, exact=True)
    limit = e.splat(bound, 16, 128)
    with e.loop(n_pairs) as pair:
        parts = exact_parts(e, codes, e.add(pair, first), loaded, 2 * n_bytes)
        sums = exact_sums(e, parts, 2 * n_bytes)
        e.store(lanes.mask_bits(e, e.less(limit, sums)), flags, e.mul(pair, e.number(8)))


@jit
def row_sum(codes: U8, table: U8, row: int, n_bytes: int) -> int:
    """Sum the entries of one row: codes and table, (32 n_bytes,), as for `search`. O(n_bytes)."""
    at = (row >> 5) * 32 * n_bytes + (row & 31)
    total = 0
    for j in range(n_bytes):
        code = codes[at + 32 * j]
        total += table[32 * j + (code & 15)] + table[32 * j + 16 + (code >> 4)]
    return total


@jit
def _sink(heap: I64, key: int) -> None:
    """Replace the largest of a max-heap by a smaller key."""
    at, child, n = 0, 1, heap.size
    while child < n:
        if child + 1 < n and heap[child + 1] > heap[child]:
            child += 1
        if heap[child] <= key:
            break
        heap[at] = heap[child]
        at, child = child, 2 * child + 1
    heap[at] = key


@jit
def _sort(heap: I64) -> None:
    """Put a max-heap in rising order."""
    for end in range(heap.size - 1, 0, -1):
        key = heap[end]
        heap[end] = heap[0]
        _sink(heap[:end], key)


@jit
def _push(
    codes: U8,
    table: U8,
    flags: U64,
    first: int,
    n_pairs: int,
    n_rows: int,
    allowed: Mask,
    heap: I64,
    n_bytes: int,
) -> None:
    """Sum the rows that were not flagged, and keep those that beat the worst."""
    for pair in range(n_pairs):
        word = ~flags[pair]
        while word != 0:
            row = (first + pair) * 64 + lowest_bit(word)
            word &= word - np.uint64(1)
            if row < n_rows and (allowed.size == 0 or allowed[row]):
                key = (row_sum(codes, table, row, n_bytes) << ID_BITS) | row
                if key < heap[0]:
                    _sink(heap, key)


@jit
def search(
    codes: U8,
    tables: U8,
    heaps: I64,
    flags: U64,
    allowed: Mask,
    n_rows: int,
    groups: tuple[int, ...],
) -> None:
    """Write the keys of the least sums of each query into a row of `heaps`, in rising order.

    codes (p * 64 * n_bytes,) flat, tables (q, 32 n_bytes), heaps (q, k) filled with the largest
    int64, flags (128,) scratch, allowed (n_rows,) or empty. O(q p n_bytes).
    The nearest rows have small sums, so once some are known, bytes that saturate are enough to
    rule out nearly all others; chunks grow as the bound settles.
    """
    n_bytes = 8 * len(groups)
    total = (n_rows + 63) // 64
    first, chunk = 0, 1
    while first < total:
        n_pairs = min(chunk, total - first)
        for query in range(tables.shape[0]):
            table, heap = tables[query], heaps[query]
            most = min((heap[0] >> ID_BITS) - 1, 0xFFFF)  # a row beats the worst with this sum
            half = (most + n_bytes) // 2
            if most < 255:
                flag_sums(codes, table, max(most, 0), flags, first, n_pairs, groups)
            elif half < 255:
                flag_halves(codes, table, half, flags, first, n_pairs, groups)
            else:
                flag_exact(codes, table, most, flags, first, n_pairs, groups)
            _push(codes, table, flags, first, n_pairs, n_rows, allowed, heap, n_bytes)
        first += n_pairs
        chunk = min(2 * chunk, CHUNK)
    for query in range(tables.shape[0]):
        _sort(heaps[query])
