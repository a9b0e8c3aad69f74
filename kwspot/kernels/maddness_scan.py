"""MADDNESS scans: for every output, sums of table entries picked by 4-bit codes, 64 rows a step.

Codes are unpacked once for a chunk of rows and then serve all outputs. Two forms: *planar*, one
64-byte row of codes for each codebook, where the first and the last rows of each register take
turns, so that sums widen without a shuffle; and *quads*, where the CPU can look up 64 bytes and sum
four at once, with the codes of four codebooks for one row side by side, each pointing to its
quarter of a 64-byte table.

The number of codebooks is a compile-time constant, the length of the tuple `books`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from .compile import jit, kernel
from .simd import lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from .simd import Emitter, Value

F32: TypeAlias = npt.NDArray[np.float32]
U8: TypeAlias = npt.NDArray[np.uint8]
Sums: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.uint16]
Books: TypeAlias = tuple[int, ...]

ROWS = 64
CHUNK = 16  # tiles a chunk: their codes stay in the first-level cache for all outputs
_AVERAGED = 16  # codebooks whose bytes are averaged before they are widened


def _quads(e: Emitter) -> bool:
    return e.cpu.vbmi and e.cpu.vnni


def _tree(items: list[Value], join: Callable[[Value, Value], Value]) -> Value:
    """Join neighbours, then pairs of neighbours, and so on: the same order on every machine."""
    while len(items) > 1:
        items = [join(*items[i : i + 2]) for i in range(0, len(items), 2)]
    return items[0]


@kernel
def _unpack_planar(e: Emitter, codes: Value, n_tiles: Value, out: Value, books: Value) -> None:
    n_bytes = lanes.tuple_length(books) // 2
    nibble, zipped = e.splat(15), [i // 2 + i % 2 * (e.width // 2) for i in range(e.width)]
    with e.loop(n_tiles) as tile:
        at = e.mul(tile, e.number(ROWS * n_bytes))
        to = e.mul(tile, e.number(ROWS * 2 * n_bytes))
        for row in range(0, ROWS, e.width):
            for j in range(n_bytes):
                code = e.permute(_column(e, codes, at, row, j, n_bytes), zipped)
                place = 2 * j * ROWS + row
                e.store(e.bit_and(code, nibble), out, e.add(to, e.number(place)))
                high = e.bit_and(e.shift_right(code, 4), nibble)
                e.store(high, out, e.add(to, e.number(place + ROWS)))


def _column(e: Emitter, codes: Value, at: Value, row: int, column: int, n_bytes: int) -> Value:
    """Read a column of codes for a register of rows of the tile at byte `at`."""
    block, within = divmod(row, 32)
    places = [32 * (n_bytes * b + column) + within for b in (block, block + 1)]
    parts = [e.load(codes, e.add(at, e.number(p)), size=min(e.width, 32)) for p in places]
    return e.join(*parts) if e.width == 64 else parts[0]


@kernel
def _unpack(
    e: Emitter,
    codes: Value,
    n_tiles: Value,
    indices: Value,
    out: Value,  # noqa: ARG001 (its type matters)
    books: Value,
) -> None:
    """Unpack as exact sums want it: in quads if the CPU can use them.

    A block makes two registers: its even and odd rows if sums are to be uint16, which then merge
    without a shuffle, else its first and last rows.
    """
    if not _quads(e):
        _unpack_planar.body(e, codes, n_tiles, indices, books)
        return
    n_bytes = lanes.tuple_length(books) // 2
    quarters = e.constant([0, 16, 32, 48] * 16)
    with e.loop(n_tiles) as tile:
        at = e.mul(tile, e.number(ROWS * n_bytes))
        to = e.mul(tile, e.number(ROWS * 2 * n_bytes))
        for block in range(2):
            for quad in range(n_bytes // 2):
                place = e.number(32 * (block * n_bytes + 2 * quad))
                both = e.load(codes, e.add(at, place), size=64)  # two columns of 32 rows
                for half in range(2):
                    first, step = (half, 2) if e.item_bits["out"] == 16 else (16 * half, 1)
                    rows = range(first, first + 16 * step, step)
                    picked = e.permute(both, [i for r in rows for i in (r, r, 32 + r, 32 + r)])
                    words = e.cast(picked, 16)
                    low = e.bit_and(words, e.splat(0x000F, 16, 64))
                    high = e.bit_and(e.shift_right(words, 4), e.splat(0x0F00, 16, 64))
                    index = e.bit_or(e.cast(e.bit_or(low, high), 8), quarters)
                    slot = (quad * 4 + 2 * block + half) * 64
                    e.store(index, indices, e.add(to, e.number(slot)))


def _scale(e: Emitter, sums: Value, out: Value, at: Value, multiply: Value, add: Value) -> None:
    """Write 32-bit sums, scaled, as float32."""
    size = sums.type.count * 4
    scaled = lanes.mul(e, lanes.from_integers(e, sums), lanes.repeat(e, multiply, size))
    shifted = lanes.add(e, scaled, lanes.repeat(e, add, size))
    e.store(shifted, out, e.mul(at, e.number(4)))


@kernel
def _exact(
    e: Emitter,
    indices: Value,
    tables: Value,
    output: Value,
    n_tiles: Value,
    multiply: Value,
    add: Value,
    out: Value,
    at: Value,
    books: Value,
) -> None:
    """Write the exact sums of one output for a chunk."""
    n_codebooks = lanes.tuple_length(books)
    table_at = e.mul(output, e.number(16 * n_codebooks))
    if not _quads(e):
        _planar(e, indices, tables, table_at, n_tiles, (multiply, add), out, at, n_codebooks, True)
        return
    loaded = [
        e.load(tables, e.add(table_at, e.number(64 * quad))) for quad in range(n_codebooks // 4)
    ]
    ones = e.splat(1)
    with e.loop(n_tiles) as tile:
        start = e.mul(tile, e.number(ROWS * n_codebooks))
        first = e.add(at, e.mul(tile, e.number(ROWS)))
        totals = []
        for group in range(4):
            total = e.splat(0, 32)
            for quad, table in enumerate(loaded):
                index = e.load(indices, e.add(start, e.number((quad * 4 + group) * 64)))
                total = e.dot(total, e.permute_bytes(table, index), ones)
            totals.append(total)
        for group in range(0, 4, 2):
            row = e.add(first, e.number(16 * group))
            if e.item_bits["out"] == 16:
                both = e.bit_or(totals[group], e.shift_left(totals[group + 1], 16))
                e.store(both, out, e.mul(row, e.number(2)))
            else:
                _scale(e, totals[group], out, row, multiply, add)
                _scale(e, totals[group + 1], out, e.add(row, e.number(16)), multiply, add)


@kernel
def _averaged(
    e: Emitter,
    indices: Value,
    tables: Value,
    output: Value,
    n_tiles: Value,
    multiply: Value,
    add: Value,
    out: Value,
    at: Value,
    books: Value,
) -> None:
    """Write the sums of group means of one output for a chunk."""
    n_codebooks = lanes.tuple_length(books)
    table_at = e.mul(output, e.number(16 * n_codebooks))
    _planar(e, indices, tables, table_at, n_tiles, (multiply, add), out, at, n_codebooks, False)


def _planar(
    e: Emitter,
    indices: Value,
    tables: Value,
    table_at: Value,
    n_tiles: Value,
    scale: tuple[Value, Value],
    out: Value,
    at: Value,
    n_codebooks: int,
    exact: bool,
) -> None:
    loaded = []
    for codebook in range(n_codebooks):
        table = e.load(tables, e.add(table_at, e.number(16 * codebook)), size=16)
        while table.type.count < e.width:
            table = e.join(table, table)
        loaded.append(table)
    with e.loop(n_tiles) as tile:
        start = e.mul(tile, e.number(ROWS * n_codebooks))
        first = e.add(at, e.mul(tile, e.number(ROWS)))
        for row in range(0, ROWS, e.width):
            found = [
                e.shuffle_bytes(
                    table, e.load(indices, e.add(start, e.number(codebook * ROWS + row)))
                )
                for codebook, table in enumerate(loaded)
            ]
            sums = _exact_sum(e, found) if exact else _sum_of_means(e, found)
            if e.item_bits["out"] == 16:
                e.store(sums, out, e.mul(e.add(first, e.number(row)), e.number(2)))
                continue
            for part in range(0, e.width, e.width // 4):
                piece = e.widen(e.part(sums, part, e.width // 4), 32)
                _scale(e, piece, out, e.add(first, e.number(row + part)), *scale)


def _exact_sum(e: Emitter, found: list[Value]) -> Value:
    """Add bytes exactly: modulo 256, and by rounded-up means that say how often 256 was lost.

    n times the mean exceeds the sum by at most n log2(n) / 2, which is below 256 up to n = 64.
    """
    size = 2 * e.width
    total = e.mul(_unzipped(e, _tree(found, e.average)), e.splat(len(found), 16, size))
    excess = e.sub(total, _unzipped(e, _tree(found, e.add)))
    return e.sub(total, e.bit_and(excess, e.splat(255, 16, size)))


def _sum_of_means(e: Emitter, found: list[Value]) -> Value:
    """Average groups of 16 bytes, then add the means in 16 bits."""
    groups = [found[i : i + _AVERAGED] for i in range(0, len(found), _AVERAGED)]
    means = [_unzipped(e, _tree(group, e.average)) for group in groups]
    return _tree(means, e.add)


def _unzipped(e: Emitter, rows: Value) -> Value:
    """Widen bytes, of which the even ones are the first rows and the odd ones the last."""
    pairs = e.cast(rows, 16)
    return e.join(e.bit_and(pairs, e.splat(255, 16)), e.shift_right(pairs, 8))


@jit
def scan_exact(
    codes: U8, tables: U8, multiply: F32, add: F32, indices: U8, out: Sums, books: Books
) -> None:
    """Write the exact sums of table entries of every output and row.

    codes (2 t, c / 2, 32), tables (m, c, 16), multiply and add (m,), indices (16 * 64 * c,)
    scratch, out (m, 64 t): uint16 sums, or float32 ``sum * multiply + add``. O(t c m).
    """
    n_tiles = codes.shape[0] // 2
    for first in range(0, n_tiles, CHUNK):
        count = min(CHUNK, n_tiles - first)
        _unpack(codes[2 * first :], count, indices, out, books)
        for output in range(tables.shape[0]):
            at = output * out.shape[1] + first * ROWS
            scale, shift = multiply[output], add[output]
            _exact(indices, tables, output, count, scale, shift, out, at, books)


@jit
def scan_averaged(
    codes: U8, tables: U8, multiply: F32, add: F32, indices: U8, out: Sums, books: Books
) -> None:
    """Write sums of the means of 16 table entries, rounded up level by level.

    As `scan_exact`; with fewer than 16 codebooks there is one mean of all. O(t c m).
    """
    n_tiles = codes.shape[0] // 2
    for first in range(0, n_tiles, CHUNK):
        count = min(CHUNK, n_tiles - first)
        _unpack_planar(codes[2 * first :], count, indices, books)
        for output in range(tables.shape[0]):
            at = output * out.shape[1] + first * ROWS
            scale, shift = multiply[output], add[output]
            _averaged(indices, tables, output, count, scale, shift, out, at, books)
