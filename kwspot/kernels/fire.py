"""FIRE alone: turn a matrix into forecast errors and back, learning as it goes.

A stripe is as many neighbouring columns as fill a register with their values of one row. Encoding,
all rows of a block are known, so the last columns need not leave most of a register idle: 8 bytes
of each of four rows are packed into one. They go along with a stripe in the same loop, where each
part fills the time in which the other one waits for its new coefficients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compile import jit, kernel
from .forecast import STATE_VECTORS, fire_forecaster, load_state, store_state
from .simd import lanes

if TYPE_CHECKING:
    from .forecast import Fire
    from .simd import Emitter, Value

_PACKED = 8  # bytes of a row in a register that has four rows
_DIVISIONS = {
    16: ((16,),),  # little of so narrow a register can be idle
    32: ((_PACKED,), (32,), (32, _PACKED)),
    64: ((_PACKED,), (32,), (32, _PACKED), (64,), (64, _PACKED)),
}
"""For each width of registers: how a stripe's bytes of a row may be divided, narrowest first."""

STATE_BYTES = STATE_VECTORS * (64 + 4 * _PACKED)


class _Part:
    """Neighbouring columns that are encoded together, one register a row."""

    def __init__(self, e: Emitter, bits: int, size: int, state: Value) -> None:
        self._e, self._bits, self._size, self._state = e, bits, size, state
        self._registers = [e.register(v) for v in load_state(e, True, state, bits, size)]

    def encode(self, x: Value, out: Value, rows: list[Value]) -> None:
        """Turn the values of a block, at 8 places of x, into errors at the same places of out."""
        model = fire_forecaster(self._e, [register.value for register in self._registers])
        self._forecast(model, x, out, rows)
        model.learn()
        for register, vector in zip(self._registers, model.state(), strict=True):
            register.value = vector

    def _forecast(self, model: Fire, x: Value, out: Value, rows: list[Value]) -> None:
        e = self._e
        for row, at in enumerate(rows):
            e.store(model.encode(e.load(x, at, self._bits, self._size), row), out, at)

    def finish(self) -> None:
        """Write the state."""
        store_state(self._e, [register.value for register in self._registers], self._state)


