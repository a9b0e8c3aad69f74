"""Decode Sprintz streams."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .compile import kernel
from .forecast import STATE_VECTORS, forecaster, load_state, store_state, unzigzag
from .sprintz_bits import HEADER_BITS, PLAN_BYTES, Block, unpacker

if TYPE_CHECKING:
    import numpy.typing as npt

    from .simd import Emitter, Value

TABLE_BYTES = 256
STATE_BYTES = 64 * STATE_VECTORS
PADDING = 128  # bytes that must be readable behind a stream


@kernel(returns=True)
def stripe_columns(e: Emitter, out: Value) -> Value:  # noqa: ARG001 - out tells the type
    """Tell how many columns a stripe has."""
    return e.number(unpacker(e, e.item_bits["out"]).columns)


@kernel(returns=True)
def plan_block(
    e: Emitter,
    stream: Value,
    header: Value,
    number: Value,
    columns: Value,
    table: Value,
    plan: Value,
    out: Value,  # noqa: ARG001 - tells the type
) -> Value:
    """Write the plans of all stripes of block `number` of a group; return the bits of a row."""
    unpack = unpacker(e, e.item_bits["out"])
    lanes = e.number(unpack.columns)
    stripes = e.builder.udiv(e.add(columns, e.number(unpack.columns - 1)), lanes)
    total = e.register(e.number(0))
    with e.loop(stripes) as stripe:
        entry = e.add(e.mul(number, stripes), stripe)
        block = Block(
            number,
            columns,
            e.mul(stripe, lanes),
            e.at(table, e.mul(entry, e.number(TABLE_BYTES))),
        )
        place = e.at(plan, e.mul(entry, e.number(PLAN_BYTES)))
        total.value = unpack.plan(e.at(stream, header), block, total.value, place)
    return total.value


@kernel
def decode_rows(
    e: Emitter,
    stream: Value,
    payload: Value,
    row_bytes: Value,
    work: Value,
    work_at: Value,
    state: Value,
    columns: Value,
    fire: Value,
    out: Value,
    at: Value,
    bounce: Value,
    safe: Value,
) -> None:
    """Decode 8 rows of all stripes to item `at` of `out`, or to `bounce` unless `safe`."""
    bits = e.item_bits["out"]
    unpack, item = unpacker(e, bits), e.number(bits // 8)
    target = e.select(e.less(e.number(0), safe), e.at(out, e.mul(at, item)), bounce)
    source, stride = e.at(stream, payload), e.mul(columns, item)
    last = e.builder.sdiv(e.sub(columns, e.number(1)), e.number(unpack.columns))

    def stripe(plan: Value, number: Value, with_fire: bool, simple: bool) -> None:
        place = e.at(state, e.mul(number, e.number(STATE_BYTES)))
        model = forecaster(e, with_fire, load_state(e, with_fire, place, bits, unpack.SIZE))
        first = e.at(target, e.mul(number, e.number(unpack.SIZE)))
        for row, z in enumerate(unpack.rows(plan, source, row_bytes, simple)):
            e.store(model.decode(unzigzag(e, z), row), first, e.mul(stride, e.number(row)))
        model.learn()
        store_state(e, model.state(), place)

    with e.loop(e.add(last, e.number(1))) as back:
        number = e.sub(last, back)  # a row's last stripe writes past its end, so it goes first
        plan = e.at(work, e.add(work_at, e.mul(number, e.number(PLAN_BYTES))))
        with e.either(e.less(e.number(0), fire)) as branches:
            for with_fire, branch in zip((True, False), branches, strict=True):
                with branch:
                    unpack.choose(plan, partial(stripe, plan, number, with_fire))


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
