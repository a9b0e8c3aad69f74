"""The one emitter: vector instructions for numba kernels, written once for every processor.

A kernel body is a Python function that receives an `Emitter` and LLVM values and emits
straight-line vector code; `compile.kernel` makes it callable from compiled code::

    @kernel
    def add_rows(e, x, y, at):      # arrays arrive as byte pointers, numbers as values
        e.store(e.add(e.load(x, at), e.load(y, at)), y, at)

Bodies see the processor as ``e.cpu`` and may depend on nothing else: the result is cached.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from llvmlite import ir

from . import plain
from .avx512 import Avx512

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kwspot.kernels.target import Cpu

Value: TypeAlias = Any  # an llvmlite value: the library has no type hints

BYTE = ir.IntType(8)
DWORD = ir.IntType(32)
INDEX = ir.IntType(64)

_SHUFFLE_BYTES = {
    "avx512": (64, "llvm.x86.avx512.pshuf.b.512"),
    "avx2": (32, "llvm.x86.avx2.pshuf.b"),
    "ssse3": (16, "llvm.x86.ssse3.pshuf.b.128"),
    "neon": (16, "llvm.aarch64.neon.tbl1.v16i8"),
}
_MULTIPLY_HIGH = {
    "avx512": (64, "llvm.x86.avx512.pmulh{}.w.512"),
    "avx2": (32, "llvm.x86.avx2.pmulh{}.w"),
    "ssse3": (16, "llvm.x86.sse2.pmulh{}.w"),
}
_PACK_EVEN = {
    "avx512": (64, "llvm.x86.avx512.packuswb.512"),
    "avx2": (32, "llvm.x86.avx2.packuswb"),
    "ssse3": (16, "llvm.x86.sse2.packuswb.128"),
}
_SIGN = {
    "avx512": (32, "llvm.x86.avx2.psign.{}"),
    "avx2": (32, "llvm.x86.avx2.psign.{}"),
    "ssse3": (16, "llvm.x86.ssse3.psign.{}.128"),
}
_MULTIPLY_PAIRS = {
    "avx512": (64, "llvm.x86.avx512.pmaddw.d.512"),
    "avx2": (32, "llvm.x86.avx2.pmadd.wd"),
    "ssse3": (16, "llvm.x86.sse2.pmadd.wd"),
}


class Register:
    """A variable that may change inside an emitted loop; LLVM keeps it in a register."""

    def __init__(self, builder: Value, initial: Value) -> None:
        self._builder = builder
        with builder.goto_entry_block():
            self._slot = builder.alloca(initial.type)
        self.value = initial

    @property
    def value(self) -> Value:
        """The present value."""
        return self._builder.load(self._slot)

    @value.setter
    def value(self, new: Value) -> None:
        self._builder.store(new, self._slot)


class Emitter(Avx512):
    """Emits vector instructions; every operand and result is an LLVM value.

    Vectors have any power of two bytes from 16 on; those wider than the machine's registers are
    split. `width` is the natural size. Lanes are unsigned unless a method says otherwise.
    `item_bits` tells the size of the elements of each array argument by its name.
    """

    def __init__(self, builder: Value, cpu: Cpu, item_bits: Mapping[str, int]) -> None:
        self.builder = builder
        self.cpu = cpu
        self.width = cpu.width
        self.item_bits = item_bits

    # -- types and constants

    def vector(self, bits: int = 8, size: int | None = None) -> Value:
        """Name the vector type of `bits`-wide lanes filling `size` bytes (default: `width`)."""
        return ir.VectorType(ir.IntType(bits), (size or self.width) * 8 // bits)

    def number(self, value: int, bits: int = 64) -> Value:
        """Make an integer constant."""
        return ir.Constant(ir.IntType(bits), value)

    def constant(self, lanes: Sequence[int], bits: int = 8) -> Value:
        """Make a vector from known lanes (reduced modulo 2**bits)."""
        wrapped = [int(lane) % (1 << bits) for lane in lanes]
        return ir.Constant(ir.VectorType(ir.IntType(bits), len(wrapped)), wrapped)

    def splat(self, value: int | Value, bits: int = 8, size: int | None = None) -> Value:
        """Repeat a Python integer, or an LLVM integer cut to `bits`, in every lane."""
        kind = self.vector(bits, size)
        if isinstance(value, int):
            return self.constant([value] * kind.count, bits)
        if value.type.width > bits:
            value = self.builder.trunc(value, kind.element)
        first = self.builder.insert_element(ir.Constant(kind, ir.Undefined), value, DWORD(0))
        return self.permute(first, [0] * kind.count)

    def zeros(self, like: Value) -> Value:
        """Make a vector of zeros of the same type."""
        return ir.Constant(like.type, None)

    # -- memory: pointers are byte pointers, offsets count bytes, nothing need be aligned

    def at(self, pointer: Value, offset: int | Value) -> Value:
        """Advance a pointer by bytes."""
        return self.builder.gep(pointer, [INDEX(offset) if isinstance(offset, int) else offset])

    def _address(self, pointer: Value, offset: int | Value, kind: Value) -> Value:
        return self.builder.bitcast(self.at(pointer, offset), kind.as_pointer())

    def load(
        self, pointer: Value, offset: int | Value = 0, bits: int = 8, size: int | None = None
    ) -> Value:
        """Read a vector."""
        address = self._address(pointer, offset, self.vector(bits, size))
        return self.builder.load(address, align=1)

    def store(self, value: Value, pointer: Value, offset: int | Value = 0) -> None:
        """Write a vector or a scalar."""
        self.builder.store(value, self._address(pointer, offset, value.type), align=1)

    def load_scalar(self, pointer: Value, offset: int | Value = 0, bits: int = 64) -> Value:
        """Read one integer of `bits`, unextended."""
        address = self._address(pointer, offset, ir.IntType(bits))
        return self.builder.load(address, align=1)

    def opaque(self, a: Value) -> Value:
        """Hide how a scalar or pointer came about: LLVM must not compute parts of it elsewhere."""
        kind = ir.FunctionType(a.type, [a.type])
        return self.builder.asm(kind, "", "=r,0", [a], side_effect=False)

    # -- lane by lane

    def add(self, a: Value, b: Value) -> Value:
        """Sum, wrapping."""
        return self.builder.add(a, b)

    def sub(self, a: Value, b: Value) -> Value:
        """Subtract `b` from `a`, wrapping."""
        return self.builder.sub(a, b)

    def mul(self, a: Value, b: Value) -> Value:
        """Multiply, keeping the low half."""
        return self.builder.mul(a, b)

    def add_saturating(self, a: Value, b: Value, signed: bool = False) -> Value:
        """Sum, clipped to the range of the lane."""
        kind = f"v{a.type.count}i{a.type.element.width}"
        return self._call(f"llvm.{'s' if signed else 'u'}add.sat.{kind}", a.type, a, b)

    def average(self, a: Value, b: Value) -> Value:
        """Halve the sum, rounding up: ``(a + b + 1) >> 1`` without overflow."""
        bits = a.type.element.width
        one = self.constant([1] * a.type.count, 2 * bits)
        total = self.add(self.add(self.widen(a, 2 * bits), self.widen(b, 2 * bits)), one)
        return self.narrow(self.shift_right(total, 1), bits)  # LLVM finds pavg and urhadd

    def bit_and(self, a: Value, b: Value) -> Value:
        """Intersect bits."""
        return self.builder.and_(a, b)

    def bit_or(self, a: Value, b: Value) -> Value:
        """Unite bits."""
        return self.builder.or_(a, b)

    def bit_xor(self, a: Value, b: Value) -> Value:
        """Differ in bits."""
        return self.builder.xor(a, b)

    def shift_left(self, a: Value, count: int | Value) -> Value:
        """Shift every lane by one known count or by a vector of counts."""
        return self.builder.shl(a, self._counts(a, count))

    def shift_right(self, a: Value, count: int | Value, signed: bool = False) -> Value:
        """Shift every lane right; `signed` repeats the sign bit."""
        shift = self.builder.ashr if signed else self.builder.lshr
        return shift(a, self._counts(a, count))

    def minimum(self, a: Value, b: Value, signed: bool = False) -> Value:
        """Take the smaller."""
        return self.select(self.less(a, b, signed), a, b)

    def maximum(self, a: Value, b: Value, signed: bool = False) -> Value:
        """Take the larger."""
        return self.select(self.less(a, b, signed), b, a)

    def less(self, a: Value, b: Value, signed: bool = False) -> Value:
        """Compare; the result is a mask for `select`, one bit a lane."""
        compare = self.builder.icmp_signed if signed else self.builder.icmp_unsigned
        return compare("<", a, b)

    def equal(self, a: Value, b: Value) -> Value:
        """Compare for equality; a mask for `select`."""
        return self.builder.icmp_unsigned("==", a, b)

    def select(self, mask: Value, a: Value, b: Value) -> Value:
        """Take `a` where the mask is set, else `b`."""
        return self.builder.select(mask, a, b)

    def _counts(self, a: Value, count: int | Value) -> Value:
        if not isinstance(count, int):
            return count
        scalar = isinstance(a.type, ir.IntType)
        return ir.Constant(a.type, count if scalar else [count] * a.type.count)

    def any_bit(self, a: Value) -> Value:
        """Unite all bits into one 64-bit number, which is 0 if there are none."""
        words = self.cast(a, 64)
        lanes = range(words.type.count)
        parts = [self.builder.extract_element(words, DWORD(i)) for i in lanes]
        return functools.reduce(self.builder.or_, parts)

    # -- changing lanes

    def widen(self, a: Value, bits: int, signed: bool = False) -> Value:
        """Extend every lane to `bits`: the vector grows in bytes."""
        kind = ir.VectorType(ir.IntType(bits), a.type.count)
        return self.builder.sext(a, kind) if signed else self.builder.zext(a, kind)

    def narrow(self, a: Value, bits: int) -> Value:
        """Keep the low `bits` of every lane: the vector shrinks in bytes."""
        return self.builder.trunc(a, ir.VectorType(ir.IntType(bits), a.type.count))

    def cast(self, a: Value, bits: int) -> Value:
        """See the same bytes as little-endian lanes of `bits`."""
        return self.builder.bitcast(a, self.vector(bits, _size(a.type)))

    def permute(self, a: Value, lanes: Sequence[int], b: Value | None = None) -> Value:
        """Take known lanes of `a`, or of `a` followed by `b`; -1 leaves a lane undefined."""
        other = ir.Constant(a.type, ir.Undefined) if b is None else b
        index = [DWORD(ir.Undefined) if lane < 0 else DWORD(lane) for lane in lanes]
        picked = ir.Constant(ir.VectorType(DWORD, len(index)), index)
        return self.builder.shuffle_vector(a, other, picked)

    def part(self, a: Value, start: int, count: int) -> Value:
        """Cut out `count` lanes from lane `start`."""
        return self.permute(a, range(start, start + count))

    def join(self, a: Value, b: Value) -> Value:
        """Put `b` behind `a`: twice the bytes."""
        return self.permute(a, range(2 * a.type.count), b)

    def shuffle_bytes(self, table: Value, index: Value) -> Value:
        """Look up bytes of `table` by `index` inside each 16-byte lane.

        An index of 128 or more gives 0; one from 16 to 127 is not defined.
        """
        size = _size(index.type)
        width, name = _SHUFFLE_BYTES.get(self.cpu.level, (16, ""))
        if size > width:
            return self._halves(self.shuffle_bytes, table, index)
        if size < width:  # a narrower vector on a wide machine: the smaller instruction exists too
            name = next(name for width, name in _SHUFFLE_BYTES.values() if width == size)
        if name:
            return self._call(name, index.type, table, index)
        return self.builder.call(plain.shuffler(self.builder.module, index.type), [table, index])

    def pack_even(self, a: Value, b: Value) -> Value:
        """Inside each 16 bytes put the even bytes of `a`, then of `b`; odd bytes must be 0."""
        name = self._named(_PACK_EVEN, _size(a.type))
        if name:
            a, b = self.cast(a, 16), self.cast(b, 16)
            return self._call(name, self.vector(8, _size(a.type)), a, b)
        size = _size(a.type)
        even = range(0, 16, 2)
        lanes = [
            start + i for lane in range(0, size, 16) for start in (lane, size + lane) for i in even
        ]
        return self.permute(self.cast(a, 8), lanes, self.cast(b, 8))

    # -- products

    def multiply_high(self, a: Value, b: Value, signed: bool = False) -> Value:
        """Multiply 16-bit lanes, keeping the high half."""
        name = self._named(_MULTIPLY_HIGH, _size(a.type)).format("" if signed else "u")
        if name:
            return self._call(name, a.type, a, b)
        product = self.mul(self.widen(a, 32, signed), self.widen(b, 32, signed))
        return self.narrow(self.shift_right(product, 16), 16)

    def add_with_sign(self, total: Value, a: Value, sign: Value) -> Value:
        """Add to `total` the lanes of `a`, negated or dropped as those of `sign` are < 0 or 0."""
        bits, size = a.type.element.width, _size(a.type)
        name = self._named(_SIGN, size)
        if name and bits < 32:
            name = name.format("b" if bits == 8 else "w")
            return self.add(total, self._call(name, a.type, a, sign))
        zero = self.zeros(a)
        total = self.select(self.less(zero, sign, signed=True), self.add(total, a), total)
        return self.select(self.less(sign, zero, signed=True), self.sub(total, a), total)

    def multiply_pairs(self, a: Value, b: Value) -> Value:
        """Multiply signed 16-bit lanes and add neighbours: 32-bit lanes, exact."""
        width, name = _MULTIPLY_PAIRS.get(self.cpu.level, (_size(a.type), ""))
        if _size(a.type) > width:
            return self._halves(self.multiply_pairs, a, b)
        if name and _size(a.type) == width:
            return self._call(name, self.vector(32, width), a, b)
        a, b = self.cast(a, 32), self.cast(b, 32)
        low = self.mul(*(self.shift_right(self.shift_left(v, 16), 16, True) for v in (a, b)))
        return self.add(low, self.mul(self.shift_right(a, 16, True), self.shift_right(b, 16, True)))

    def dot(self, total: Value, unsigned: Value, signed: Value) -> Value:
        """Add to each 32-bit lane of `total` the four products of its bytes, exactly.

        unsigned and signed hold unsigned and signed bytes and are as many bytes as `total`.
        """
        if self.cpu.vnni and _size(total.type) >= 64:
            if _size(total.type) > 64:
                return self._halves(self.dot, total, unsigned, signed)
            quads = (self.cast(unsigned, 32), self.cast(signed, 32))
            return self._call("llvm.x86.avx512.vpdpbusd.512", total.type, total, *quads)
        u, s = self.cast(unsigned, 16), self.cast(signed, 16)
        even_u = self.bit_and(u, self.constant([255] * u.type.count, 16))
        even_s = self.shift_right(self.shift_left(s, 8), 8, True)
        odd = self.multiply_pairs(self.shift_right(u, 8), self.shift_right(s, 8, True))
        return self.add(total, self.add(self.multiply_pairs(even_u, even_s), odd))

    # -- control

    @contextmanager
    def loop(self, count: int | Value, step: int = 1) -> Iterator[Value]:
        """Repeat the block for an index 0, `step`, 2 `step`, ... below `count`."""
        builder = self.builder
        stop = INDEX(count) if isinstance(count, int) else count
        head, body, done = (builder.append_basic_block(name) for name in ("head", "body", "done"))
        before = builder.block
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(INDEX)
        index.add_incoming(INDEX(0), before)
        builder.cbranch(builder.icmp_signed("<", index, stop), body, done)
        builder.position_at_end(body)
        yield index
        index.add_incoming(builder.add(index, INDEX(step)), builder.block)
        builder.branch(head)
        builder.position_at_end(done)

    def either(self, condition: Value) -> Any:
        """Branch: ``with e.either(c) as (then, otherwise):`` gives a block for each case."""
        return self.builder.if_else(condition)

    def when(self, condition: Value) -> Any:
        """Branch: ``with e.when(c):`` runs the block only if `c` holds."""
        return self.builder.if_then(condition)

    def register(self, initial: Value) -> Register:
        """Declare a variable for use in and after a `loop`."""
        return Register(self.builder, initial)

    def _named(self, names: Mapping[str, tuple[int, str]], size: int) -> str:
        """Find the instruction for `size` bytes, if there is one on this level."""
        width, name = names.get(self.cpu.level, (0, ""))
        if size < width:  # the smaller instruction exists too
            name = next((name for width, name in names.values() if width == size), "")
        return "" if size > width else name

    def _halves(self, operation: Callable[..., Value], *vectors: Value) -> Value:
        def side(upper: int) -> list[Value]:
            return [self.part(v, upper * v.type.count // 2, v.type.count // 2) for v in vectors]

        return self.join(operation(*side(0)), operation(*side(1)))

    def _call(self, name: str, result: Value, *operands: Value) -> Value:
        signature = ir.FunctionType(result, [operand.type for operand in operands])
        module = self.builder.module
        function = module.globals.get(name) or ir.Function(module, signature, name)
        return self.builder.call(function, operands)


def _size(kind: Value) -> int:
    return int(kind.count * kind.element.width // 8)
