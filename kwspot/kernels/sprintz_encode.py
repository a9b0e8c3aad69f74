"""Encode Sprintz streams.

In the wide layout every block is forecast stripe by stripe (`scan_stripe`), which yields the zigzagged errors and the
width of every column. Packing then joins neighbouring columns, doubling the lanes each time, until
every 64-bit word holds the bits of 8 (or 4 wide) columns; words are appended to the row one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .compile import jit, kernel
from .forecast import STATE_VECTORS, forecaster, load_state, store_state, zigzag
from .simd import INDEX
from .sprintz_bits import BYTES, FIELD_SPREAD, HEADER_BITS
from .sprintz_decode import clear
from .sprintz_low import scan_low, write_low

if TYPE_CHECKING:
    from .simd import Emitter, Value

STATE_BYTES = 64 * STATE_VECTORS
SPARE = 64  # bytes that an encoder may write behind a stream
LONGEST_RUN = 32767


def _size(e: Emitter) -> int:
    return e.width


@kernel(returns=True)
def scan_columns(e: Emitter, x: Value) -> Value:
    """Tell how many columns a stripe of the encoder has."""
    return e.number(_size(e) * 8 // e.item_bits["x"])


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


def _scan(fire: bool) -> Any:
    def scan_stripe(
        e: Emitter,
        x: Value,
        at: Value,
        bounce: Value,
        bounce_at: Value,
        safe: Value,
        columns: Value,
        first: Value,
        state: Value,
        state_at: Value,
        errors: Value,
        errors_at: Value,
        widths: Value,
        widths_at: Value,
    ) -> Value:
        """Forecast 8 rows of a stripe; write errors and widths; return whether any is not 0."""
        bits, size = e.item_bits["x"], _size(e)
        item, lanes = e.number(bits // 8), size * 8 // bits
        place = e.at(state, state_at)
        model = forecaster(e, fire, load_state(e, fire, place, bits, size))
        is_safe = e.less(e.number(0), safe)
        source = e.select(is_safe, e.at(x, e.mul(at, item)), e.at(bounce, e.mul(bounce_at, item)))
        left = e.splat(e.minimum(e.sub(columns, first), e.number(lanes)), bits, size)
        inside = e.less(e.constant(range(lanes), bits), left)
        stride, union = e.mul(columns, item), e.splat(0, bits, size)
        for row in range(8):
            values = e.load(source, e.mul(stride, e.number(row)), bits, size)
            z = zigzag(e, model.encode(values, row))
            z = e.select(inside, z, e.zeros(z))
            union = e.bit_or(union, z)
            e.store(z, errors, e.add(errors_at, e.number(row * size)))
        model.learn()
        store_state(e, model.state(), place)
        width = _bit_length(e, union)
        e.store(e.narrow(width, 8) if bits == 16 else width, widths, widths_at)
        words = e.cast(union, 64)
        total = e.builder.extract_element(words, e.number(0, 32))
        for i in range(1, size // 8):
            total = e.bit_or(total, e.builder.extract_element(words, e.number(i, 32)))
        return total

    return kernel(scan_stripe, returns=True)


scan_delta, scan_fire = _scan(False), _scan(True)


@kernel
def pack_stripe(
    e: Emitter, errors: Value, errors_at: Value, widths: Value, widths_at: Value, x: Value
) -> None:
    """Join the bits of the columns inside every 64-bit word of 8 rows of errors, in place."""
    bits, size = e.item_bits["x"], _size(e)
    width = e.load(widths, widths_at, 8, size * 8 // bits)
    if bits == 16:
        width = e.widen(width, 16)
    shifts, lane = [], 2 * bits
    while lane <= 64:  # widths of the lower halves are the shifts of the upper ones
        wide = e.cast(width, lane)
        lower = e.bit_and(wide, e.splat((1 << lane // 2) - 1, lane, size))
        shifts.append(lower)
        width, lane = e.add(lower, e.shift_right(wide, lane // 2)), 2 * lane
    for row in range(8):
        at = e.add(errors_at, e.number(row * size))
        z, lane = e.load(errors, at, bits, size), 2 * bits
        for shift in shifts:
            wide = e.cast(z, lane)
            lower = e.bit_and(wide, e.splat((1 << lane // 2) - 1, lane, size))
            z = e.bit_or(lower, e.shift_left(e.shift_right(wide, lane // 2), shift))
            lane *= 2
        e.store(z, errors, at)


@kernel(returns=True)
def place_words(
    e: Emitter, widths: Value, widths_at: Value, words: Value, starts: Value, x: Value
) -> Value:
    """Write the first bit of each joined word in a row, and the row's length behind; return it."""
    per_word = 64 // e.item_bits["x"]
    total = e.register(e.number(0))
    with e.loop(words) as word:
        e.store(total.value, starts, e.shift_left(word, 3))
        at = e.add(widths_at, e.mul(word, e.number(per_word)))
        several = e.load_scalar(widths, at, 8 * per_word)
        several = e.mul(several, e.number(BYTES % (1 << 8 * per_word), 8 * per_word))
        used = e.shift_right(several, 8 * per_word - 8)
        total.value = e.add(total.value, used if per_word == 8 else e.builder.zext(used, INDEX))
    e.store(total.value, starts, e.shift_left(words, 3))
    return total.value


