"""Bolt encoding: the nearest of 16 centroids in each run of columns, 16 rows a step.

A vector holds what the 16 centroids of a codebook are to one row, so that rows are read as they
lie in memory and one centroid column serves as many rows as there are registers for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from .compile import jit, kernel
from .simd import lanes

if TYPE_CHECKING:
    from .simd import Emitter, Register, Value

F32: TypeAlias = npt.NDArray[np.float32]
I64: TypeAlias = npt.NDArray[np.int64]
U8: TypeAlias = npt.NDArray[np.uint8]

_BLOCK = 32
_ROWS = 16  # a step, so that a tile stays in the first-level cache with what it meets
_SIZE = 64  # bytes of 16 floats: a vector of losses, and a row's share of a group of columns
# Lanes of two vectors, one behind the other: the first and the second of all neighbours, which are
# lanes at first and whole 16 bytes later. Shuffles inside 16 bytes are cheap.
_NEAR = [[at + i + odd for at in range(0, 16, 4) for i in (0, 2, 16, 18)] for odd in (0, 1)]
_FAR = [[at + i for at in range(4 * odd, 32, 8) for i in range(4)] for odd in (0, 1)]
_TOGETHER = {"avx512": 16, "avx2": 4, "neon": 4}  # rows whose losses fit in registers, else 2


@kernel
def _centre(e: Emitter, x: Value, at: Value, mean: Value, tile: Value, width: Value) -> None:
    """Write 16 rows of x minus the mean to a tile; leaves the last width % 4 columns.

    tile [group of 16 columns][16 rows][16]: steps from row to row are known when compiling.
    """
    groups = e.bit_and(width, e.number(-16))
    pieces = ((e.number(0), groups, _SIZE), (groups, e.bit_and(width, e.number(-4)), 16))
    row_bytes = e.mul(width, e.number(4))
    for first, stop, size in pieces:
        with e.loop(_ROWS, step=4) as row, e.loop(e.sub(stop, first), step=size // 4) as step:
            column = e.add(first, step)
            offset = e.mul(column, e.number(4))
            means = lanes.load(e, mean, offset, size)
            to = e.add(_place(e, column), e.mul(row, e.number(_SIZE)))
            source = e.add(e.mul(e.add(at, row), row_bytes), offset)
            for i in range(4):
                values = lanes.load(e, x, source, size)
                e.store(lanes.sub(e, values, means), tile, e.add(to, e.number(i * _SIZE)))
                source = e.add(source, row_bytes)


def _place(e: Emitter, column: Value) -> Value:
    """Find a column of a tile, in the first row."""
    group = e.mul(e.shift_right(column, 4), e.number(_ROWS * _SIZE))
    return e.add(group, e.mul(e.bit_and(column, e.number(15)), e.number(4)))


@kernel
def _nearest(
    e: Emitter,
    tile: Value,
    centroids: Value,
    norms: Value,
    starts: Value,
    codes: Value,
    at: Value,
    n_bytes: Value,
    x: Value,
    behind: Value,
) -> None:
    """Write the codes of the rows from `at` on, a tile.

    A loss is half the squared norm of a centroid minus its product with the row. Meanwhile the next
    rows, from byte `behind` of x on, are fetched.
    """
    together = _TOGETHER.get(e.cpu.level, 2)
    block = e.mul(e.bit_and(at, e.number(-_BLOCK)), n_bytes)
    first = e.add(block, e.bit_and(at, e.number(_ROWS)))
    with e.loop(e.mul(n_bytes, e.number(2))) as codebook, e.loop(_ROWS, step=together) as row:
        start, stop = (
            e.load_scalar(starts, e.mul(e.add(codebook, e.number(i)), e.number(8))) for i in (0, 1)
        )
        norm = lanes.load(e, norms, e.mul(codebook, e.number(_SIZE)), _SIZE)
        losses = [e.register(norm) for _ in range(together)]
        with e.loop(e.sub(stop, start)) as step:
            column = e.add(start, step)
            lanes.prefetch(e, x, e.add(behind, e.mul(column, e.number(4 * _ROWS))))
            _subtract_products(e, losses, tile, row, centroids, column)
        found = _least(e, [loss.value for loss in losses])
        to = e.add(e.add(first, row), e.mul(e.shift_right(codebook, 1), e.number(_BLOCK)))
        low = e.load(codes, to, size=together)  # the even codebook's nibbles, written just before
        both = e.bit_or(e.bit_and(low, e.splat(15, size=together)), e.shift_left(found, 4))
        odd = e.equal(e.bit_and(codebook, e.number(1)), e.number(1))
        e.store(e.select(odd, both, found), codes, to)


def _subtract_products(
    e: Emitter, losses: list[Register], tile: Value, row: Value, centroids: Value, column: Value
) -> None:
    """Take from the losses of rows from `row` on what one column adds to their products."""
    centroid = lanes.load(e, centroids, e.mul(column, e.number(_SIZE)), _SIZE)
    place = e.add(_place(e, column), e.mul(row, e.number(_SIZE)))
    for i, loss in enumerate(losses):
        value = lanes.splat(e, tile, e.add(place, e.number(i * _SIZE)), _SIZE)
        loss.value = lanes.sub(e, loss.value, lanes.mul(e, value, centroid))


def _least(e: Emitter, losses: list[Value]) -> Value:
    """Find the first least lane of each of some vectors: one byte a vector.

    Neighbours play against each other, those of two vectors at a time, four rounds long.
    """
    best = losses
    codes = [e.constant(range(16), 32)] * len(losses)
    rows = [[i] * 16 for i in range(len(losses))]  # that each lane is about
    for pair in (_NEAR, _NEAR, _FAR, _FAR):
        both = [(i, min(i + 1, len(best) - 1)) for i in range(0, len(best), 2)]
        ahead, behind = ([e.permute(best[i], side, best[j]) for i, j in both] for side in pair)
        wins = [lanes.less(e, b, a) for a, b in zip(ahead, behind, strict=True)]
        best = [e.select(win, b, a) for win, a, b in zip(wins, ahead, behind, strict=True)]
        ahead, behind = ([e.permute(codes[i], side, codes[j]) for i, j in both] for side in pair)
        codes = [e.select(win, b, a) for win, a, b in zip(wins, ahead, behind, strict=True)]
        rows = [[(rows[i] + rows[j])[lane] for lane in pair[0]] for i, j in both]
    places = [rows[0].index(i) for i in range(len(losses))]
    return e.narrow(e.permute(codes[0], places), 8)


@jit
def encode(
    x: F32, mean: F32, centroids: F32, norms: F32, starts: I64, tile: F32, codes: U8
) -> None:
    """Write the number of the nearest centroid in every run of columns, ties to the lower.

    x (32 b, d), mean (d,), centroids (d, 16) centred, norms (c, 16) half squared norms,
    starts (c + 1,), tile (256 g,) scratch for g >= d / 16, codes (32 b, c / 2) written in blocks.
    O(b d).
    """
    n, width = x.shape
    n_bytes = norms.shape[0] // 2
    for at in range(0, n, _ROWS):
        _centre(x, at, mean, tile, width)
        for column in range(width - width % 4, width):
            for row in range(_ROWS):
                tile[(column >> 4) * 256 + row * 16 + (column & 15)] = (
                    x[at + row, column] - mean[column]
                )
        _nearest(tile, centroids, norms, starts, codes, at, n_bytes, x, 4 * (at + _ROWS) * width)
