"""Emit the forecasters of Sprintz (delta and FIRE) and the zigzag map for one stripe of columns.

A stripe fills one vector register with neighbouring columns, 8 or 16 bits each. The state of a
stripe in memory is up to four vectors: last value, last delta, accumulators of even and of odd
columns.

FIRE needs the high half of (delta x coefficient), for 16 bits one `multiply_high`. 8-bit stripes
are forecast as two vectors of 16-bit lanes, for even and for odd columns: with the delta in the
upper byte, `multiply_high` leaves the forecast in the lower byte, where even columns have it; with
a sign-extended delta, a plain product leaves it in the upper byte, where odd columns have it, and
where a decoder needs the next delta of both.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .simd import Emitter, Value

STATE_VECTORS = 4

# Rows of bit matrices, see `Emitter.bit_matrix`: both maps are linear over the bits of a byte.
_ZIGZAG = 0x808182848890A0C0
_UNZIGZAG = 0x0305091121418101


def zigzag(e: Emitter, error: Value) -> Value:
    """Map 0, -1, 1, -2, ... to 0, 1, 2, 3, ..."""
    bits = error.type.element.width
    if bits == 8 and e.cpu.gfni and error.type.count == 64:
        return e.bit_matrix(error, _ZIGZAG)
    if bits == 8:  # there are no shifts of bytes
        negative = e.less(error, e.zeros(error), signed=True)
        sign = e.select(negative, e.splat(-1, bits, _size(error)), e.zeros(error))
    else:
        sign = e.shift_right(error, bits - 1, signed=True)
    return e.bit_xor(e.add(error, error), sign)


def unzigzag(e: Emitter, z: Value) -> Value:
    """Map 0, 1, 2, 3, ... to 0, -1, 1, -2, ..."""
    bits, size = z.type.element.width, _size(z)
    if bits == 8 and e.cpu.gfni and z.type.count == 64:
        return e.bit_matrix(z, _UNZIGZAG)
    half = e.shift_right(e.cast(z, 16), 1)
    if bits == 8:
        half = e.bit_and(half, e.splat(0x7F7F, 16, size))
    half, odd = e.cast(half, bits), e.bit_and(z, e.splat(1, bits, size))
    if e.cpu.level == "avx512":  # which does not need a vector for a mask
        return e.select(e.less(e.zeros(z), odd), e.sub(half, z), half)
    return e.bit_xor(half, e.sub(e.zeros(z), odd))


def _size(vector: Value) -> int:
    return int(vector.type.count * vector.type.element.width // 8)


class Delta:
    """Predict that nothing changes. `state` points to the stripe's state in memory."""

    def __init__(self, e: Emitter, state: list[Value]) -> None:
        self._e = e
        (self._value,) = state

    def encode(self, value: Value, row: int) -> Value:  # noqa: ARG002 - as `Fire8` has it
        """Turn the values of a row into errors."""
        error = self._e.sub(value, self._value)
        self._value = value
        return error

    def decode(self, error: Value, row: int) -> Value:  # noqa: ARG002 - as `Fire8` has it
        """Turn the errors of a row into values."""
        self._value = self._e.add(self._value, error)
        return self._value

    def learn(self) -> None:
        """Do nothing: there is nothing to learn."""

    def state(self) -> list[Value]:
        """Hand out the state, to go on from later."""
        return [self._value]


class Fire(ABC):
    """What both widths share. The state is value, delta, accumulators of even and odd columns."""

    def __init__(self, e: Emitter, state: list[Value]) -> None:
        self._e, self._size = e, _size(state[0])
        self._value, self._delta, *self._count = state
        self._steps: list[Value] = []
        self._begin()

    @abstractmethod
    def _begin(self) -> None:
        """Fix the coefficients for a block."""

    @abstractmethod
    def _predict(self, delta: Value) -> Value:
        """Forecast the deltas that follow these."""

    def _descend(self, delta: Value, error: Value) -> Value:
        return self._e.add_with_sign(self._e.zeros(error), delta, error)

    def encode(self, value: Value, row: int) -> Value:
        """Turn the values of a row into errors."""
        e = self._e
        delta = e.sub(value, self._value)
        error = e.sub(delta, self._predict(self._delta))
        if row % 2:
            self._steps.append(self._descend(self._delta, error))
        self._value, self._delta = value, delta
        return error

    def encode_packed(self, even: Value, odd: Value) -> tuple[Value, Value]:
        """Turn the values of a block into errors, four rows of 8 bytes in each vector.

        even has rows 0, 2, 4, 6 and odd 1, 3, 5, 7; the state is repeated in every such row,
        except value and delta, which are those of the odd rows before.
        """
        e = self._e
        even_delta = e.sub(even, self._before(odd, self._value))
        odd_delta = e.sub(odd, even)
        even_error = e.sub(even_delta, self._predict(self._before(odd_delta, self._delta)))
        odd_error = e.sub(odd_delta, self._predict(even_delta))
        step = self._descend(even_delta, odd_error)
        for lanes in ((2, 3, 0, 1), (1, 0, 3, 2)):  # sum the rows, leaving the sum in each
            step = e.add(step, self._rows(step, lanes))
        self._steps.append(step)
        self._value, self._delta = odd, odd_delta
        return even_error, odd_error

    def _before(self, odd: Value, last: Value) -> Value:
        """Take what precedes the even rows: the last row of the block before, rows 1, 3, 5."""
        return self._rows(last, (3, 4, 5, 6), odd)

    def _rows(self, packed: Value, rows: tuple[int, ...], more: Value | None = None) -> Value:
        e, bits = self._e, packed.type.element.width
        more = None if more is None else e.cast(more, 64)
        return e.cast(e.permute(e.cast(packed, 64), rows, more), bits)

    @abstractmethod
    def decode(self, error: Value, row: int) -> Value:
        """Turn the errors of a row into values."""

    def learn(self) -> None:
        """Update the accumulators after the 8 rows of a block."""
        self._update(functools.reduce(self._e.add, self._steps))
        self._steps = []
        self._begin()

    @abstractmethod
    def _update(self, gradient: Value) -> None:
        """Add to the accumulators a quarter of what four rows sum up to."""

    def state(self) -> list[Value]:
        """Hand out the state, to go on from later."""
        return [self._value, self._delta, *self._count]


