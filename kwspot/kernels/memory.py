"""Words and stretches of memory for compiled code: cheaper to compile than loops over arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .compile import kernel

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
