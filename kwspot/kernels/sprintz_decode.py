"""Decode Sprintz streams."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .compile import inlined, jit, kernel
from .forecast import STATE_VECTORS, forecaster, load_state, store_state, unzigzag
from .sprintz_bits import PLAN_BYTES, Block, unpacker
from .sprintz_low import decode_low

if TYPE_CHECKING:
    from .simd import Emitter, Value

TABLE_BYTES = 256
STATE_BYTES = 64 * STATE_VECTORS
PADDING = 128  # bytes that must be readable behind a stream

# What a decoder returns when it does not return the number of bytes read.
TRUNCATED, OVERFULL = -1, -2


@kernel(returns=True)
def stripe_columns(e: Emitter, out: Value) -> Value:
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
    out: Value,
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


@jit
def clear(state, slow, size):  # type: ignore[no-untyped-def]
    """Set the forecasters of ``state[:size]`` and of `slow` back to 0. O(size)."""
    for i in range(size):
        state[i] = 0
    for i in range(slow.shape[1]):
        slow[0, i] = slow[1, i] = slow[2, i] = 0


@jit
def fill_table(table, columns, bits, stripe):  # type: ignore[no-untyped-def]
    """Precompute how to spread the header's fields, for each block of a group and each stripe.

    table (2 x stripes x 256,) uint8 is written. Each entry: byte indices, bit starts, masks
    (64 bytes each) and the first byte (int64). O(columns).
    """
    field = 3 if bits == 8 else 4
    word = 64 // bits
    stripes = (columns + stripe - 1) // stripe
    for entry in range(2 * stripes):
        first = (entry % stripes) * stripe
        origin = field * ((entry // stripes) * columns + first)
        at = entry * TABLE_BYTES
        for byte in range(64):
            lane = byte * 8 // bits
            start = origin + field * (lane // word) * word
            table[at + byte] = (start >> 3) - (origin >> 3) + byte % 8
            table[at + 64 + byte] = (start & 7) + field * (lane % word)
            inside = first + lane < columns and byte * 8 % bits == 0
            table[at + 128 + byte] = (1 << field) - 1 if inside else 0
        for byte in range(8):
            table[at + 192 + byte] = ((origin >> 3) >> (8 * byte)) & 255


@inlined
def decode(stream, size, groups, columns, fire, out, coded, work, table, state, slow, bounce):  # type: ignore[no-untyped-def]
    """Expand the groups of a stream into ``out[:coded]``; return where its tail begins.

    stream (size + PADDING or more,) uint8; out (coded or more,) uint8 or uint16: what lies behind
    `coded` may be overwritten. work, table, state: see `scratch`. Negative: the stream is
    TRUNCATED, or holds more (OVERFULL) or fewer than `coded` items. O(coded).
    """
    bits = out.itemsize * 8
    stripe = stripe_columns(out)
    stripes = (columns + stripe - 1) // stripe
    block, low = 8 * columns, columns * out.itemsize <= 4
    header_bytes = (2 * columns * (3 if bits == 8 else 4) + 7) // 8
    fill_table(table, columns, bits, stripe)
    clear(state, slow, stripes * STATE_BYTES)
    position, at = 8, 0
    for _ in range(groups):
        header = position
        position += header_bytes
        if position > size:
            return TRUNCATED
        # both blocks first: their plans do not wait for one another, nor for the rows
        first_total = plan_block(stream, header, 0, columns, table, work, out)
        second_total = plan_block(stream, header, 1, columns, table, work, out)
        for number in range(2):
            total = second_total if number else first_total
            repeat, row_bytes, payload = 1, (total + 7) >> 3, position
            if total == 0:
                if position + 2 > size + (stream[position] < 128):
                    return TRUNCATED
                repeat = np.int64(stream[position])
                position += 1
                if repeat >= 128:
                    repeat = (repeat & 127) | (np.int64(stream[position]) << 7)
                    position += 1
            else:
                position += total if low else 8 * row_bytes
                if position > size:
                    return TRUNCATED
            if at + repeat * block > coded:
                return OVERFULL
            for _ in range(repeat):
                safe = at + block + 64 <= out.size
                if low:
                    decode_low(stream, header, number, columns, payload, fire, out, at, slow)
                    at += block
                    continue
                decode_rows(
                    stream, payload, row_bytes, work, number * stripes * PLAN_BYTES, state,
                    columns, fire, out, at, bounce, safe,
                )  # fmt: skip
                if not safe:
                    for i in range(block):
                        out[at + i] = bounce[i]
                at += block
    return position if at == coded else TRUNCATED
