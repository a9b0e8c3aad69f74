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
    from collections.abc import Callable

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
        total = e.sum_bytes(e.cast(width, 8))
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
        # a product adds up the widths before each column, inside its group
        ones = sum(1 << bit for bit in range(bits, 64, bits))
        before = e.cast(e.mul(e.cast(width, 64), e.splat(ones, 64, size)), bits)
        e.store(e.shift_right(start, 3), plan)
        e.store(later, plan, 16)
        e.store(self._bytes_from(at), plan, 64)
        e.store(self._starts(before, at), plan, 64 + size)
        e.store(self._value_mask(width), plan, 64 + 2 * size)
        e.store(at, plan, 64 + 3 * size)
        apart = e.bit_or(self._apart(at, total), later)
        e.store(e.builder.zext(e.equal(apart, e.number(0)), later.type), plan, 8)
        return e.add(start, used)

    def _apart(self, at: Value, total: Value) -> Value:
        """Mark the groups that do not lie in 8 bytes: an integer, one bit each."""
        e = self._e
        end = e.add(e.bit_and(at, e.splat(7, 64, self.SIZE)), total)
        marks = e.builder.bitcast(e.less(e.splat(64, 64, self.SIZE), end), e.number(0, 8).type)
        return e.builder.zext(marks, e.number(0).type)

    def _starts(self, before: Value, at: Value) -> Value:
        """Bit of the 8 bytes from bit `at` on where every byte of a column's value begins."""
        e = self._e
        starts = e.add(before, self._bits_of(at))
        if self._bits == 16:  # a value is two bytes: the second one starts 8 bits later
            starts = e.bit_or(starts, e.shift_left(e.add(starts, e.splat(8, 16, self.SIZE)), 8))
        return starts

    def _upper(self, starts: Value, at: Value) -> tuple[Value, Value]:
        """Derive `at` and `starts` for the upper half of the columns of each group alone."""
        e, bits, size = self._e, self._bits, self.SIZE
        low = starts if bits == 8 else e.bit_and(starts, e.splat(255, 16, size))
        before = e.sub(e.cast(low, bits), self._bits_of(at))
        half = self._spread(before, self._group // 2)
        at = e.add(at, e.bit_and(e.cast(half, 64), e.splat((1 << bits) - 1, 64, size)))
        return at, self._starts(e.sub(before, half), at)

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
        """List the indices of the 8 bytes from bit `at` on."""
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

    def choose(self, plan: Value, emit: Callable[[bool], None]) -> None:
        """Emit both ways of unpacking; the simple one runs where each group lies in 8 bytes."""
        e = self._e
        with e.either(e.less(e.number(0), e.load_scalar(plan, 8))) as (simple, general):
            with simple:
                emit(True)
            with general:
                emit(False)

    def rows(self, plan: Value, source: Value, row_bytes: Value, simple: bool) -> list[Value]:
        """Cut the stripe's zigzagged errors out of the 8 rows."""
        e, size, bits = self._e, self.SIZE, self._bits
        index = e.load(plan, 64, size=size)
        starts = e.load(plan, 64 + size, bits, size)
        mask = e.load(plan, 64 + 2 * size, bits, size)
        source = e.at(source, e.load_scalar(plan))
        offsets = [e.mul(row_bytes, e.number(row)) for row in range(8)]
        found = self._cut(source, offsets, index, starts)
        if not simple:
            at, starts = self._upper(starts, e.load(plan, 64 + 3 * size, 64, size))
            later = e.load_scalar(plan, 16)
            index = e.sub(self._bytes_from(at), e.splat(later, 8, size))
            upper = self._cut(e.at(source, later), offsets, index, starts)
            chosen = self._mask([i % self._group >= self._group // 2 for i in range(self.columns)])
            found = [e.select(chosen, u, f) for u, f in zip(upper, found, strict=True)]
        return [e.bit_and(row, mask) for row in found]

    def _cut(self, source: Value, offsets: list[Value], index: Value, starts: Value) -> list[Value]:
        e = self._e
        starts = e.cast(starts, 8)
        words = [e.permute_bytes(e.load(source, at, size=self.SIZE), index) for at in offsets]
        return [e.cast(e.gather_bits(word, starts), self._bits) for word in words]


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
        end = e.register(start)
        for group in range(self._groups):
            column = e.add(block.first_column, e.number(8 * group))
            with e.when(e.less(column, block.columns)):  # else the plan stays all zeros
                widths = self._widths(header, before, block.columns, column)
                upto = e.mul(widths, e.number(BYTES))
                self._write(group, plan, end.value, widths, e.shift_left(upto, 8))
                end.value = e.add(end.value, e.shift_right(upto, 56))
        return end.value

    def _widths(self, header: Value, before: Value, columns: Value, column: Value) -> Value:
        """Read the fields of 8 columns into the bytes of a 64-bit number."""
        e, field = self._e, HEADER_BITS[self._bits]
        bit = e.mul(e.add(before, column), e.number(field))
        word = e.load_scalar(header, e.shift_right(bit, 3))
        word = e.shift_right(word, e.bit_and(bit, e.number(7)))
        left = e.minimum(e.sub(columns, column), e.number(8), signed=True)
        valid = e.sub(e.shift_left(e.number(1), e.mul(left, e.number(field))), e.number(1))
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

    def choose(self, plan: Value, emit: Callable[[bool], None]) -> None:
        """Emit the only way of unpacking."""
        del plan
        emit(True)

    def rows(self, plan: Value, source: Value, row_bytes: Value, simple: bool) -> list[Value]:
        """Cut the stripe's zigzagged errors out of the 8 rows."""
        del simple
        e, size, area = self._e, self.SIZE, self._vectors * self.SIZE
        bases = [e.at(source, e.load_scalar(plan, 8 * group)) for group in range(self._groups)]
        vectors = [
            [
                e.load(plan, 64 + part * area + v * size, bits, size)
                for part, bits in enumerate((8, 16, 16))
            ]
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
