"""More words for the emitter: float32 lanes, masks as bits, scattered words, what is read soon.

Float sums and products happen in the order written and are never fused:
LLVM keeps them apart because no flag allows it to contract them, so results are equal bit for
bit on processors with and without fused multiply-add.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .emitter import Emitter, Value

_FLOAT = ir.FloatType()


def _kind(e: Emitter, size: int | None = None) -> Any:
    return ir.VectorType(_FLOAT, (size or e.width) // 4)


def load(e: Emitter, pointer: Value, offset: Value, size: int | None = None) -> Value:
    """Read a vector of floats."""
    return e.builder.bitcast(e.load(pointer, offset, 32, size), _kind(e, size))


def splat(e: Emitter, pointer: Value, offset: Value, size: int | None = None) -> Value:
    """Read one float and repeat it in every lane."""
    word = e.splat(e.load_scalar(pointer, offset, 32), 32, size)
    return e.builder.bitcast(word, _kind(e, size))


def repeat(e: Emitter, value: Value, size: int | None = None) -> Value:
    """Repeat a float32 value in every lane."""
    kind = _kind(e, size)
    first = e.builder.insert_element(ir.Constant(kind, ir.Undefined), value, e.number(0, 32))
    return e.permute(first, [0] * kind.count)


def add(e: Emitter, a: Value, b: Value) -> Value:
    """Sum."""
    return e.builder.fadd(a, b)


def sub(e: Emitter, a: Value, b: Value) -> Value:
    """Subtract `b` from `a`."""
    return e.builder.fsub(a, b)


def mul(e: Emitter, a: Value, b: Value) -> Value:
    """Multiply."""
    return e.builder.fmul(a, b)


def less(e: Emitter, a: Value, b: Value) -> Value:
    """Compare; the result is a mask for `Emitter.select`, false beside NaN."""
    return e.builder.fcmp_ordered("<", a, b)


def nan_bits(e: Emitter, a: Value) -> Value:
    """Tell in 64 bits which lanes are NaN."""
    return e.builder.zext(mask_bits(e, e.builder.fcmp_unordered("uno", a, a)), ir.IntType(64))


def from_integers(e: Emitter, a: Value) -> Value:
    """Convert signed 32-bit lanes."""
    return e.builder.sitofp(a, ir.VectorType(_FLOAT, a.type.count))


def mask_bits(e: Emitter, mask: Value) -> Value:
    """Pack a mask into an integer with one bit a lane, lane 0 lowest."""
    return e.builder.bitcast(mask, ir.IntType(mask.type.count))


def mask_of(e: Emitter, word: Value) -> Value:
    """Unpack an integer into a mask for `Emitter.select`, as `mask_bits` packs it."""
    return e.builder.bitcast(word, ir.VectorType(ir.IntType(1), word.type.width))


def trailing_zeros(e: Emitter, word: Value) -> Value:
    """Count the zero bits below the lowest set bit of a non-zero integer."""
    return e.builder.cttz(word, ir.Constant(ir.IntType(1), 1))


def load_words(e: Emitter, pointer: Value, offsets: Sequence[Value]) -> Value:
    """Read 8 bytes from each place into the 64-bit lanes of one vector."""
    words: Value = ir.Constant(e.vector(64, 8 * len(offsets)), ir.Undefined)
    for lane, offset in enumerate(offsets):
        word = e.load_scalar(pointer, offset)
        words = e.builder.insert_element(words, word, e.number(lane, 32))
    return words


def word(e: Emitter, words: Value, lane: int) -> Value:
    """Take one 64-bit lane."""
    return e.builder.extract_element(words, e.number(lane, 32))


def prefetch(e: Emitter, pointer: Value, offset: Value) -> None:
    """Have a cache line brought near that will be read soon; any address will do."""
    flags = [e.number(flag, 32) for flag in (0, 3, 1)]  # to read, to all caches, data
    kinds = [pointer.type, *(flag.type for flag in flags)]
    name = "llvm.prefetch.p0"
    module = e.builder.module
    signature = ir.FunctionType(ir.VoidType(), kinds)
    fetch = module.globals.get(name) or ir.Function(module, signature, name)
    e.builder.call(fetch, [e.at(pointer, offset), *flags])


def tuple_length(values: Value) -> int:
    """Tell how long a tuple argument is: known while compiling, as it is part of the type."""
    return int(values.type.count)
