"""Bolt scans: sums of table entries picked by 4-bit codes, 64 rows a step.

Codes lie in blocks of 32 rows: byte i of column j is row i, its low nibble codebook 2j, its high
nibble codebook 2j+1. All functions take whole pairs of blocks, tables of 16 bytes a codebook, and
`groups`, a tuple with one (ignored) item for every 8 code bytes of a row: the length of a tuple is
part of its type, so each code size gets straight-line code and one cache entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from . import lanes
from .compile import jit, kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .simd import Emitter, Value

U8: TypeAlias = npt.NDArray[np.uint8]
U16: TypeAlias = npt.NDArray[np.uint16]
U64: TypeAlias = npt.NDArray[np.uint64]
I64: TypeAlias = npt.NDArray[np.int64]
Groups: TypeAlias = tuple[int, ...]

ID_BITS = 40  # a search key is (sum << ID_BITS) | row, so that equal sums rank by row
_CHUNK = 128  # block pairs a chunk: 64 to 256 KB of codes stay in the second-level cache


def _tables(e: Emitter, tables: Value, n_bytes: int) -> list[tuple[Value, Value]]:
    """Load the low and high nibbles' tables for each register of codes."""
    per = max(e.width // 32, 1)  # columns that share a register

    def wide(column: int, nibble: int) -> Value:
        parts = []
        for j in range(column, column + per):
            part = e.load(tables, 16 * (2 * j + nibble), size=16)
            parts.append(part if e.width == 16 else e.join(part, part))
        return parts[0] if per == 1 else e.join(*parts)

    return [(wide(j, 0), wide(j, 1)) for j in range(0, n_bytes, per)]


def _lookups(
    e: Emitter, codes: Value, at: Value, tables: list[tuple[Value, Value]]
) -> Iterator[Value]:
    """Yield the table entries of `width` rows, or of 32 rows and two columns side by side."""
    nibble = e.splat(15)
    for number, (low, high) in enumerate(tables):
        code = e.load(codes, e.add(at, e.number(number * max(e.width, 32))))
        yield e.shuffle_bytes(low, e.bit_and(code, nibble))
        yield e.shuffle_bytes(high, e.bit_and(e.shift_right(code, 4), nibble))


def _reduce(
    e: Emitter,
    codes: Value,
    pair: Value,
    tables: list[tuple[Value, Value]],
    joins: list[Callable[[Value, Value], Value]],
) -> list[Value]:
    """Join all lookups of 64 rows by balanced trees, one for each of `joins`: 64 bytes each."""
    size = 64 * len(tables) * max(e.width // 32, 1)
    start = e.mul(pair, e.number(size))
    pieces: list[list[Value]] = [[] for _ in joins]
    for block in (0, size // 2):
        for part in range(0, 32, min(e.width, 32)):
            at = e.add(start, e.number(block + part))
            found = list(_lookups(e, codes, at, tables))
            for piece, join in zip(pieces, joins, strict=True):
                total = _tree(found, join)
                if e.width == 64:
                    total = join(e.part(total, 0, 32), e.part(total, 32, 32))
                piece.append(total)
    return [_tree(piece, e.join) for piece in pieces]


def _tree(items: list[Value], join: Callable[[Value, Value], Value]) -> Value:
    while len(items) > 1:
        items = [join(*items[i : i + 2]) for i in range(0, len(items), 2)]
    return items[0]


def _exact(e: Emitter, wrapped: Value, mean: Value, n_codebooks: int) -> Value:
    """Recover exact 16-bit sums from sums modulo 256 and rounded-up means.

    Each level of averages adds at most 1/2, so n * mean exceeds the sum by at most
    n * log2(n) / 2 <= 192 < 256: the sum modulo 256 says by how much. Two byte operations a
    lookup, where widening takes three.
    """
    total = e.mul(e.widen(mean, 16), e.splat(n_codebooks, 16, 128))
    excess = e.sub(total, e.widen(wrapped, 16))
    return e.sub(total, e.bit_and(excess, e.splat(255, 16, 128)))


@kernel
def _exact_sums(
    e: Emitter, codes: Value, tables: Value, out: Value, n_pairs: Value, groups: Value
) -> None:
    loaded = _tables(e, tables, 8 * lanes.tuple_length(groups))
    with e.loop(n_pairs) as pair:
        wrapped, mean = _reduce(e, codes, pair, loaded, [e.add, e.average])
        sums = _exact(e, wrapped, mean, 16 * lanes.tuple_length(groups))
        e.store(sums, out, e.mul(pair, e.number(128)))


@kernel
def _saturating_sums(
    e: Emitter, codes: Value, tables: Value, out: Value, n_pairs: Value, groups: Value
) -> None:
    loaded = _tables(e, tables, 8 * lanes.tuple_length(groups))
    with e.loop(n_pairs) as pair:
        (sums,) = _reduce(e, codes, pair, loaded, [e.add_saturating])
        e.store(sums, out, e.mul(pair, e.number(64)))


@kernel
def _small_means(
    e: Emitter,
    codes: Value,
    tables: Value,
    bound: Value,
    flags: Value,
    first: Value,
    n_pairs: Value,
    groups: Value,
) -> None:
    """Flag the rows whose mean is at most `bound`: one 64-bit word for each pair of blocks."""
    loaded = _tables(e, tables, 8 * lanes.tuple_length(groups))
    limit = e.splat(bound, size=64)
    with e.loop(n_pairs) as pair:
        (mean,) = _reduce(e, codes, e.add(pair, first), loaded, [e.average])
        e.store(lanes.mask_bits(e, e.less(limit, mean)), flags, e.mul(pair, e.number(8)))


@kernel(returns=True)
def _lowest_bit(e: Emitter, word: Value) -> Value:
    return lanes.trailing_zeros(e, word)


@jit
def scan_exact(codes: U8, tables: U8, out: U16, groups: Groups) -> None:
    """Write the exact sum of table entries of every row.

    codes (64 p, n_bytes) in blocks, tables (2 n_bytes, 16), out (64 p,). O(p n_bytes).
    """
    _exact_sums(codes, tables, out, out.size // 64, groups)


@jit
def scan_saturating(codes: U8, tables: U8, out: U8, groups: Groups) -> None:
    """Write the sum of table entries of every row, clipped to 255.

    codes (64 p, n_bytes) in blocks, tables (2 n_bytes, 16), out (64 p,). O(p n_bytes).
    """
    _saturating_sums(codes, tables, out, out.size // 64, groups)


@jit
def _row_sum(codes: U8, table: U8, row: int, n_bytes: int) -> int:
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
def _push_flagged(
    codes: U8,
    table: U8,
    flags: U64,
    first: int,
    n_pairs: int,
    n_rows: int,
    allowed: npt.NDArray[np.bool_],
    heap: I64,
    n_bytes: int,
) -> None:
    for pair in range(n_pairs):
        word = ~flags[pair]
        while word != 0:
            bit = _lowest_bit(word)
            word &= word - np.uint64(1)
            row = (first + pair) * 64 + bit
            if row < n_rows and (allowed.size == 0 or allowed[row]):
                key = (_row_sum(codes, table, row, n_bytes) << ID_BITS) | row
                if key < heap[0]:
                    _sink(heap, key)


@jit
def search(
    codes: U8,
    tables: U8,
    heaps: I64,
    flags: U64,
    allowed: npt.NDArray[np.bool_],
    n_rows: int,
    groups: Groups,
) -> None:
    """Keep the keys of the least sums of each query in `heaps`, a max-heap a row.

    codes (p * 64 * n_bytes,) flat, tables (q, 32 n_bytes), heaps (q, k) filled with the largest
    int64, flags (128,) scratch, allowed (n_rows,) or empty. O(q p n_bytes): averages of bytes bound
    each sum from below, only rows that may enter are summed exactly.
    """
    n_bytes = 8 * len(groups)
    n_codebooks = 2 * n_bytes
    slack = 0  # how much n * mean may exceed the sum: see _exact
    levels = n_codebooks
    while levels > 1:
        slack += n_codebooks // 2
        levels //= 2
    total = (n_rows + 63) // 64
    first, chunk = 0, 1
    while first < total:
        n_pairs = min(chunk, total - first)
        for query in range(tables.shape[0]):
            worst = heaps[query, 0] >> ID_BITS
            bound = min((worst + slack) // n_codebooks, 255)
            _small_means(codes, tables[query], bound, flags, first, n_pairs, groups)
            _push_flagged(
                codes, tables[query], flags, first, n_pairs, n_rows, allowed, heaps[query], n_bytes
            )
        first += n_pairs
        chunk = min(2 * chunk, _CHUNK)
