"""Emit the bit arithmetic of a Sprintz block: header fields, widths, unpacking of rows.

A row of a block is one bit string, the columns' values one after the other. A stripe is the
columns of one register; a row's last one may be narrow, as a register mostly idle costs as much as
a full one. For each block a *plan* of each stripe says where every column's bits lie
in a row (the same in all 8 rows), so that a row costs a handful of instructions:

* `Gather` (AVX-512 VBMI): a byte permute brings the 8 bytes with the bits of 8 (or 4 wide) columns
  into each 64-bit word, a bit gather cuts them out. Where their bits do not lie in 8 bytes, the
  upper half of the columns takes a second permute, and the rows are laid out anew at full width.
* `Windows` (all others): a byte shuffle gives every column the 16 bits that hold its value, a
  multiplication shifts them down. Windows start early enough that the shift is 1 to 8 bits.

Plans are stored in memory between the two halves of the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .simd import lanes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .simd import Emitter, Value

    Rows: TypeAlias = Callable[[], Iterator[Value]]  # emits code that gives one row after the other
    Unpacker: TypeAlias = "Gather | Windows"

PLAN_BYTES = 1024  # of one stripe: 64 bytes of numbers, then vectors; from the middle on 8 rows
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
    table: Value  # made by `header_table`, for this block and stripe


class Gather:
    """Unpack with byte permutes and bit gathers."""

    def __init__(self, e: Emitter, bits: int, size: int) -> None:
        self._e, self._bits, self.size = e, bits, size
        self.columns = size * 8 // bits
        self._group = 64 // bits  # columns in a 64-bit word

    def plan(self, header: Value, block: Block, start: Value, plan: Value) -> Value:
        """Write the plan of a stripe whose bits begin at bit `start` of the row; return the end."""
        e, bits, size, table = self._e, self._bits, self.size, block.table
        base = e.load_scalar(table, 192)
        words = e.permute_bytes(e.load(header, base, size=size), e.load(table, 0, size=size))
        fields = e.gather_bits(e.cast(words, 8), e.load(table, 64, size=size))
        fields = e.cast(e.bit_and(fields, e.load(table, 128, size=size)), bits)
        full = e.equal(fields, e.splat(bits - 1, bits, size))
        width = e.select(full, e.splat(bits, bits, size), fields)
        total = e.sum_bytes(e.cast(width, 8))
        used, before = self._sums(total)
        within = e.bit_and(start, e.number(7))
        at = e.add(e.splat(within, 64, size), before)
        # a full stripe that starts inside a byte ends in one more: then the upper halves, which lie
        # at least 3 bytes in, are read one byte later
        later = e.builder.zext(e.less(e.number(8 * size), e.add(within, used)), used.type)
        # a product adds up the widths before each column, inside its group
        ones = sum(1 << bit for bit in range(bits, 64, bits))
        before = e.cast(e.mul(e.cast(width, 64), e.splat(ones, 64, size)), bits)
        e.store(e.shift_right(start, 3), plan)
        e.store(e.bit_or(self._apart(at, total), later), plan, 8)
        e.store(later, plan, 16)
        e.store(self._bytes_from(at), plan, 64)
        e.store(self._starts(before, at), plan, 128)
        e.store(self._value_mask(fields, full), plan, 192)
        e.store(at, plan, 256)
        return e.add(start, used)

    def _sums(self, total: Value) -> tuple[Value, Value]:
        """Add up all lanes, as a number, and those before each lane: at most 64 each."""
        e, words = self._e, range(self.size // 8)
        nothing = 1  # the second byte of such a lane
        # nothing is before the first lane, so there is room for the sum of all
        order = [8 * i if i < word or word == 0 else nothing for word in words for i in range(8)]
        order[len(words) : 8] = [nothing] * (8 - len(words))
        sums = e.sum_bytes(e.permute_bytes(e.cast(total, 8), e.constant(order)))
        before = e.bit_and(sums, e.constant([0] + [-1] * (len(words) - 1), 64))
        return e.builder.extract_element(sums, e.number(0, 32)), before

    def _apart(self, at: Value, total: Value) -> Value:
        """Mark the groups that do not lie in 8 bytes: an integer, one bit each."""
        e = self._e
        end = e.add(e.bit_and(at, e.splat(7, 64, self.size)), total)
        marks = lanes.mask_bits(e, e.less(e.splat(64, 64, self.size), end))
        return e.builder.zext(marks, e.number(0).type)

    def _starts(self, before: Value, at: Value) -> Value:
        """Bit of the 8 bytes from bit `at` on where every byte of a column's value begins."""
        e = self._e
        starts = e.add(before, self._bits_of(at))
        if self._bits == 16:  # a value is two bytes: the second one starts 8 bits later
            twice = e.mul(starts, e.splat(0x0101, 16, self.size))
            starts = e.add(twice, e.splat(0x0800, 16, self.size))
        return starts

    def _upper(self, starts: Value, at: Value) -> tuple[Value, Value]:
        """Derive `at` and `starts` for the upper half of the columns of each group alone."""
        e, bits, size = self._e, self._bits, self.size
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
        order = [byte // 8 % 2 * 8 + which * wide + byte % wide for byte in range(self.size)]
        return e.cast(e.shuffle_bytes(e.cast(lanes, 8), e.constant(order)), self._bits)

    def _bits_of(self, at: Value) -> Value:
        """Bit offset inside the first byte, in every lane of the word."""
        e = self._e
        return self._spread(e.cast(e.bit_and(at, e.splat(7, 64, self.size)), self._bits), 0)

    def _bytes_from(self, at: Value) -> Value:
        """List the indices of the 8 bytes from bit `at` on."""
        e = self._e
        first = e.cast(e.shift_right(at, 3), 8)
        first = e.shuffle_bytes(first, e.constant([i // 8 % 2 * 8 for i in range(self.size)]))
        return e.add(first, e.constant([i % 8 for i in range(self.size)]))

    def _value_mask(self, fields: Value, full: Value) -> Value:
        e, size = self._e, self.size
        if self._bits == 8:
            masks = [(1 << field) - 1 for field in range(7)] + [255] * 9
            return e.shuffle_bytes(e.constant(masks * (size // 16)), fields)
        ones = e.splat(-1, 16, size)
        return e.select(full, ones, e.add(e.shift_left(e.splat(1, 16, size), fields), ones))

    def rows(self, plan: Value, source: Value, row_bytes: Value) -> Rows:
        """Prepare to cut the stripe's zigzagged errors out of the 8 rows."""
        e, size = self._e, self.size
        mask = e.load(plan, 192, self._bits, size)
        first = e.at(source, e.load_scalar(plan))
        index, starts = e.load(plan, 64, size=size), e.load(plan, 128, size=size)
        given = [e.register(value) for value in (first, row_bytes, index, starts)]
        with e.when(e.less(e.number(0), e.load_scalar(plan, 8))):
            self._write_wide(plan, first, row_bytes, index, starts)
            whole = e.constant(range(size))
            bit = e.constant([8 * (i % 8) for i in range(size)])
            wide = e.at(plan, PLAN_BYTES // 2), e.number(size), whole, bit
            for register, value in zip(given, wide, strict=True):
                register.value = value

        def cut() -> Iterator[Value]:
            for value in self._cut(*(register.value for register in given)):
                yield e.bit_and(value, mask)

        return cut

    def _write_wide(
        self, plan: Value, source: Value, row_bytes: Value, index: Value, starts: Value
    ) -> None:
        """Write the rows to the plan with all bits of each column, if not only its own."""
        e, size = self._e, self.size
        at, later = e.load(plan, 256, 64, size), e.load_scalar(plan, 16)
        at, upper_starts = self._upper(e.cast(starts, self._bits), at)
        upper_index = e.sub(self._bytes_from(at), e.splat(later, 8, size))
        lower = self._cut(source, row_bytes, index, starts)
        upper = self._cut(e.at(source, later), row_bytes, upper_index, e.cast(upper_starts, 8))
        chosen = self._mask([i % self._group >= self._group // 2 for i in range(self.columns)])
        for row, (high, low) in enumerate(zip(upper, lower, strict=True)):
            e.store(e.select(chosen, high, low), plan, PLAN_BYTES // 2 + row * size)

    def _cut(self, source: Value, row_bytes: Value, index: Value, starts: Value) -> Iterator[Value]:
        e = self._e
        for _ in range(8):
            words = e.permute_bytes(e.load(source, size=self.size), index)
            yield e.cast(e.gather_bits(words, starts), self._bits)
            source = e.at(source, row_bytes)


class Windows:
    """Unpack with byte shuffles and multiplications, 8 columns in each 16 bytes."""

    def __init__(self, e: Emitter, bits: int, size: int) -> None:
        self._e, self._bits, self.size = e, bits, size
        self.columns = size * 8 // bits
        self._groups = self.columns // 8
        self._vectors = 16 // bits  # of 16-bit windows a stripe

    def _slot(self, group: int) -> int:
        """Where a group's 16 bytes lie, so that `pack_even` brings columns into order."""
        if self._bits == 16:
            return group * 16
        return (group % 2) * self.size + (group // 2) * 16

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
        e, slot, area = self._e, self._slot(group), self._vectors * self.size
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

    def rows(self, plan: Value, source: Value, row_bytes: Value) -> Rows:
        """Prepare to cut the stripe's zigzagged errors out of the 8 rows."""
        e, size, area = self._e, self.size, self._vectors * self.size
        bases = [e.at(source, e.load_scalar(plan, 8 * group)) for group in range(self._groups)]
        vectors = [
            [
                e.load(plan, 64 + part * area + v * size, bits, size)
                for part, bits in enumerate((8, 16, 16))
            ]
            for v in range(self._vectors)
        ]

        def cut() -> Iterator[Value]:
            for row in range(8):
                offset = e.builder.mul(row_bytes, e.number(row))
                found = []
                for v, (index, scale, mask) in enumerate(vectors):
                    value = e.multiply_high(self._window(bases, offset, index, v), scale)
                    if self._bits == 16:  # the bits past the window, brought in from above
                        later = e.add(offset, e.number(2))
                        value = e.bit_or(value, e.mul(self._window(bases, later, index, v), scale))
                    found.append(e.bit_and(value, mask))
                yield found[0] if self._bits == 16 else e.pack_even(*found)

        return cut

    def _window(self, bases: list[Value], offset: Value, index: Value, vector: int) -> Value:
        e = self._e
        mine = [g for g in range(self._groups) if self._slot(g) // self.size == vector]
        raw = e.load(bases[mine[0]], offset, size=16)
        if len(mine) == 2:
            raw = e.join(raw, e.load(bases[mine[1]], offset, size=16))
        return e.cast(e.shuffle_bytes(raw, index), 16)


def unpackers(e: Emitter, bits: int) -> list[Unpacker]:
    """Choose the way of unpacking for the processor: full registers, and less for a last stripe."""
    kind, width = (Gather, 64) if e.cpu.vbmi else (Windows, min(e.width, 32))
    return [kind(e, bits, size) for size in sorted({width, 16}, reverse=True)]
