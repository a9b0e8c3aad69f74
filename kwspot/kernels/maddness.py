"""MADDNESS encoding: four comparisons a code, 64 rows a step.

A tile holds the columns that the trees test, 64 rows of each: column 4c + l is tested at level l
of codebook c. Codes come out in the blocks of 32 rows that Bolt uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .compile import jit, kernel
from .simd import lanes

if TYPE_CHECKING:
    from .simd import Emitter, Value

U8: TypeAlias = npt.NDArray[np.uint8]
U64: TypeAlias = npt.NDArray[np.uint64]

ROWS = 64
_LEVELS = 4
_CHUNK = 32  # tiles a chunk: they stay in the second-level cache for all codebooks


@jit
def gather_columns(x: npt.NDArray[Any], first: int, columns: U64, tile: npt.NDArray[Any]) -> None:
    """Copy the tested columns of up to 64 rows into a tile.

    x (n, d), columns (4 c,), tile (4 c, 64) of the same type; rows past n keep what was there.
    O(c). Row by row: going down columns would fetch every cache line many times.
    """
    for row in range(min(ROWS, x.shape[0] - first)):
        for j in range(columns.size):
            tile[j, row] = x[first + row, columns[j]]


@kernel
def _encode_bytes(
    e: Emitter,
    tiles: Value,
    columns: Value,
    tile_bytes: Value,
    thresholds: Value,
    n_tiles: Value,
    codes: Value,
    n_codebooks: Value,
) -> None:
    """Encode whole tiles of int8: two codebooks at a time, so that their steps overlap."""
    n_bytes = e.shift_right(n_codebooks, 1)
    with e.loop(n_bytes) as pair:
        tests = []
        for i in range(2 * _LEVELS):
            number = e.add(e.mul(pair, e.number(2 * _LEVELS)), e.number(i))
            offset = e.mul(e.load_scalar(columns, e.mul(number, e.number(8))), e.number(ROWS))
            table = e.load(thresholds, e.mul(number, e.number(16)), size=16)
            while table.type.count < e.width:
                table = e.join(table, table)
            tests.append((offset, table))
        with e.loop(n_tiles) as tile:
            start = e.mul(tile, tile_bytes)
            for row in range(0, ROWS, e.width):
                at = e.add(start, e.number(row))
                low = _descend(e, tiles, at, tests[:_LEVELS])
                high = _descend(e, tiles, at, tests[_LEVELS:])
                both = e.bit_or(low, _times_16(e, high))
                _store_column(e, both, codes, tile, row, n_bytes, pair)


def _times_16(e: Emitter, nibbles: Value) -> Value:
    """Shift left by 4: the bits never leave their byte, so wider lanes do."""
    return e.cast(e.shift_left(e.cast(nibbles, 16), 4), 8)


def _descend(e: Emitter, tiles: Value, at: Value, tests: list[tuple[Value, Value]]) -> Value:
    node = None
    one = e.splat(1)
    for offset, table in tests:
        value = e.load(tiles, e.add(at, offset))
        if node is None:
            first = e.permute(table, [0] * e.width)
            node = e.select(e.less(first, value, signed=True), one, e.splat(0))
            continue
        limit = e.shuffle_bytes(table, node)
        left = e.add(node, node)
        node = e.select(e.less(limit, value, signed=True), e.add(left, one), left)
    return node


def _store_column(
    e: Emitter, codes: Value, out: Value, tile: Value, row: int, n_bytes: Value, column: Value
) -> None:
    """Write the codes of `width` rows of a tile, from `row` on, to their blocks."""
    for part in range(0, e.width, 32):
        block = e.add(e.mul(tile, e.number(2)), e.number((row + part) // 32))
        place = e.mul(e.add(e.mul(block, n_bytes), column), e.number(32))
        piece = codes if e.width <= 32 else e.part(codes, part, 32)
        e.store(piece, out, e.add(place, e.number(row % 32)))


@jit
def encode_tiles(
    tiles: npt.NDArray[np.int8],
    columns: U64,
    thresholds: npt.NDArray[np.int8],
    codes: U8,
) -> None:
    """Write the codes of whole tiles of int8.

    tiles (t, w, 64), columns (4 c,) below w, thresholds (c, 4, 16), codes (2 t, c / 2, 32).
    O(t c).
    """
    n_tiles, width, _ = tiles.shape
    for first in range(0, n_tiles, _CHUNK):
        count = min(_CHUNK, n_tiles - first)
        some, out = tiles[first:], codes[2 * first :]
        _encode_bytes(some, columns, width * ROWS, thresholds, count, out, thresholds.shape[0])


@kernel(returns=True)
def _encode_floats(
    e: Emitter, tile: Value, thresholds: Value, codes: Value, at: Value, n_codebooks: Value
) -> Value:
    """Encode one tile of float32 by trees of selections; the result is not 0 beside NaN."""
    unordered = e.register(e.number(0))
    with e.loop(n_codebooks) as codebook:
        limits_at = e.mul(codebook, e.number(64))
        limits = [lanes.splat(e, thresholds, e.add(limits_at, e.number(4 * i))) for i in range(15)]
        start = e.mul(codebook, e.number(_LEVELS * ROWS * 4))
        pieces = []
        for row in range(0, ROWS, e.width // 4):
            at_row = [e.add(start, e.number(4 * (level * ROWS + row))) for level in range(_LEVELS)]
            values = [lanes.load(e, tile, place) for place in at_row]
            for value in values:
                unordered.value = e.bit_or(unordered.value, lanes.nan_bits(e, value))
            pieces.append(_leaf(e, values, limits))
        while len(pieces) > 2:
            pairs = zip(pieces[::2], pieces[1::2], strict=True)
            pieces = [e.join(low, high) for low, high in pairs]
        _merge_nibbles(e, pieces, codes, at, n_codebooks, codebook)
    return unordered.value


def _leaf(e: Emitter, values: list[Value], limits: list[Value]) -> Value:
    """Walk a tree whose nodes are numbered by levels; the result has bytes."""
    right: list[Value] = []
    code = e.splat(0, 32)
    for level, value in enumerate(values):
        open_ = limits[2**level - 1 : 2 ** (level + 1) - 1]
        for mask in right:  # the first comparison halves the candidates from the top
            half = len(open_) // 2
            pairs = zip(open_[half:], open_[:half], strict=True)
            open_ = [e.select(mask, above, below) for above, below in pairs]
        right.append(lanes.less(e, open_[0], value))
        bit = e.select(right[-1], e.splat(8 >> level, 32), e.splat(0, 32))
        code = e.bit_or(code, bit)
    return e.narrow(code, 8)


def _merge_nibbles(
    e: Emitter, blocks: list[Value], codes: Value, at: Value, n_codebooks: Value, codebook: Value
) -> None:
    n_bytes = e.shift_right(n_codebooks, 1)
    for number, code in enumerate(blocks):
        block = e.add(e.mul(n_bytes, e.number(number)), e.shift_right(codebook, 1))
        place = e.add(at, e.mul(block, e.number(32)))
        low = e.load(codes, place, size=32)  # the even codebook's nibbles, written just before
        both = e.bit_or(e.bit_and(low, e.splat(15, size=32)), _times_16(e, code))
        odd = e.equal(e.bit_and(codebook, e.number(1)), e.number(1))
        e.store(e.select(odd, both, code), codes, place)


@jit
def encode_floats(
    x: npt.NDArray[np.float32],
    columns: U64,
    thresholds: npt.NDArray[np.float32],
    tile: npt.NDArray[np.float32],
    codes: U8,
) -> bool:
    """Write the codes of float32 rows, and tell whether a tested value was NaN.

    x (n, d), columns (4 c,) below d, thresholds (c, 16) by levels (the last unused),
    tile (4 c, 64) scratch, codes (2 t, c / 2, 32) for t >= n / 64 tiles. O(n c).
    """
    n_codebooks = thresholds.shape[0]
    tile_bytes = ROWS * n_codebooks // 2
    unordered = 0
    for first in range(0, x.shape[0], ROWS):
        gather_columns(x, first, columns, tile)
        at = first // ROWS * tile_bytes
        unordered |= _encode_floats(tile, thresholds, codes, at, n_codebooks)
    return unordered != 0


@jit
def fill_tiles(x: npt.NDArray[np.int8], columns: U64, tiles: npt.NDArray[np.int8]) -> None:
    """Copy the tested columns of all rows into tiles.

    x (n, d), columns (w,), tiles (t, w, 64) for t >= n / 64. O(n w).
    """
    for first in range(0, x.shape[0], ROWS):
        gather_columns(x, first, columns, tiles[first // ROWS])
