"""FIRE alone: turn a matrix into forecast errors and back, learning as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .compile import jit, kernel
from .forecast import STATE_VECTORS, forecaster, load_state, store_state

if TYPE_CHECKING:
    from .simd import Emitter, Value

STATE_BYTES = 64 * STATE_VECTORS


@kernel(returns=True)
def stripe_columns(e: Emitter, x: Value) -> Value:  # noqa: ARG001 - x tells the type
    """Tell how many columns a stripe has."""
    return e.number(e.width * 8 // e.item_bits["x"])


def _forecast(encode: bool) -> Any:
    def forecast_stripe(
        e: Emitter, x: Value, out: Value, columns: Value, first: Value, blocks: Value, state: Value
    ) -> None:
        """Forecast all whole blocks of one stripe; writes one register a row."""
        bits, size = e.item_bits["x"], e.width
        item = e.number(bits // 8)
        stride, start = e.mul(columns, item), e.mul(first, item)
        block = e.shift_left(stride, 3)
        registers = [e.register(vector) for vector in load_state(e, True, state, bits, size)]
        with e.loop(blocks) as number:
            at = e.add(start, e.mul(number, block))
            model = forecaster(e, True, [register.value for register in registers])
            for row in range(8):
                here = e.add(at, e.mul(stride, e.number(row)))
                values = e.load(x, here, bits, size)
                e.store((model.encode if encode else model.decode)(values, row), out, here)
            model.learn()
            for register, vector in zip(registers, model.state(), strict=True):
                register.value = vector
        store_state(e, [register.value for register in registers], state)

    return kernel(forecast_stripe)


stripe_errors, stripe_values = _forecast(True), _forecast(False)


@jit
def fire_rows(x, columns, rows, inverse, out, state):  # type: ignore[no-untyped-def]
    """Forecast the first `rows` rows, a multiple of 8, of x (n,) into out (n,), both flat.

    uint8 or uint16; reads and writes up to 64 bytes behind the last row. state (320 x stripes,)
    uint8 goes on from where it stands. O(rows x columns).
    """
    stripe, blocks = stripe_columns(x), rows // 8
    for back in range(0, columns, stripe):
        s = (columns - 1) // stripe - back // stripe  # the last stripe, which writes too far, first
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
