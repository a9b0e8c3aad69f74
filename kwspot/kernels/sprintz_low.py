"""The low layout of Sprintz, for 8-bit streams of 1 to 4 columns and 16-bit ones of 1 or 2.

Columns are packed one after the other, 8 values of one width each, so there is nothing to do side
by side: these are plain loops. The state is (3, columns) int64: last value, last delta, accumulator
(whose coefficient, unlike in the wide layout, is not truncated).
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from .compile import jit
from .memory import load_word, store_word


def is_low(columns: int, item_bytes: int) -> bool:
    """Tell whether so many columns are stored in the low layout."""
    return columns * item_bytes <= 4


@jit
def forecast_low(slow, column, rows, decoding, fire, bits):
    """Turn 8 rows of one column, values or (decoding) errors, into the other; learn.

    rows (64,) uint8 holds them, 8 bytes each; slow (3, columns) int64 is the state. O(1).
    """
    half, full = np.int64(1) << (bits - 1), (np.int64(1) << bits) - 1
    value, delta, gradient = slow[0, column], slow[1, column], np.int64(0)
    coefficient = slow[2, column] >> 1 if fire else np.int64(0)
    for row in range(8):
        product = ((delta * coefficient + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        guess = product >> bits
        item = load_word(rows, 8 * row)
        error = item if decoding else item - value - guess
        error = ((error + half) & full) - half
        if row % 2 == 1 and error != 0:
            gradient += delta if error > 0 else -delta
        delta = ((error + guess + half) & full) - half
        value = (value + delta) & full
        store_word(rows, 8 * row, value if decoding else error)
    if fire:
        gradient = ((gradient + half) & full) - half
        count = slow[2, column] + (gradient >> 2)
        slow[2, column] = ((count + 2 * half * half) & (full * (full + 2))) - 2 * half * half
    slow[0, column], slow[1, column] = value, delta


@jit
def decode_low(stream, header, number, columns, payload, fire, out, at, slow, rows):
    """Decode block `number` of a group to item `at` of `out`.

    slow (3, columns) int64 is the state, rows (64,) uint8 scratch. A block of zero widths reads
    nothing. O(columns).
    """
    bits = 8 * out.itemsize
    field = 3 if bits == 8 else 4
    for column in range(columns):
        bit = field * (number * columns + column)
        width = (load_word(stream, header + (bit >> 3)) >> (bit & 7)) & ((1 << field) - 1)
        width = width + 1 if width == (1 << field) - 1 else width
        for row in range(8):
            bit = row * width
            z = (load_word(stream, payload + (bit >> 3)) >> (bit & 7)) & ((1 << width) - 1)
            store_word(rows, 8 * row, (z >> 1) ^ -(z & 1))
        payload += width
        forecast_low(slow, column, rows, True, fire, bits)
        for row in range(8):
            out[at + row * columns + column] = load_word(rows, 8 * row) & ((1 << bits) - 1)


@jit
def scan_low(x, at, columns, fire, slow, errors, widths, widths_at, rows):
    """Forecast the block at item `at`; return whether any error is not 0. O(columns).

    errors is written as 8 zigzagged errors a column, 8 bytes each; widths at `widths_at`; rows
    (64,) uint8 is scratch.
    """
    bits, busy = 8 * x.itemsize, 0
    for column in range(columns):
        for row in range(8):
            store_word(rows, 8 * row, np.int64(x[at + row * columns + column]))
        forecast_low(slow, column, rows, False, fire, bits)
        union = np.int64(0)
        for row in range(8):
            error = load_word(rows, 8 * row)
            z = ((error << 1) ^ (error >> (bits - 1))) & ((1 << bits) - 1)
            union |= z
            store_word(errors, 8 * (8 * column + row), z)
        width = 0
        while union >> width:
            width += 1
        widths[widths_at + column] = bits if width == bits - 1 else width
        busy |= width
    return busy


@jit
def write_low(columns, errors, widths, widths_at, out, position):
    """Pack the errors of a block column by column; return the position behind them. O(columns)."""
    for column in range(columns):
        width, word, filled = widths[widths_at + column], np.int64(0), np.int64(0)
        for row in range(8):
            word |= load_word(errors, 8 * (8 * column + row)) << filled
            filled += width
            while filled >= 8:
                out[position] = word & 255
                word, filled, position = word >> 8, filled - 8, position + 1
    return position
