"""A 64-bit checksum at memory speed: zlib's CRC-32 would be slower than the codec it guards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .compile import inlined, jit, kernel

if TYPE_CHECKING:
    from .simd import Emitter, Value

BLOCK = 256  # bytes a step: 32 lanes of 64 bits
MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so that every step can be undone and no change is lost


def _step(e: Emitter, lanes: Value, word: Value) -> Value:
    """Mix a word into the lanes: xor, rotate by 29, multiply."""
    mixed = e.bit_xor(lanes, word)
    rotated = e.bit_or(e.shift_left(mixed, 29), e.shift_right(mixed, 35))
    return e.mul(rotated, e.splat(MULTIPLIER, 64, lanes.type.count * 8))


@kernel(returns=True)
def emit_checksum(e: Emitter, data: Value, start: Value, size: Value, rest: Value) -> Value:
    """Sum the whole blocks of ``data[start:start + size]``, then the block `rest`, then `size`."""
    parts = BLOCK // e.width
    seed = [MULTIPLIER * (i + 1) for i in range(BLOCK // 8)]
    per_part = e.width // 8
    lanes = [
        e.register(e.constant(seed[i * per_part : (i + 1) * per_part], 64)) for i in range(parts)
    ]
    with e.loop(e.bit_and(size, e.number(-BLOCK)), BLOCK) as at:
        for i, lane in enumerate(lanes):
            lane.value = _step(
                e, lane.value, e.load(data, e.add(e.add(start, at), e.number(i * e.width)), 64)
            )
    final = [_step(e, lane.value, e.load(rest, i * e.width, 64)) for i, lane in enumerate(lanes)]
    total = size
    for vector in final:
        for i in range(per_part):
            word = e.builder.extract_element(vector, e.number(i, 32))
            total = e.mul(e.bit_xor(total, word), e.number(MULTIPLIER))
            total = e.bit_xor(total, e.shift_right(total, 32))
    return total


@inlined
def sum_stretch(data, start, size, rest):  # type: ignore[no-untyped-def]
    """Do as `checksum` inside another kernel."""
    whole = size & ~255
    for i in range(256):
        rest[i] = data[start + whole + i] if whole + i < size else 0
    return emit_checksum(data, start, size, rest)


@jit
def checksum(data, start, size, rest):  # type: ignore[no-untyped-def]
    """Sum ``data[start:start + size]`` to an int64; rest (256,) uint8 is scratch. O(size)."""
    return sum_stretch(data, start, size, rest)