@kernel
def write_row(
    e: Emitter,
    errors: Value,
    row: Value,
    words: Value,
    starts: Value,
    out: Value,
    position: Value,
    x: Value,
) -> None:
    """Append the joined words of one row; up to 8 bytes behind it may be overwritten."""
    size = _size(e)
    stripe_words, shift_words = size // 8, (size // 8).bit_length() - 1
    carry = e.register(e.number(0))
    with e.loop(words) as word:
        stripe = e.shift_right(word, shift_words)
        inside = e.bit_and(word, e.number(stripe_words - 1))
        at = e.mul(e.add(e.shift_left(stripe, 3), row), e.number(size))
        bits = e.load_scalar(errors, e.add(at, e.shift_left(inside, 3)))
        start = e.load_scalar(starts, e.shift_left(word, 3))
        end = e.load_scalar(starts, e.add(e.shift_left(word, 3), e.number(8)))
        shift = e.bit_and(start, e.number(7))
        filled = e.add(shift, e.sub(end, start))
        low = e.bit_or(e.shift_left(bits, shift), carry.value)
        e.store(low, out, e.add(position, e.shift_right(start, 3)))
        rest = e.shift_right(e.shift_right(bits, 1), e.sub(e.number(63), shift))
        left = e.shift_right(low, e.bit_and(filled, e.number(56)))
        carry.value = e.select(e.less(e.number(63), filled), rest, left)
    end = e.load_scalar(starts, e.shift_left(words, 3))
    e.store(carry.value, out, e.add(position, e.shift_right(end, 3)))


@kernel(returns=True)
def write_fields(
    e: Emitter,
    widths: Value,
    widths_at: Value,
    columns: Value,
    out: Value,
    position: Value,
    first_bit: Value,
    x: Value,
) -> Value:
    """Write the header fields of one block from bit `first_bit` on; the bits before it stay."""
    bits = e.item_bits["x"]
    field = HEADER_BITS[bits]
    packed = 8 * field
    keeps = [(1 << packed) - 1, *(keep for _, keep in FIELD_SPREAD[field])]
    squeeze = [(by, keep) for (by, _), keep in zip(FIELD_SPREAD[field], keeps, strict=False)][::-1]
    groups = e.shift_right(e.add(columns, e.number(7)), 3)
    shift = e.bit_and(first_bit, e.number(7))
    origin = e.add(position, e.shift_right(first_bit, 3))
    below = e.sub(e.shift_left(e.number(1), shift), e.number(1))
    carry = e.register(e.bit_and(e.load_scalar(out, origin), below))
    with e.loop(groups) as group:
        width = e.load_scalar(widths, e.add(widths_at, e.shift_left(group, 3)))
        full = e.bit_and(e.shift_right(width, field), e.number(BYTES))
        word = e.sub(width, full)
        for shift_by, keep in squeeze:
            word = e.bit_and(e.bit_or(word, e.shift_right(word, shift_by)), e.number(keep))
        word = e.bit_or(e.shift_left(word, shift), carry.value)
        e.store(word, out, e.add(origin, e.mul(group, e.number(field))))
        carry.value = e.shift_right(word, packed)
    return first_bit


@jit
def write_header(widths, first, second, columns, out, position, size, x):  # type: ignore[no-untyped-def]
    """Write the header of a group whose `size` bytes at `position` were left free."""
    saved = load_word(out, position + size)
    field = 3 if x.itemsize == 1 else 4
    write_fields(widths, first, columns, out, position, 0, x)
    write_fields(widths, second, columns, out, position, field * columns, x)
    store_word(out, position + size, saved)


@kernel(returns=True)
def load_word(e: Emitter, x: Value, at: Value) -> Value:
    """Read 8 bytes."""
    return e.load_scalar(x, at)


@kernel
def store_word(e: Emitter, x: Value, at: Value, word: Value) -> None:
    """Write 8 bytes."""
    e.store(word, x, at)


