"""Emit the bit arithmetic of a Sprintz block: header fields, widths, unpacking of rows.

A row of a block is one bit string, the columns' values one after the other. A stripe is the
columns of one register. For each block a *plan* of each stripe says where every column's bits lie
in a row (the same in all 8 rows), so that a row costs a handful of instructions:

* `Gather` (AVX-512 VBMI): a byte permute brings the 8 bytes with the bits of 8 (or 4 wide) columns
  into each 64-bit word, a bit gather cuts them out. Where their bits do not lie in 8 bytes, the
  upper half of the columns takes a second permute.
* `Windows` (all others): a byte shuffle gives every column the 16 bits that hold its value, a
  multiplication shifts them down. Windows start early enough that the shift is 1 to 8 bits.

Plans are stored in memory between the two halves of the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .simd import Emitter, Value

PLAN_BYTES = 512  # room for the plan of one stripe: 64 bytes of numbers, then vectors
HEADER_BITS = {8: 3, 16: 4}

BYTES = 0x0101010101010101  # one in each byte: a multiplication adds them up

# Steps that spread 8 packed fields over the 8 bytes of a word: shift, then keep.
FIELD_SPREAD = {
    3: ((20, 0x00000FFF00000FFF), (10, 0x003F003F003F003F), (5, 0x0707070707070707)),
    4: ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F)),
}


@dataclass(frozen=True)
class Block:
    """Where a stripe's fields are: values known when the stream is read."""

    number: Value  # of the block in its group: 0 or 1
    columns: Value
    first_column: Value
    table: Value  # written by `fill_table`, for this block and stripe