class Fire8(Fire):
    """FIRE for bytes: coefficients have 16-bit lanes, one vector for even and one for odd columns.

    Values and deltas are bytes, accumulators 16-bit lanes.
    """

    def __init__(self, e: Emitter, state: list[Value]) -> None:
        self._upper = e.splat(0xFF00, 16, _size(state[0]))
        super().__init__(e, state)
        self._signed = self._split(self._delta)

    def _begin(self) -> None:
        e = self._e
        keep = e.splat(-16, 16, self._size)
        self._coefficient = [e.bit_and(e.shift_right(c, 1, signed=True), keep) for c in self._count]

    def _merge(self, even: Value, odd: Value) -> Value:
        """Take lower bytes from `even`, upper bytes from `odd`."""
        e = self._e
        lower = e.bit_and(even, e.splat(0x00FF, 16, self._size))
        return e.cast(e.bit_or(lower, e.bit_and(odd, self._upper)), 8)

    def _split(self, delta: Value) -> list[Value]:
        """Extend the deltas to 16 bits: even columns, odd columns."""
        e, pairs = self._e, self._e.cast(delta, 16)
        return [e.shift_right(half, 8, signed=True) for half in (e.shift_left(pairs, 8), pairs)]

    def _predict(self, delta: Value) -> Value:
        e, pairs = self._e, self._e.cast(delta, 16)
        even, odd = self._coefficient
        even = e.multiply_high(e.shift_left(pairs, 8), even, signed=True)
        return self._merge(even, e.mul(e.shift_right(pairs, 8, signed=True), odd))

    def decode(self, error: Value, row: int) -> Value:
        """Turn the errors of a row into values."""
        e = self._e
        if row % 2:
            self._steps.append(self._descend(self._delta, error))
        lifted = e.cast(e.shift_left(e.cast(error, 16), 8), 8), error  # lower bytes do not matter
        deltas = [
            e.cast(e.add(e.cast(e.mul(delta, coefficient), 8), half), 16)
            for delta, coefficient, half in zip(
                self._signed, self._coefficient, lifted, strict=True
            )
        ]
        self._signed = [e.shift_right(delta, 8, signed=True) for delta in deltas]
        self._delta = self._merge(self._signed[0], deltas[1])
        self._value = e.add(self._value, self._delta)
        return self._value

    def _update(self, gradient: Value) -> None:
        e, pairs = self._e, self._e.cast(gradient, 16)
        lifted = e.shift_left(pairs, 8), e.bit_and(pairs, self._upper)
        for odd, half in enumerate(lifted):
            mean = e.shift_right(half, 10, signed=True)  # a quarter, back in the lower byte
            self._count[odd] = e.add(self._count[odd], mean)


class Fire16(Fire):
    """FIRE for 16-bit columns: accumulators have 32-bit lanes, even and odd columns apart."""

    def _begin(self) -> None:
        e, size = self._e, self._size
        keep = e.splat(-(1 << 12), 32, size)
        even, odd = (e.bit_and(e.shift_right(c, 1, signed=True), keep) for c in self._count)
        even = e.bit_and(even, e.splat(0xFFFF, 32, size))
        self._coefficient = e.cast(e.bit_or(even, e.shift_left(odd, 16)), 16)

    def _predict(self, delta: Value) -> Value:
        return self._e.multiply_high(delta, self._coefficient, signed=True)

    def decode(self, error: Value, row: int) -> Value:
        """Turn the errors of a row into values."""
        e = self._e
        if row % 2:
            self._steps.append(self._descend(self._delta, error))
        self._delta = e.add(error, self._predict(self._delta))
        self._value = e.add(self._value, self._delta)
        return self._value

    def _update(self, gradient: Value) -> None:
        e, pairs = self._e, self._e.cast(gradient, 32)
        for odd, lifted in enumerate((e.shift_left(pairs, 16), pairs)):
            mean = e.shift_right(lifted, 18, signed=True)
            self._count[odd] = e.add(self._count[odd], mean)


def forecaster(e: Emitter, fire: bool, state: list[Value]) -> Delta | Fire:
    """Go on from a state, at the start of a block."""
    return fire_forecaster(e, state) if fire else Delta(e, state)


def fire_forecaster(e: Emitter, state: list[Value]) -> Fire:
    """Go on from a state, at the start of a block."""
    return Fire8(e, state) if state[0].type.element.width == 8 else Fire16(e, state)


def load_state(e: Emitter, fire: bool, place: Value, bits: int, size: int) -> list[Value]:
    """Read the state of a stripe of `size` bytes; all zeros is the beginning."""
    lanes = [bits, bits, 2 * bits, 2 * bits] if fire else [bits]
    return [e.load(place, i * size, lane, size) for i, lane in enumerate(lanes)]


def store_state(e: Emitter, state: list[Value], place: Value) -> None:
    """Write the state of a stripe."""
    for i, vector in enumerate(state):
        e.store(vector, place, i * _size(vector))
