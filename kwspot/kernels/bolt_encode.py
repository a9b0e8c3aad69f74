"""Bolt encoding: the nearest of 16 centroids in each run of columns, 32 rows a step."""

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
I64: TypeAlias = npt.NDArray[np.int64]
U8: TypeAlias = npt.NDArray[np.uint8]

_ROWS = 32


def _columns(e: Emitter, rows: list[Value]) -> list[Value]:
    """Turn the first 4 floats of as many rows as a vector has lanes into 4 columns.

    Every fourth row joins one vector, so that all shuffles stay inside 16 bytes, where they are
    cheap, and rows come out in order.
    """
    a, b, c, d = (_tree([*rows[i::4]], e.join) for i in range(4))
    inside = range(0, a.type.count, 4)
    low = [lane for at in inside for i in (0, 1) for lane in (at + i, a.type.count + at + i)]
    high = [lane + 2 for lane in low]
    first = [
        lane for at in inside for lane in (at, at + 1, a.type.count + at, a.type.count + at + 1)
    ]
    second = [lane + 2 for lane in first]
    halves = [(e.permute(a, lanes, b), e.permute(c, lanes, d)) for lanes in (low, high)]
    return [e.permute(ab, lanes, cd) for ab, cd in halves for lanes in (first, second)]


def _tree(items: list[Value], join: Callable[[Value, Value], Value]) -> Value:
    while len(items) > 1:
        items = [join(*items[i : i + 2]) for i in range(0, len(items), 2)]
    return items[0]


@kernel
def _centre_columns(
    e: Emitter, x: Value, at: Value, mean: Value, tile: Value, width: Value
) -> None:
    """Write 32 rows of x minus the mean by columns; leaves the last width % 4 columns."""
    row_bytes = e.mul(width, e.number(4))
    with e.loop(e.bit_and(width, e.number(-4)), step=4) as column:
        offset = e.add(e.mul(at, row_bytes), e.mul(column, e.number(4)))
        means = [
            lanes.splat(e, mean, e.mul(e.add(column, e.number(i)), e.number(4))) for i in range(4)
        ]
        for group in range(0, _ROWS, e.width // 4):
            numbers = range(group, group + e.width // 4)
            places = [e.add(offset, e.mul(row_bytes, e.number(row))) for row in numbers]
            rows = [lanes.load(e, x, place, 16) for place in places]
            for i, values in enumerate(_columns(e, rows)):
                to = e.mul(e.add(column, e.number(i)), e.number(4 * _ROWS))
                e.store(lanes.sub(e, values, means[i]), tile, e.add(to, e.number(4 * group)))


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
) -> None:
    """Write one block of codes from a tile of centred columns."""
    with e.loop(e.mul(n_bytes, e.number(2))) as codebook:
        code = _codebook(e, tile, centroids, norms, starts, codebook)
        to = e.add(at, e.mul(e.shift_right(codebook, 1), e.number(_ROWS)))
        low = e.load(codes, to, size=_ROWS)  # the even codebook's nibbles, written just before
        both = e.bit_or(e.bit_and(low, e.splat(15, size=_ROWS)), e.shift_left(code, 4))
        odd = e.equal(e.bit_and(codebook, e.number(1)), e.number(1))
        e.store(e.select(odd, both, code), codes, to)


def _codebook(
    e: Emitter, tile: Value, centroids: Value, norms: Value, starts: Value, codebook: Value
) -> Value:
    offset = e.mul(codebook, e.number(8))
    start = e.load_scalar(starts, offset)
    stop = e.load_scalar(starts, e.add(offset, e.number(8)))
    norm_at = e.mul(codebook, e.number(64))
    found = []
    for row in range(0, _ROWS, e.width // 2):  # two registers of rows at a time
        best = code = None
        ahead = 8 if e.width == 64 else 4  # centroids at a time, as many as fit in registers
        for k in range(0, 16, ahead):
            losses = _losses(
                e, tile, centroids, norms, (start, stop), norm_at, row, range(k, k + ahead)
            )
            for number, pair in losses:
                if best is None or code is None:
                    best, code = pair, [e.splat(0, 32), e.splat(0, 32)]
                    continue
                for i in (0, 1):
                    nearer = lanes.less(e, pair[i], best[i])
                    best[i] = e.select(nearer, pair[i], best[i])
                    code[i] = e.select(nearer, e.splat(number, 32), code[i])
        assert code is not None
        found += [e.narrow(half, 8) for half in code]
    return _tree(found, e.join)


def _losses(
    e: Emitter,
    tile: Value,
    centroids: Value,
    norms: Value,
    run: tuple[Value, Value],
    norm_at: Value,
    row: int,
    numbers: range,
) -> list[tuple[int, list[Value]]]:
    """Half the squared norm of each centroid minus its product with the rows."""
    sums = []
    for k in numbers:
        norm = lanes.splat(e, norms, e.add(norm_at, e.number(4 * k)))
        sums.append([e.register(norm), e.register(norm)])
    start, stop = run
    with e.loop(e.sub(stop, start)) as step:
        column = e.add(start, step)
        at = e.add(e.mul(column, e.number(4 * _ROWS)), e.number(4 * row))
        values = [lanes.load(e, tile, e.add(at, e.number(i * e.width))) for i in (0, 1)]
        for k, pair in zip(numbers, sums, strict=True):
            centroid = lanes.splat(
                e, centroids, e.add(e.mul(column, e.number(64)), e.number(4 * k))
            )
            for value, total in zip(values, pair, strict=True):
                total.value = lanes.sub(e, total.value, lanes.mul(e, value, centroid))
    return [(k, [total.value for total in pair]) for k, pair in zip(numbers, sums, strict=True)]


@jit
def encode(
    x: F32, mean: F32, centroids: F32, norms: F32, starts: I64, tile: F32, codes: U8
) -> None:
    """Write the number of the nearest centroid in every run of columns, ties to the lower.

    x (32 b, d), mean (d,), centroids (d, 16) centred, norms (c, 16) half squared norms,
    starts (c + 1,), tile (d, 32) scratch, codes (32 b, c / 2) written in blocks. O(b d).
    """
    n, width = x.shape
    n_bytes = norms.shape[0] // 2
    whole = width - width % 4
    for at in range(0, n, _ROWS):
        _centre_columns(x, at, mean, tile, width)
        for column in range(whole, width):
            for row in range(_ROWS):
                tile[column, row] = x[at + row, column] - mean[column]
        _nearest(tile, centroids, norms, starts, codes, at * n_bytes, n_bytes)
