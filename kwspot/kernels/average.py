"""The average predictor of the archive mode: half the previous row, half the column before.

Each value is forecast from its left neighbour, so a row cannot be undone side by side. Therefore 64
stretches of the recording are coded beside each other, one in each lane: residuals are laid out as
[row in the stretch][column][stretch].
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import TYPE_CHECKING

from .compile import inlined, jit, kernel
from .forecast import unzigzag

if TYPE_CHECKING:
    from .simd import Emitter, Value

LANES = 64


def _transpose(e: Emitter, rows: list[Value]) -> list[Value]:
    """Transpose squares inside every 16 bytes of as many vectors as 16 bytes have lanes."""
    lanes, count = len(rows), rows[0].type.count
    step = 1
    while step < lanes:
        swapped = list(rows)
        for i in (i for i in range(lanes) if not i & step):
            low, high = [], []
            for lane in range(count):
                inner = lane % lanes
                partner = lane ^ step
                low.append(count + partner if inner & step else lane)
                high.append(count + lane if inner & step else partner)
            swapped[i] = e.permute(rows[i], low, rows[i + step])
            swapped[i + step] = e.permute(rows[i], high, rows[i + step])
        rows, step = swapped, 2 * step
    return rows


@kernel
def scatter_columns(
    e: Emitter, lanes: Value, column: Value, out: Value, at: Value, apart: Value
) -> None:
    """Write 16 bytes of columns from `column` on for all 64 stretches.

    lanes [column][64]; the first stretch's 16 bytes go to item `at`, the next `apart` items on.
    """
    bits = e.item_bits["out"]
    item, square = bits // 8, 128 // bits
    size = min(e.width, LANES * item)
    per_vector = size // item
    for first in range(0, LANES, per_vector):
        source = e.add(e.mul(column, e.number(LANES * item)), e.number(first * item))
        rows = [
            e.load(lanes, e.add(source, e.number(i * LANES * item)), bits, size)
            for i in range(square)
        ]
        for i, row in enumerate(_transpose(e, rows)):
            for part in range(per_vector // square):
                stretch = first + part * square + i
                place = e.add(at, e.mul(apart, e.number(stretch)))
                piece = e.part(row, part * square, square)
                e.store(piece, out, e.mul(place, e.number(item)))


@inlined
def forecast(up, left, first_row, first_column):
    """Average the neighbours, rounding up; at an edge take the one there is."""
    if first_row:
        return left
    if first_column:
        return up
    return (up + left + 1) >> 1


@jit
def average_errors(x, columns, length, zigzagged):
    """Write the zigzagged errors of 64 stretches of `length` rows, x (64 x length x columns,) flat.

    zigzagged (length x columns x 64,), all of uint8 or uint16. O(n).
    """
    bits = 8 * x.itemsize
    half, full = 1 << (bits - 1), (1 << bits) - 1
    for row in range(length):
        for d in range(columns):
            for lane in range(64):
                here = (lane * length + row) * columns + d
                up = int(x[here - columns]) if row > 0 else 0
                left = int(x[here - 1]) if d > 0 else up
                guess = forecast(up, left, row == 0, d == 0)
                error = ((int(x[here]) - guess + half) & full) - half
                zigzagged[(row * columns + d) * 64 + lane] = (
                    (error << 1) ^ (error >> (bits - 1))
                ) & full


@kernel
def undo_row(
    e: Emitter, zigzagged: Value, at: Value, lanes: Value, columns: Value, first_row: Value
) -> None:
    """Replace lanes [column][64], the row before, by the row whose codes begin at byte `at`."""
    bits = e.item_bits["lanes"]
    column_bytes = LANES * bits // 8
    size = min(e.width, column_bytes)
    is_first = e.less(e.number(0), first_row)
    for part in range(0, column_bytes, size):
        # at the first column the value above stands in for the left one, so their mean is it
        left = e.register(e.load(lanes, part, bits, size))
        with e.loop(columns) as column:
            place = e.add(e.mul(column, e.number(column_bytes)), e.number(part))
            up = e.select(is_first, left.value, e.load(lanes, place, bits, size))
            error = unzigzag(e, e.load(zigzagged, e.add(at, place), bits, size))
            left.value = e.add(e.average(up, left.value), error)
            e.store(left.value, lanes, place)


@jit
def average_values(zigzagged, columns, length, lanes, out):
    """Undo `average_errors`: fill out (64 x length x columns,) flat.

    lanes (columns x 64,) is scratch, all of uint8 or uint16. O(n).
    """
    square = 16 // out.itemsize
    apart = length * columns
    for i in range(columns * 64):
        lanes[i] = 0
    for row in range(length):
        undo_row(zigzagged, row * columns * 64 * out.itemsize, lanes, columns, row == 0)
        for column in range(0, columns, square):
            if columns < square:
                for lane in range(64):
                    for d in range(columns):
                        out[lane * apart + row * columns + d] = lanes[d * 64 + lane]
            else:  # the last columns together with some before, so that none is written past them
                first = min(column, columns - square)
                scatter_columns(lanes, first, out, row * columns + first, apart)
