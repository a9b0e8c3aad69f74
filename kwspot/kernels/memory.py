"""Words and stretches of memory for compiled code: cheaper to compile than loops over arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .compile import kernel
from .simd import lanes

if TYPE_CHECKING:
    from .simd import Emitter, Value


@kernel(returns=True)
def load_word(e: Emitter, x: Value, at: Value) -> Value:
    """Read 8 bytes from byte `at` on."""
    return e.load_scalar(x, at)


@kernel
def store_word(e: Emitter, x: Value, at: Value, word: Value) -> None:
    """Write 8 bytes from byte `at` on."""
    e.store(word, x, at)


@kernel(returns=True)
def lowest_bit(e: Emitter, word: Value) -> Value:
    """Tell which is the lowest set bit of a word that is not 0."""
    return lanes.trailing_zeros(e, word)


@kernel
def copy_bytes(
    e: Emitter, target: Value, at: Value, source: Value, start: Value, count: Value
) -> None:
    """Copy bytes, counted in bytes."""
    with e.loop(count) as i:
        e.store(e.load_scalar(source, e.add(start, i), 8), target, e.add(at, i))


@kernel
def clear_bytes(e: Emitter, target: Value, count: Value) -> None:
    """Set the first `count` bytes to 0."""
    with e.loop(count) as i:
        e.store(e.number(0, 8), target, i)