@jit
def write_run(out, position, blocks):  # type: ignore[no-untyped-def]
    """Write the length of a run in one or two bytes; return the position behind it."""
    if blocks < 128:
        out[position] = blocks
        return position + 1
    out[position] = (blocks & 127) | 128
    out[position + 1] = blocks >> 7
    return position + 2


@jit
def scan_block(x, at, bounce, columns, fire, state, errors, widths, widths_at):  # type: ignore[no-untyped-def]
    """Forecast the block at item `at`; return whether any error is not 0. O(columns)."""
    stripe, block = scan_columns(x), 8 * columns
    safe = at + block + 64 <= x.size
    if not safe:
        for i in range(block):
            bounce[i] = x[at + i]
    any_bits = 0
    for first in range(0, columns, stripe):
        s = first // stripe
        errors_at, where = s * stripe * 8 * x.itemsize, widths_at + first
        if fire:
            any_bits |= scan_fire(
                x, at + first, bounce, first, safe, columns, first, state, s * STATE_BYTES,
                errors, errors_at, widths, where,
            )  # fmt: skip
        else:
            any_bits |= scan_delta(
                x, at + first, bounce, first, safe, columns, first, state, s * STATE_BYTES,
                errors, errors_at, widths, where,
            )  # fmt: skip
    return any_bits


@jit
def write_block(columns, errors, widths, widths_at, starts, out, position, x):  # type: ignore[no-untyped-def]
    """Pack the errors of a block into 8 rows; return the position behind them. O(columns)."""
    stripe, per_word = scan_columns(x), 8 // x.itemsize
    for first in range(0, columns, stripe):
        pack_stripe(errors, first * 8 * x.itemsize, widths, widths_at + first, x)
    words = (columns + per_word - 1) // per_word
    row_bytes = (place_words(widths, widths_at, words, starts, x) + 7) >> 3
    for row in range(8):
        write_row(errors, row, words, starts, out, position, x)
        position += row_bytes
    return position


@jit
def encode(x, columns, fire, out, state, errors, widths, starts, slow, bounce):  # type: ignore[no-untyped-def]
    """Write the groups of a stream behind its 8-byte prefix.

    x (n,) uint8 or uint16, rows one after the other; out: uint8, see `codec.bound`. widths has room
    for four blocks: two for the slots of the group, one for the block at hand, one of zeros.
    Returns groups, position in `out`, items of x consumed. O(n).
    """
    field, low = 3 if x.itemsize == 1 else 4, columns * x.itemsize <= 4
    header_bytes, block = (2 * columns * field + 7) // 8, 8 * columns
    step = widths.size // 4
    slots, own, spare, none = np.empty(2, np.int64), np.empty(2, np.int64), 2 * step, 3 * step
    own[0], own[1] = 0, step
    clear(state, slow, state.size)
    for i in range(step):
        widths[none + i] = 0
    groups, slot, header, position, at, run = 0, 0, 8, 8, 0, 0
    if x.size < 128:
        return groups, position, at
    while True:
        left = x.size - at
        if run > 0:  # going on with a run asks for more than starting a group does
            enough = left >= 2 * block if fire and not low else left > 2 * block
        else:
            enough = slot == 1 or left >= 2 * block
        if not enough:
            break
        if low:
            busy = scan_low(x, at, columns, fire, slow, errors, widths, spare)
        else:
            busy = scan_block(x, at, bounce, columns, fire, state, errors, widths, spare)
        at += block
        if not busy and run < LONGEST_RUN:
            run += 1
            continue
        for part in range(2):  # first the run that ends here, then the block
            if part == 0:
                if run == 0:
                    continue
            elif not busy:
                run = 1
                continue
            if slot == 0:
                header, position = position, position + header_bytes
            if part == 0:
                position = write_run(out, position, run)
                run, slots[slot] = 0, none
            else:
                if low:
                    position = write_low(columns, errors, widths, spare, out, position, x)
                else:
                    position = write_block(columns, errors, widths, spare, starts, out, position, x)
                slots[slot] = spare
                own[slot], spare = spare, own[slot]
            slot += 1
            if slot == 2:
                write_header(widths, slots[0], slots[1], columns, out, header, header_bytes, x)
                groups, slot = groups + 1, 0
    while run > 0 or slot == 1:  # the last run, and an empty one where a slot is left
        if slot == 0:
            header, position = position, position + header_bytes
        position = write_run(out, position, run)
        slots[slot] = none
        run, slot = 0, slot + 1
        if slot == 2:
            write_header(widths, slots[0], slots[1], columns, out, header, header_bytes, x)
            groups, slot = groups + 1, 0
    return groups, position, at
