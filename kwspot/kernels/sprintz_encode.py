"""Encode Sprintz streams.

In the wide layout every block is forecast stripe by stripe (`scan_block`), which yields the
zigzagged errors and the width of every column; `pack_rows` makes bits of them. The header of a
group can be written only when the widths of its second block are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .compile import inlined, kernel
from .forecast import STATE_VECTORS, forecaster, load_state, store_state, zigzag
from .memory import clear_bytes, copy_bytes
from .sprintz_bits import BYTES, FIELD_SPREAD, HEADER_BITS
from .sprintz_low import scan_low, write_low
from .sprintz_pack import pack_rows

if TYPE_CHECKING:
    from .simd import Emitter, Value

STATE_BYTES = 64 * STATE_VECTORS
LONGEST_RUN = 32767


def _bit_length(e: Emitter, union: Value) -> Value:
    """Count the bits of each lane, where all but one (7, 15) becomes all (8, 16)."""
    bits, size = union.type.element.width, union.type.count * union.type.element.width // 8
    low = e.constant([v.bit_length() for v in range(16)] * (size // 16))
    high = e.constant(([0] + [v.bit_length() + 4 for v in range(1, 16)]) * (size // 16))
    pairs = e.cast(union, 16)
    nibble = e.splat(0x0F0F, 16, size)
    lower = e.shuffle_bytes(low, e.cast(e.bit_and(pairs, nibble), 8))
    upper = e.shuffle_bytes(high, e.cast(e.bit_and(e.shift_right(pairs, 4), nibble), 8))
    length = e.maximum(lower, upper)
    if bits == 16:
        pairs = e.cast(length, 16)
        upper = e.shift_right(pairs, 8)
        raised = e.add(upper, e.splat(8, 16, size))
        lower = e.bit_and(pairs, e.splat(255, 16, size))
        length = e.select(e.equal(upper, e.zeros(upper)), lower, raised)
    almost = e.equal(length, e.splat(bits - 1, bits, size))
    return e.select(almost, e.splat(bits, bits, size), length)


@kernel(returns=True)
def scan_block(
    e: Emitter,
    x: Value,
    at: Value,
    bounce: Value,
    safe: Value,
    columns: Value,
    fire: Value,
    state: Value,
    errors: Value,
    widths: Value,
    fields: Value,
    widths_at: Value,
) -> Value:
    """Forecast the block at item `at` of x, or `bounce` unless `safe`; return 0 if it has no error.

    errors [stripe][8 rows][register], widths and header fields of all columns are written.
    """
    bits, size = e.item_bits["x"], e.width
    item, lanes = e.number(bits // 8), size * 8 // bits
    source = e.select(e.less(e.number(0), safe), e.at(x, e.mul(at, item)), bounce)
    stride, busy = e.mul(columns, item), e.register(e.number(0))

    def stripe(first: Value, with_fire: bool) -> None:
        number = e.builder.udiv(first, e.number(lanes))
        place = e.at(state, e.mul(number, e.number(STATE_BYTES)))
        target = e.at(errors, e.mul(number, e.number(8 * size)))
        model = forecaster(e, with_fire, load_state(e, with_fire, place, bits, size))
        left = e.splat(e.minimum(e.sub(columns, first), e.number(lanes)), bits, size)
        inside = e.less(e.constant(range(lanes), bits), left)
        union = e.splat(0, bits, size)
        for row in range(8):
            where = e.add(e.mul(stride, e.number(row)), e.mul(first, item))
            z = zigzag(e, model.encode(e.load(source, where, bits, size), row))
            z = e.select(inside, z, e.zeros(z))
            union = e.bit_or(union, z)
            e.store(z, target, row * size)
        model.learn()
        store_state(e, model.state(), place)
        width = _bit_length(e, union)
        width = e.narrow(width, 8) if bits == 16 else width
        where = e.add(widths_at, first)
        e.store(width, widths, where)
        e.store(_squeeze(e, width, bits), fields, where)
        busy.value = e.bit_or(busy.value, e.any_bit(union))

    with (
        e.loop(columns, lanes) as first,
        e.either(e.less(e.number(0), fire)) as branches,
    ):
        for with_fire, branch in zip((True, False), branches, strict=True):
            with branch:
                stripe(first, with_fire)
    return busy.value


@kernel
def write_header(
    e: Emitter,
    fields: Value,
    first: Value,
    second: Value,
    columns: Value,
    out: Value,
    position: Value,
    payload: Value,
    x: Value,  # noqa: ARG001 - tells the type
) -> None:
    """Write the header of a group at `position`; its payload begins at `payload` and stays."""
    saved = e.load_scalar(out, payload)
    field, header = HEADER_BITS[e.item_bits["x"]], e.at(out, position)
    groups = e.shift_right(e.add(columns, e.number(7)), 3)
    zero = e.number(0)
    last = _write_fields(e, e.at(fields, first), groups, header, (zero, zero), field)
    bit = e.mul(columns, e.number(field))
    byte, shift = e.shift_right(bit, 3), e.bit_and(bit, e.number(7))
    # the second block begins inside a byte that the last fields of the first one begin
    done = e.sub(e.shift_left(byte, 3), e.mul(e.sub(groups, e.number(1)), e.number(8 * field)))
    below = e.sub(e.shift_left(e.number(1), shift), e.number(1))
    begun = e.bit_and(e.shift_right(last, done), below)
    _write_fields(e, e.at(fields, second), groups, e.at(header, byte), (shift, begun), field)
    e.store(saved, out, payload)


def _squeeze(e: Emitter, widths: Value, bits: int) -> Value:
    """Put the header fields of every 8 columns, one byte each, next to one another."""
    field, size = HEADER_BITS[bits], widths.type.count
    keeps = [(1 << 8 * field) - 1, *(keep for _, keep in FIELD_SPREAD[field])]
    word = e.cast(widths, 64)
    full = e.bit_and(e.shift_right(word, field), e.splat(BYTES, 64, size))
    word = e.sub(word, full)
    for (by, _), keep in zip(FIELD_SPREAD[field][::-1], keeps[-2::-1], strict=True):
        word = e.bit_or(word, e.shift_right(word, by))
        word = e.bit_and(word, e.splat(keep, 64, size))
    return word


@kernel
def squeeze_widths(
    e: Emitter,
    widths: Value,
    at: Value,
    fields: Value,
    x: Value,  # noqa: ARG001 - tells the type
) -> None:
    """Make the header fields of up to 8 columns."""
    e.store(_squeeze(e, e.load(widths, at, 8, 16), e.item_bits["x"]), fields, at)


def _write_fields(
    e: Emitter, fields: Value, groups: Value, header: Value, first: tuple[Value, Value], field: int
) -> Value:
    """Write the fields of one block from bit ``first[0]`` of its first byte on.

    The bits before it are ``first[1]``; the last 8 fields as they were put are returned.
    """
    shift, begun = first
    carry, last = e.register(begun), e.register(begun)
    with e.loop(groups) as group:
        word = e.load_scalar(fields, e.shift_left(group, 3))
        last.value = e.bit_or(e.shift_left(word, shift), carry.value)
        e.store(last.value, header, e.mul(group, e.number(field)))
        carry.value = e.shift_right(last.value, 8 * field)
    return last.value


@inlined
def write_run(out, position, blocks):  # type: ignore[no-untyped-def]
    """Write the length of a run in one or two bytes; return the position behind it."""
    if blocks < 128:
        out[position] = blocks
        return position + 1
    out[position] = (blocks & 127) | 128
    out[position + 1] = blocks >> 7
    return position + 2


@inlined
def encode(x, columns, fire, out, state, errors, widths, fields, plan, slow, bounce, low):  # type: ignore[no-untyped-def]
    """Write the groups of a stream behind its 8-byte prefix.

    x (n,) uint8 or uint16, rows one after the other; out: uint8, see `codec.bound`. widths has room
    for four blocks: two for the slots of the group, one for the block at hand, one of zeros. low
    is a constant that tells the layout.
    Returns groups, position in `out`, items of x consumed. O(n).
    """
    field = 3 if x.itemsize == 1 else 4
    header_bytes, block = (2 * columns * field + 7) // 8, 8 * columns
    step = widths.size // 4
    # a bare 0 would be a type of its own, for which numba compiles every helper once more
    zero: Any = np.int64(0)
    first, second, spare, none = zero, step, 2 * step, 3 * step
    use_first, use_second = none, none
    clear_bytes(state, state.size)
    clear_bytes(slow, slow.size * 8)
    clear_bytes(widths, widths.size)
    clear_bytes(fields, fields.size)
    groups, slot, header, position, at, run = zero, zero, zero, zero + 8, zero, zero
    ending = x.size < 128
    while not ending or slot == 1:
        left, busy = x.size - at, 0
        if run > 0:  # going on with a run asks for more than starting a group does
            ending = left < 2 * block or (left == 2 * block and (low or not fire))
        elif slot == 0:
            ending = left < 2 * block
        if not ending:
            if low:
                busy = scan_low(x, at, columns, fire, slow, errors, widths, spare, plan)
                squeeze_widths(widths, spare, fields, x)
            else:
                safe = at + block + 64 <= x.size
                if not safe:
                    copy_bytes(bounce, 0, x, at * x.itemsize, block * x.itemsize)
                busy = scan_block(
                    x, at, bounce, safe, columns, fire, state, errors, widths, fields, spare
                )
            at += block
            if busy == 0 and run < LONGEST_RUN:
                run += 1
                continue
        for part in range(2):  # first the run that ends here, if need be an empty one
            if (part == 0 and run == 0 and not (ending and slot == 1)) or (part == 1 and busy == 0):
                continue
            if slot == 0:
                header, position = position, position + header_bytes
            where = none
            if part == 0:
                position, run = write_run(out, position, run), 0
            elif low:
                where, position = spare, write_low(columns, errors, widths, spare, out, position)
            else:
                where = spare
                position = pack_rows(errors, widths, spare, columns, plan, out, position, x)
            if slot == 0:
                use_first = where
                if where == spare:
                    first, spare = spare, first
                slot = 1
            else:
                use_second = where
                if where == spare:
                    second, spare = spare, second
                write_header(
                    fields, use_first, use_second, columns, out, header, header + header_bytes, x
                )
                groups, slot = groups + 1, 0
        if busy == 0 and not ending:  # a block of zeros after the longest run
            run = 1
    return groups, position, at
