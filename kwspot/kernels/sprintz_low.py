"""The low layout of Sprintz, for 8-bit streams of 1 to 4 columns and 16-bit ones of 1 or 2.

Columns are packed one after the other, 8 values of one width each, so there is nothing to do side
by side: these are plain loops. The state is (3, columns) int64: last value, last delta, accumulator
(whose coefficient, unlike in the wide layout, is not truncated).
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from .compile import jit


@jit
def wrap(value, bits):
    """Reduce to a signed number of `bits`."""
    half = np.int64(1) << (bits - 1)
    return ((value + half) & ((half << 1) - 1)) - half


@jit
def predict(slow, column, fire, bits):
    """Forecast the next delta of a column."""
    if not fire:
        return np.int64(0)
    return wrap(wrap(slow[1, column] * (slow[2, column] >> 1), 32) >> bits, bits)


@jit
def learn(slow, column, gradient, bits):
    """Update the accumulator of a column after 8 rows."""
    slow[2, column] = wrap(slow[2, column] + (gradient >> 2), 2 * bits)


@jit
def descend(gradient, error, delta, row, bits):
    """Add sign(error) x (the delta before it) on odd rows."""
    if row % 2 == 0 or error == 0:
        return gradient
    return wrap(gradient + (delta if error > 0 else -delta), bits)


@jit
def read_field(stream, header, bit, field):
    """Read one header field; a field of all ones stands for one bit more. O(1)."""
    low = np.int64(stream[header + (bit >> 3)])
    high = np.int64(stream[header + (bit >> 3) + 1])
    width = ((low | (high << 8)) >> (bit & 7)) & ((1 << field) - 1)
    return width + 1 if width == (1 << field) - 1 else width


@jit
def read_bits(stream, at, bit, width):
    """Read up to 16 bits from bit `bit` behind byte `at`. O(1)."""
    at += bit >> 3
    word = np.int64(stream[at]) | (np.int64(stream[at + 1]) << 8)
    word |= np.int64(stream[at + 2]) << 16
    return (word >> (bit & 7)) & ((1 << width) - 1)


@jit
def decode_low(stream, header, number, columns, payload, fire, out, at, slow):
    """Decode block `number` of a group to item `at` of `out`; slow (3, columns) int64 is state.

    A block of zero widths reads nothing. O(columns).
    """
    bits = 8 * out.itemsize
    field = 3 if bits == 8 else 4
    for column in range(columns):
        width = read_field(stream, header, field * (number * columns + column), field)
        gradient = np.int64(0)
        for row in range(8):
            z = read_bits(stream, payload, row * width, width)
            error = wrap((z >> 1) ^ -(z & 1), bits)
            delta = wrap(error + predict(slow, column, fire, bits), bits)
            gradient = descend(gradient, error, slow[1, column], row, bits)
            slow[0, column] += delta
            slow[1, column] = delta
            out[at + row * columns + column] = slow[0, column] & ((1 << bits) - 1)
        payload += width
        if fire:
            learn(slow, column, gradient, bits)


@jit
def scan_low(x, at, columns, fire, slow, errors, widths, widths_at):
    """Forecast the block at item `at`; return whether any error is not 0. O(columns).

    errors is written as 8 zigzagged errors a column, widths at `widths_at`.
    """
    bits, busy = 8 * x.itemsize, 0
    for column in range(columns):
        union, gradient = np.int64(0), np.int64(0)
        for row in range(8):
            value = np.int64(x[at + row * columns + column])
            delta = wrap(value - slow[0, column], bits)
            error = wrap(delta - predict(slow, column, fire, bits), bits)
            gradient = descend(gradient, error, slow[1, column], row, bits)
            slow[0, column], slow[1, column] = value, delta
            z = ((error << 1) ^ (error >> (bits - 1))) & ((1 << bits) - 1)
            union |= z
            errors[2 * (8 * column + row)] = z & 255
            errors[2 * (8 * column + row) + 1] = z >> 8
        if fire:
            learn(slow, column, gradient, bits)
        width = 0
        while union >> width:
            width += 1
        widths[widths_at + column] = bits if width == bits - 1 else width
        busy |= width
    return busy


@jit
def write_low(columns, errors, widths, widths_at, out, position, x):
    """Pack the errors of a block column by column; return the position behind them. O(columns)."""
    for column in range(columns):
        width = np.int64(widths[widths_at + column])
        word, filled = np.int64(0), 0
        for row in range(8):
            at = 2 * (8 * column + row)
            word |= (np.int64(errors[at]) | (np.int64(errors[at + 1]) << 8)) << filled
            filled += width
            while filled >= 8:
                out[position] = word & 255
                word, filled, position = word >> 8, filled - 8, position + 1
    return position
