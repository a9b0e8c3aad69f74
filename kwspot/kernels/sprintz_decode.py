"""Decode Sprintz streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compile import kernel
from .forecast import STATE_VECTORS, forecaster, load_state, store_state, unzigzag
from .sprintz_bits import HEADER_BITS, PLAN_BYTES, Block, unpackers

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from .simd import Emitter, Value
    from .sprintz_bits import Unpacker

TABLE_BYTES = 256
STATE_BYTES = 64 * STATE_VECTORS
PADDING = 128  # bytes that must be readable behind a stream


@kernel(returns=True)
def plan_group(
    e: Emitter,
    stream: Value,
    header: Value,
    columns: Value,
    table: Value,
    plan: Value,
    out: Value,  # noqa: ARG001 - tells the type
) -> Value:
    """Write the plans of all stripes of both blocks; return the bits of their rows, 32 bits each.

    Both at once, as they do not wait for one another, nor for the rows.
    """
    stripes = _Stripes(e, e.item_bits["out"], columns)
    totals = [e.register(e.number(0)) for _ in range(2)]

    def write(unpack: Unpacker, stripe: Value) -> None:
        for number, total in enumerate(totals):
            entry = stripes.entry(e.number(number), stripe)
            here = e.at(table, e.mul(entry, e.number(TABLE_BYTES)))
            first = e.mul(stripe, e.number(stripes.lanes))
            block = Block(e.number(number), columns, first, here)
            place = e.at(plan, e.mul(entry, e.number(PLAN_BYTES)))
            total.value = unpack.plan(e.at(stream, header), block, total.value, place)

    stripes.visit(write)
    return e.bit_or(totals[0].value, e.shift_left(totals[1].value, 32))


@kernel
def decode_rows(
    e: Emitter,
    stream: Value,
    payload: Value,
    row_bytes: Value,
    work: Value,
    block: Value,
    state: Value,
    columns: Value,
    fire: Value,
    out: Value,
    at: Value,
    bounce: Value,
    safe: Value,
) -> None:
    """Decode block `block` of a group to item `at` of `out`, or to `bounce` unless `safe`."""
    bits = e.item_bits["out"]
    stripes, item = _Stripes(e, bits, columns), e.number(bits // 8)
    target = e.select(e.less(e.number(0), safe), e.at(out, e.mul(at, item)), bounce)
    source, stride = e.at(stream, payload), e.mul(columns, item)

    def decode(unpack: Unpacker, number: Value) -> None:
        plan = e.at(work, e.mul(stripes.entry(block, number), e.number(PLAN_BYTES)))
        place = e.at(state, e.mul(number, e.number(STATE_BYTES)))
        first = e.opaque(e.at(target, e.mul(number, e.number(stripes.size))))
        rows = unpack.rows(plan, source, row_bytes)
        with e.either(e.less(e.number(0), fire)) as branches:
            for with_fire, branch in zip((True, False), branches, strict=True):
                with branch:
                    here = first
                    before = load_state(e, with_fire, place, bits, unpack.size)
                    model = forecaster(e, with_fire, before)
                    for row, z in enumerate(rows()):
                        value = model.decode(unzigzag(e, z), row)
                        e.store(value, here)
                        here = e.at(here, stride)
                    model.learn()
                    store_state(e, model.state(), place)

    stripes.visit(decode, backwards=True)  # a row's last stripe writes past its end


class _Stripes:
    """The stripes of a row: full registers and, if a narrow one holds the other columns, that."""

    def __init__(self, e: Emitter, bits: int, columns: Value) -> None:
        self._e = e
        self._wide, *self._narrow = unpackers(e, bits)
        self.size, self.lanes = self._wide.size, self._wide.columns
        spare = sum(unpack.columns for unpack in self._narrow)
        least = e.add(columns, e.number(self.lanes - 1 - spare))
        self._full = e.builder.udiv(least, e.number(self.lanes))
        self._more = e.less(e.mul(self._full, e.number(self.lanes)), columns)

    def entry(self, block: Value, stripe: Value) -> Value:
        """Count the stripe among those of both blocks of a group."""
        e = self._e
        count = e.add(self._full, e.builder.zext(self._more, self._full.type))
        return e.add(e.mul(block, count), stripe)

    def visit(self, emit: Callable[[Unpacker, Value], None], *, backwards: bool = False) -> None:
        """Emit code for each stripe: how it is unpacked, and its number."""
        e = self._e
        if not backwards:
            with e.loop(self._full) as stripe:
                emit(self._wide, stripe)
        for unpack in self._narrow:
            with e.when(self._more):
                emit(unpack, self._full)
        if backwards:
            with e.loop(self._full) as done:
                emit(self._wide, e.sub(e.sub(self._full, e.number(1)), done))


def header_table(columns: int, bits: int) -> npt.NDArray[np.uint8]:
    """Precompute how to spread the header's fields, for each block of a group and each stripe.

    Only processors with byte permutes use it. Each entry of 256 bytes: byte indices, bit starts,
    masks (64 bytes each) and the first byte (int64). O(columns).
    """
    field, word, stripe = HEADER_BITS[bits], 64 // bits, 512 // bits
    stripes = -(-columns // stripe)
    entry = np.arange(2 * stripes)[:, None]
    first = entry % stripes * stripe
    origin = field * (entry // stripes * columns + first)
    byte = np.arange(64)
    lane = byte * 8 // bits
    start = origin + field * (lane // word) * word
    table = np.zeros((2 * stripes, TABLE_BYTES), np.uint8)
    table[:, :64] = (start >> 3) - (origin >> 3) + byte % 8
    table[:, 64:128] = (start & 7) + field * (lane % word)
    inside = (first + lane < columns) & (byte * 8 % bits == 0)
    table[:, 128:192] = inside * ((1 << field) - 1)
    table[:, 192:200] = (origin >> 3).astype("<i8").view(np.uint8)
    return table.reshape(-1)