class _Packed(_Part):
    """8 bytes of columns, four rows in a register."""

    def _forecast(self, model: Fire, x: Value, out: Value, rows: list[Value]) -> None:
        e = self._e
        values = [e.cast(lanes.load_words(e, x, rows[odd::2]), self._bits) for odd in range(2)]
        errors = [e.cast(packed, 64) for packed in model.encode_packed(*values)]
        for row, at in enumerate(rows):  # in order: the columns may be fewer than are written
            e.store(lanes.word(e, errors[row % 2], row // 2), out, at)


def _encode_stripe(
    e: Emitter,
    division: tuple[int, ...],
    x: Value,
    out: Value,
    stride: Value,
    blocks: Value,
    state: Value,
) -> None:
    """Encode the columns that x begins with."""
    parts: list[tuple[int, _Part]] = []
    start = taken = 0
    for count in division:
        kind, size = (_Packed, 4 * count) if count == _PACKED else (_Part, count)
        parts.append((start, kind(e, e.item_bits["x"], size, e.at(state, taken))))
        start, taken = start + count, taken + STATE_VECTORS * size
    with e.loop(e.shift_left(blocks, 3), 8) as above:
        for start, part in reversed(parts):  # what writes past the row's end goes first
            first = e.add(e.mul(above, stride), e.number(start))
            part.encode(x, out, [e.add(first, e.mul(stride, e.number(row))) for row in range(8)])
    for _, part in parts:
        part.finish()


@kernel(returns=True)
def stripe_columns(e: Emitter, x: Value) -> Value:  # noqa: ARG001 - x tells the type
    """Tell how many columns a stripe has."""
    return e.number(e.width * 8 // e.item_bits["x"])


@kernel(returns=True)
def spare_columns(e: Emitter, x: Value) -> Value:  # noqa: ARG001 - x tells the type
    """Tell how many columns more than a stripe can be encoded together."""
    return e.number((sum(_DIVISIONS[e.width][-1]) - e.width) * 8 // e.item_bits["x"])


@kernel
def stripe_errors(
    e: Emitter, x: Value, out: Value, columns: Value, first: Value, blocks: Value, state: Value
) -> None:
    """Encode all whole blocks of one stripe, and all columns behind it if they are spare."""
    item = e.number(e.item_bits["x"] // 8)
    stride, start = e.mul(columns, item), e.mul(first, item)
    left, most = e.sub(stride, start), sum(_DIVISIONS[e.width][-1])
    left = e.select(e.less(e.number(most), left), e.number(e.width), left)
    narrower = 0
    for division in _DIVISIONS[e.width]:
        wide = sum(division)
        fits = e.bit_and(e.less(e.number(narrower), left), e.less(left, e.number(wide + 1)))
        with e.when(fits):
            _encode_stripe(e, division, e.at(x, start), e.at(out, start), stride, blocks, state)
        narrower = wide


@kernel
def stripe_values(
    e: Emitter, x: Value, out: Value, columns: Value, first: Value, blocks: Value, state: Value
) -> None:
    """Decode all whole blocks of one stripe; writes one register a row."""
    bits, size = e.item_bits["x"], e.width
    item = e.number(bits // 8)
    stride, start = e.mul(columns, item), e.mul(first, item)
    registers = [e.register(vector) for vector in load_state(e, True, state, bits, size)]
    with e.loop(e.shift_left(blocks, 3), 8) as above:
        model = fire_forecaster(e, [register.value for register in registers])
        for row in range(8):
            here = e.add(start, e.mul(stride, e.add(above, e.number(row))))
            e.store(model.decode(e.load(x, here, bits, size), row), out, here)
        model.learn()
        for register, vector in zip(registers, model.state(), strict=True):
            register.value = vector
    store_state(e, [register.value for register in registers], state)


@jit
def fire_rows(x, columns, rows, inverse, out, state):  # type: ignore[no-untyped-def]
    """Forecast the first `rows` rows, a multiple of 8, of x (n,) into out (n,), both flat.

    uint8 or uint16; reads and writes up to 64 bytes behind the last row. state (384 x stripes,)
    uint8 goes on from where it stands, in the same direction. O(rows x columns).
    """
    stripe, blocks = stripe_columns(x), rows // 8
    wide = columns if inverse else max(1, columns - spare_columns(x))
    for back in range(0, wide, stripe):
        s = (wide - 1) // stripe - back // stripe  # the last stripe, which writes too far, first
        part = state[s * STATE_BYTES :]
        if inverse:
            stripe_values(x, out, columns, s * stripe, blocks, part)
        else:
            stripe_errors(x, out, columns, s * stripe, blocks, part)


@jit
def plain_fire_errors(x, columns, out, coefficient, moved, count):  # type: ignore[no-untyped-def]
    """Write the forecast errors of x (n,) int8, flat, into out (n,), without any intrinsic.

    The rows are a multiple of 8 and two before them, which must be 0; errors begin behind those.
    coefficient (8 x columns,) int16 and moved (8 x columns,) int8 are scratch, count (columns,)
    int16 the accumulators. O(n).
    """
    block = 8 * columns
    for start in range(2 * columns, x.size, block):
        for row in range(8):
            part = coefficient[row * columns : (row + 1) * columns]
            for d in range(columns):
                part[d] = (count[d] >> 5) << 4
        now, last = x[start : start + block], x[start - columns : start - columns + block]
        before = x[start - 2 * columns : start - 2 * columns + block]
        errors = out[start : start + block]
        for i in range(block):  # nothing inside a block waits for anything, so all rows at once
            delta = np.int8(last[i] - before[i])
            forecast = np.int16(np.int16(delta) * coefficient[i]) >> np.int16(8)
            error = np.int8(now[i] - last[i] - forecast)
            errors[i] = error
            moved[i] = np.int8(0) if error == 0 else (delta if error > 0 else np.int8(-delta))
        first, second = moved[columns : 2 * columns], moved[3 * columns : 4 * columns]
        third, fourth = moved[5 * columns : 6 * columns], moved[7 * columns : 8 * columns]
        for d in range(columns):
            gradient = np.int8(first[d] + second[d] + third[d] + fourth[d])
            count[d] += gradient >> 2