class Gather:
    """Unpack with byte permutes and bit gathers: 64 bytes of columns a stripe."""

    SIZE = 64

    def __init__(self, e: Emitter, bits: int) -> None:
        self._e, self._bits = e, bits
        self.columns = 512 // bits
        self._group = 64 // bits  # columns in a 64-bit word

    def plan(self, header: Value, block: Block, start: Value, plan: Value) -> Value:
        """Write the plan of a stripe whose bits begin at bit `start` of the row; return the end."""
        e, bits, size, table = self._e, self._bits, self.SIZE, block.table
        base = e.load_scalar(table, 3 * size)
        words = e.permute_bytes(e.load(header, base, size=size), e.load(table, 0, size=size))
        fields = e.gather_bits(e.cast(words, 8), e.load(table, size, size=size))
        fields = e.cast(e.bit_and(fields, e.load(table, 2 * size, size=size)), bits)
        top = e.splat(bits - 1, bits, size)
        width = e.select(e.equal(fields, top), e.splat(bits, bits, size), fields)
        upto, shift = e.cast(width, 64), bits
        while shift < 64:
            upto, shift = e.add(upto, e.shift_left(upto, shift)), 2 * shift
        total = e.shift_right(upto, 64 - bits)
        group_end = total
        for step in (1, 2, 4):
            moved = e.permute(group_end, [8] * step + list(range(8 - step)), e.zeros(total))
            group_end = e.add(group_end, moved)
        within = e.bit_and(start, e.number(7))
        at = e.add(e.splat(within, 64, size), e.sub(group_end, total))
        used = e.builder.extract_element(group_end, e.number(7, 32))
        # a full stripe that starts inside a byte ends in a 65th: then the upper halves, which lie
        # at least 3 bytes in, are read one byte later
        later = e.builder.zext(e.less(e.number(512), e.add(within, used)), used.type)
        self._write(plan, width, upto, total, at, later)
        e.store(e.shift_right(start, 3), plan)
        e.store(later, plan, 16)
        return e.add(start, used)

    def _write(
        self, plan: Value, width: Value, upto: Value, total: Value, at: Value, later: Value
    ) -> None:
        """Store the two byte permutes, the starts for the bit gather and the masks."""
        e, bits, size = self._e, self._bits, self.SIZE
        before = e.cast(e.sub(upto, e.cast(width, 64)), bits)  # bits before, inside the group
        half = self._spread(before, self._group // 2)  # ... before the upper half
        half_bits = e.bit_and(e.cast(half, 64), e.splat((1 << bits) - 1, 64, size))
        upper_at = e.add(at, half_bits)
        fits = e.less(e.add(e.bit_and(at, e.splat(7, 64, size)), total), e.splat(65, 64, size))
        # where the group fits in 8 bytes the second permute equals the first
        upper_from = e.select(fits, at, upper_at)
        lanes = self._group
        upper = [i % lanes >= lanes // 2 for i in range(size * 8 // bits)]
        origin = e.sub(before, e.select(self._mask(upper), self._select_half(fits, half), e.zeros(half)))
        shift_low = self._bits_of(at)
        shift_high = self._bits_of(upper_from)
        shift = e.select(self._mask(upper), shift_high, shift_low)
        starts = e.add(origin, shift)
        if bits == 16:  # a value is two bytes: the second one starts 8 bits later
            starts = e.bit_or(starts, e.shift_left(e.add(starts, e.splat(8, 16, size)), 8))
        e.store(self._bytes_from(at), plan, 64)
        e.store(e.sub(self._bytes_from(upper_from), e.splat(later, 8, size)), plan, 64 + size)
        e.store(starts, plan, 64 + 2 * size)
        e.store(self._value_mask(width), plan, 64 + 3 * size)
        every = e.builder.zext(e.builder.bitcast(fits, e.number(0, 8).type), later.type)
        e.store(e.builder.zext(e.equal(e.sub(every, later), e.number(255)), later.type), plan, 8)

    def _select_half(self, fits: Value, half: Value) -> Value:
        e = self._e
        wide = e.cast(half, 64)
        return e.cast(e.select(fits, e.zeros(wide), wide), self._bits)

    def _mask(self, lanes: list[bool]) -> Value:
        e = self._e
        chosen = e.constant(lanes, self._bits)
        return e.less(e.zeros(chosen), chosen)

    def _spread(self, lanes: Value, which: int) -> Value:
        """Repeat lane `which` of every 64-bit word over the word."""
        e, wide = self._e, self._bits // 8
        order = [
            (word % 2) * 8 + which * wide + byte % wide for word in range(8) for byte in range(8)
        ]
        return e.cast(e.shuffle_bytes(e.cast(lanes, 8), e.constant(order)), self._bits)

    def _bits_of(self, at: Value) -> Value:
        """Bit offset inside the first byte, in every lane of the word."""
        e = self._e
        return self._spread(e.cast(e.bit_and(at, e.splat(7, 64, self.SIZE)), self._bits), 0)

    def _bytes_from(self, at: Value) -> Value:
        """Indices of the 8 bytes from bit `at` on."""
        e = self._e
        first = e.cast(e.shift_right(at, 3), 8)
        order = [(word % 2) * 8 for word in range(8) for _ in range(8)]
        first = e.shuffle_bytes(first, e.constant(order))
        return e.add(first, e.constant([i % 8 for i in range(64)]))

    def _value_mask(self, width: Value) -> Value:
        e = self._e
        if self._bits == 8:
            table = e.constant([(1 << min(w, 8)) - 1 for w in range(16)] * 4)
            return e.shuffle_bytes(table, width)
        # in two steps, as a shift by all 16 bits is not defined
        half = e.shift_right(width, 1)
        power = e.shift_left(e.splat(1, 16, self.SIZE), half)
        power = e.shift_left(power, e.sub(width, half))
        return e.sub(power, e.splat(1, 16, self.SIZE))

    def is_simple(self, plan: Value) -> Value:
        """Tell whether one permute a row is enough, as each group lies in 8 bytes."""
        return self._e.load_scalar(plan, 8)

    def rows(self, plan: Value, source: Value, row_bytes: Value, simple: bool) -> list[Value]:
        """Cut the stripe's zigzagged errors out of the 8 rows."""
        e, size = self._e, self.SIZE
        first, second, starts = (e.load(plan, 64 + i * size, size=size) for i in range(3))
        mask = e.load(plan, 64 + 3 * size, self._bits, size)
        source = e.at(source, e.load_scalar(plan))
        upper = self._mask([i % self._group >= self._group // 2 for i in range(self.columns)])
        result = []
        for row in range(8):
            raw = e.load(source, e.builder.mul(row_bytes, e.number(row)), size=size)
            found = e.cast(e.gather_bits(e.permute_bytes(raw, first), starts), self._bits)
            if not simple:
                at = e.add(e.builder.mul(row_bytes, e.number(row)), e.load_scalar(plan, 16))
                other = e.gather_bits(e.permute_bytes(e.load(source, at, size=size), second), starts)
                found = e.select(upper, e.cast(other, self._bits), found)
            result.append(e.bit_and(found, mask))
        return result


class Windows:
    """Unpack with byte shuffles and multiplications, 8 columns in each 16 bytes."""

    def __init__(self, e: Emitter, bits: int) -> None:
        self._e, self._bits = e, bits
        self.SIZE = min(e.width, 32)
        self.columns = self.SIZE * 8 // bits
        self._groups = self.columns // 8
        self._vectors = 16 // bits  # of 16-bit windows a stripe

    def _slot(self, group: int) -> int:
        """Where a group's 16 bytes lie, so that `pack_even` brings columns into order."""
        if self._bits == 16:
            return group * 16
        return (group % 2) * self.SIZE + (group // 2) * 16

    def plan(self, header: Value, block: Block, start: Value, plan: Value) -> Value:
        """Write the plan of a stripe whose bits begin at bit `start` of the row; return the end."""
        e = self._e
        before = e.mul(block.number, block.columns)
        for group in range(self._groups):
            column = e.add(block.first_column, e.number(8 * group))
            widths = self._widths(header, before, block.columns, column)
            upto = e.mul(widths, e.number(BYTES))
            self._write(group, plan, start, widths, e.shift_left(upto, 8))
            start = e.add(start, e.shift_right(upto, 56))
        return start

    def _widths(self, header: Value, before: Value, columns: Value, column: Value) -> Value:
        """Read the fields of 8 columns into the bytes of a 64-bit number."""
        e, field = self._e, HEADER_BITS[self._bits]
        bit = e.mul(e.add(before, column), e.number(field))
        word = e.load_scalar(header, e.shift_right(bit, 3))
        word = e.shift_right(word, e.bit_and(bit, e.number(7)))
        left = e.minimum(e.sub(columns, column), e.number(8), signed=True)
        left = e.maximum(left, e.number(0), signed=True)
        valid = e.sub(
            e.shift_left(e.number(1), e.mul(left, e.number(field))), e.number(1)
        )
        word = e.bit_and(word, valid)
        for shift, keep in FIELD_SPREAD[field]:
            word = e.bit_and(e.bit_or(word, e.shift_left(word, shift)), e.number(keep))
        every = word
        for i in range(1, field):  # a field of all ones means one bit more
            every = e.bit_and(every, e.shift_right(word, i))
        return e.add(word, e.bit_and(every, e.number(BYTES)))

    def _write(self, group: int, plan: Value, start: Value, widths: Value, before: Value) -> None:
        e, slot, area = self._e, self._slot(group), self._vectors * self.SIZE
        early = e.sub(start, e.number(1))
        e.store(e.shift_right(early, 3, signed=True), plan, 8 * group)
        offset = e.splat(e.bit_and(early, e.number(7)), 16, 16)
        bit = e.add(self._lanes(before), offset)
        byte = e.shift_right(bit, 3)
        pair = e.bit_or(byte, e.shift_left(e.add(byte, e.splat(1, 16, 16)), 8))
        e.store(pair, plan, 64 + slot)
        # windows begin one bit early, so the shift is 1..8: multiply by 2 ** (16 - shift)
        bit = e.shift_left(e.bit_and(bit, e.splat(7, 16, 16)), 8)
        power = e.constant([1 << (7 - s) for s in range(8)] + [0] * 8)
        scale = e.shuffle_bytes(power, e.cast(e.bit_or(bit, e.splat(0x80, 16, 16)), 8))
        e.store(scale, plan, 64 + area + slot)
        e.store(self._value_mask(self._lanes(widths)), plan, 64 + 2 * area + slot)

    def _lanes(self, number: Value) -> Value:
        """Put the 8 bytes of a 64-bit number into 16-bit lanes."""
        e = self._e
        return e.widen(e.part(e.cast(e.splat(number, 64, 16), 8), 0, 8), 16)

    def _value_mask(self, width: Value) -> Value:
        e = self._e
        if self._bits == 8:
            low = e.constant([(1 << min(w, 8)) - 1 for w in range(16)])
            return e.shuffle_bytes(low, e.cast(e.bit_or(width, e.splat(0x8000, 16, 16)), 8))
        index = e.sub(width, e.shift_right(width, 4))  # 16 as 15, which does not occur
        masks = [(1 << w) - 1 for w in range(15)] + [0xFFFF]
        low = e.bit_or(index, e.splat(0x8000, 16, 16))
        high = e.bit_or(e.shift_left(index, 8), e.splat(0x80, 16, 16))
        low = e.shuffle_bytes(e.constant([m & 255 for m in masks]), e.cast(low, 8))
        high = e.shuffle_bytes(e.constant([m >> 8 for m in masks]), e.cast(high, 8))
        return e.bit_or(low, high)

    def is_simple(self, plan: Value) -> Value:
        """Say yes: there is only one way."""
        del plan
        return self._e.number(1)

    def rows(self, plan: Value, source: Value, row_bytes: Value, simple: bool) -> list[Value]:
        """Cut the stripe's zigzagged errors out of the 8 rows."""
        del simple
        e, size, area = self._e, self.SIZE, self._vectors * self.SIZE
        bases = [e.at(source, e.load_scalar(plan, 8 * group)) for group in range(self._groups)]
        vectors = [
            [e.load(plan, 64 + part * area + v * size, bits, size) for part, bits in enumerate((8, 16, 16))]
            for v in range(self._vectors)
        ]
        result = []
        for row in range(8):
            offset = e.builder.mul(row_bytes, e.number(row))
            found = []
            for v, (index, scale, mask) in enumerate(vectors):
                value = e.multiply_high(self._window(bases, offset, index, v), scale)
                if self._bits == 16:  # the bits past the window, brought in from above
                    later = e.add(offset, e.number(2))
                    value = e.bit_or(value, e.mul(self._window(bases, later, index, v), scale))
                found.append(e.bit_and(value, mask))
            result.append(found[0] if self._bits == 16 else e.pack_even(*found))
        return result

    def _window(self, bases: list[Value], offset: Value, index: Value, vector: int) -> Value:
        e = self._e
        mine = [g for g in range(self._groups) if self._slot(g) // self.SIZE == vector]
        raw = e.load(bases[mine[0]], offset, size=16)
        if len(mine) == 2:
            raw = e.join(raw, e.load(bases[mine[1]], offset, size=16))
        return e.cast(e.shuffle_bytes(raw, index), 16)


def unpacker(e: Emitter, bits: int) -> Gather | Windows:
    """Choose the way of unpacking for the processor."""
    return Gather(e, bits) if e.cpu.vbmi else Windows(e, bits)
