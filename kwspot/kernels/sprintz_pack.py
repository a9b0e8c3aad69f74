"""Pack the errors of a Sprintz block into rows of bits.

Neighbouring columns are joined, doubling the lanes each time, until every 64-bit word holds the
bits of 8 (or 4 wide) columns. A word that begins inside a byte is shifted up, and the word before
it hands over the bits of that byte; words are then stored in order, each over the end of the last.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from .compile import kernel

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from .simd import Emitter, Register, Value

PLAN_BYTES = 640  # of a stripe: up to 9 vectors
_FAR = 128  # bytes behind a row where words that do not exist are put


class Packer:
    """Emits the packing of one block.

    Vectors that all rows share lie in `plan` in memory, or in registers if there is one stripe.
    """

    def __init__(self, e: Emitter, bits: int, plan: Value, alone: bool) -> None:
        self._e, self._bits, self._plan = e, bits, plan
        self._kept: dict[int, Value] | None = {} if alone else None
        self._size = e.width
        self._words = self._size // 8  # a stripe
        self._joins = [lane for lane in (16, 32, 64) if lane > bits]
        self.chained = e.register(e.number(0))

    def _store(self, stripe: Value, slot: int, value: Value) -> None:
        if self._kept is None:
            e = self._e
            at = e.add(e.mul(stripe, e.number(PLAN_BYTES)), e.number(64 * slot))
            e.store(value, self._plan, at)
        else:
            self._kept[slot] = value

    def _load(self, stripe: Value, slot: int, bits: int = 64) -> Value:
        e = self._e
        if self._kept is not None:
            return e.cast(self._kept[slot], bits)
        at = e.add(e.mul(stripe, e.number(PLAN_BYTES)), e.number(64 * slot))
        return e.load(self._plan, at, bits, self._size)

    def _first_byte(self, stripe: Value) -> Value:
        e = self._e
        if self._kept is not None:
            return e.number(0)
        return e.load_scalar(self._plan, e.add(e.mul(stripe, e.number(PLAN_BYTES)), e.number(576)))

    def plan(self, stripe: Value, widths: Value, start: Value, left: Value) -> Value:
        """Write the plan of a stripe with `left` words to go; return the bit where it ends."""
        e, size = self._e, self._size
        width = e.load(widths, 0, 8, size * 8 // self._bits)
        width = e.widen(width, 16) if self._bits == 16 else width
        for slot, lane in enumerate(self._joins):
            # an upper half comes down to where the bits of the lower one end
            wide = e.cast(width, lane)
            lower = e.bit_and(wide, e.splat((1 << lane // 2) - 1, lane, size))
            self._store(stripe, slot, e.sub(e.splat(lane // 2, lane, size), lower))
            width = e.add(lower, e.shift_right(wide, lane // 2))
        ends, step = width, 1
        while step < self._words:
            ends = e.add(ends, self._moved(ends, step))
            step *= 2
        begins = e.add(e.sub(ends, width), e.splat(start, 64, size))
        self._store(stripe, 9, e.shift_right(start, 3))
        self._place(stripe, begins, width, e.splat(left, 64, size))
        return e.add(start, e.builder.extract_element(ends, e.number(self._words - 1, 32)))

    def _place(self, stripe: Value, begins: Value, width: Value, left: Value) -> None:
        e, size = self._e, self._size
        number = e.constant(range(self._words), 64)
        within = e.bit_and(begins, e.splat(7, 64, size))
        filled = e.add(within, width)
        ones, none = e.splat(-1, 64, size), e.splat(0, 64, size)
        begun = e.select(e.less(filled, e.splat(8, 64, size)), ones, none)
        small = e.select(e.less(number, left, signed=True), begun, none)
        beyond = e.select(e.less(left, number, signed=True), e.splat(_FAR, 64, size), none)
        # what a word hands on is itself without the bits up to its last whole byte, if any are left
        whole = e.bit_and(filled, e.splat(120, 64, size))
        exact = e.equal(whole, e.add(within, e.splat(64, 64, size)))
        count = e.minimum(e.sub(whole, within), e.splat(63, 64, size))
        self._store(stripe, 3, within)
        self._store(stripe, 4, e.select(exact, none, ones))
        self._store(stripe, 5, e.bit_and(count, e.splat(63, 64, size)))
        self._store(stripe, 6, begun)
        self._store(stripe, 7, small)
        if e.cpu.vbmi2:
            self._store(stripe, 8, self._whole_bytes(filled, number, left))
        else:
            self._store(stripe, 8, e.add(e.shift_right(begins, 3), beyond))
        self.chained.value = e.bit_or(self.chained.value, e.any_bit(small))

    def _whole_bytes(self, filled: Value, number: Value, left: Value) -> Value:
        """Mark the bytes that a word brings to the row; the one behind the last brings the rest."""
        e = self._e
        behind = e.equal(number, left)
        filled = e.add(filled, e.select(behind, e.splat(7, 64, self._size), e.zeros(filled)))
        beyond = e.less(left, number, signed=True)
        count = e.select(beyond, e.zeros(left), e.shift_right(filled, 3))
        first = e.constant([(i % 16) & 8 for i in range(self._size)])
        mine = e.less(
            e.constant([i % 8 for i in range(self._size)]),
            e.shuffle_bytes(e.cast(count, 8), first),
        )
        none = e.splat(0, 8, self._size)
        return e.select(mine, e.splat(-1, 8, self._size), none)

    def _moved(self, vector: Value, step: int, into: Value | None = None) -> Value:
        """Move every word up by `step`, filling with zeros or with those of `into`."""
        e = self._e
        fill = e.zeros(vector) if into is None else into
        lanes = [self._words] * step + list(range(self._words - step))
        return e.permute(vector, lanes, fill)

    def row(self, stripe: Value, errors: Value, carry: Register, target: Value) -> None:
        """Pack one row of a stripe to `target`; carry holds the begun byte."""
        e, size = self._e, self._size
        z = e.load(errors, 0, self._bits, size)
        for slot, lane in enumerate(self._joins):
            wide = e.cast(z, lane)
            mask = (1 << lane // 2) - 1
            upper = e.bit_and(wide, e.splat(mask << lane // 2, lane, size))
            upper = e.shift_right(upper, self._load(stripe, slot, lane))
            z = e.bit_or(e.bit_and(wide, e.splat(mask, lane, size)), upper)
        low = e.shift_left(z, self._load(stripe, 3))
        own = e.bit_and(e.shift_right(z, self._load(stripe, 5)), self._load(stripe, 4))
        own = e.select(e.less(self._load(stripe, 6), e.zeros(z), signed=True), low, own)
        incoming = e.splat(carry.value, 64, size)
        given = e.register(own)
        is_chained = e.less(e.number(0), e.bit_and(self.chained.value, e.number(1)))
        # a word that ends in the byte where it begins hands on what it was given
        with e.when(is_chained), e.loop(self._words):
            before = e.bit_and(self._moved(given.value, 1, incoming), self._load(stripe, 7))
            given.value = e.bit_or(own, before)
        low = e.bit_or(low, self._moved(given.value, 1, incoming))
        self._write(stripe, low, target)
        last = e.number(self._words - 1, 32)
        carry.value = e.builder.extract_element(given.value, last)

    def _write(self, stripe: Value, words: Value, target: Value) -> None:
        e = self._e
        if e.cpu.vbmi2:
            mine = e.less(self._load(stripe, 8, 8), e.splat(0, 8, self._size), signed=True)
            whole = e.compress_bytes(e.cast(words, 8), mine)
            e.store(whole, target, self._first_byte(stripe))
            return
        places = self._load(stripe, 8)
        for word in range(self._words):
            place = e.builder.extract_element(places, e.number(word, 32))
            e.store(e.builder.extract_element(words, e.number(word, 32)), target, place)

    def finish(self, carry: Value, target: Value, bits: Value, words: Value) -> None:
        """Write the begun byte of a row of `bits` where no word behind the last one brings it."""
        e = self._e
        full = e.equal(e.bit_and(words, e.number(self._words - 1)), e.number(0))
        end = e.shift_right(bits, 3)
        e.store(carry, target, e.select(full, end, e.add(end, e.number(_FAR))))


@kernel(returns=True)
def pack_rows(
    e: Emitter,
    errors: Value,
    widths: Value,
    widths_at: Value,
    columns: Value,
    plan: Value,
    out: Value,
    position: Value,
    x: Value,  # noqa: ARG001 - tells the type
) -> Value:
    """Write 8 rows of bits at `position`; return the position behind them.

    errors [stripe][8 rows][register]; up to 200 bytes behind the rows may be overwritten.
    """
    bits, size = e.item_bits["x"], e.width
    per_word, lanes = 64 // bits, size * 8 // bits
    words = e.builder.udiv(e.add(columns, e.number(per_word - 1)), e.number(per_word))
    stripes = e.builder.udiv(e.add(columns, e.number(lanes - 1)), e.number(lanes))
    end, out, widths = e.register(position), e.at(out, position), e.at(widths, widths_at)

    def pack(alone: bool) -> None:
        packer = Packer(e, bits, plan, alone)
        total = e.register(e.number(0))
        with _each(e, stripes, alone) as stripe:
            left = e.sub(words, e.mul(stripe, e.number(size // 8)))
            mine = e.at(widths, e.mul(stripe, e.number(lanes)))
            total.value = packer.plan(stripe, mine, total.value, left)
        row_bytes = e.shift_right(e.add(total.value, e.number(7)), 3)
        carry = e.register(e.number(0))
        with e.loop(8) as row:
            target = e.at(out, e.mul(row, row_bytes))
            carry.value = e.number(0)
            with _each(e, stripes, alone) as stripe:
                at = e.mul(e.add(e.shift_left(stripe, 3), row), e.number(size))
                packer.row(stripe, e.at(errors, at), carry, target)
            packer.finish(carry.value, target, total.value, words)
        end.value = e.add(position, e.shift_left(row_bytes, 3))

    with e.either(e.less(e.number(1), stripes)) as (many, one):
        with many:
            pack(alone=False)
        with one:
            pack(alone=True)
    return end.value


def _each(e: Emitter, stripes: Value, alone: bool) -> AbstractContextManager[Value]:
    """Loop over stripes, or go straight on where there is but one."""
    return nullcontext(e.number(0)) if alone else e.loop(stripes)
