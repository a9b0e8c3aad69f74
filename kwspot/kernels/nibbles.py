"""Codes from nibbles and bits: what an entropy coder packs well apart from what it cannot pack.

Codes are vectors of 64. The `shift` low bits of each lie in planes: 8 bytes a bit, the highest bit
of a vector first, one bit a lane. What is above them, at most 15, is a nibble; the nibbles of
vectors 2k and 2k + 1 share 64 bytes.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import TYPE_CHECKING

from .compile import jit, kernel
from .memory import lowest_bit
from .simd import lanes

if TYPE_CHECKING:
    from .simd import Emitter, Value

LANES = 64


def _nibbles(e: Emitter, pairs: Value, number: Value) -> list[Value]:
    both = e.load(pairs, e.mul(number, e.number(LANES)), size=LANES)
    return [e.bit_and(both, e.splat(15, size=LANES)), e.shift_right(both, 4)]


def _full(e: Emitter, nibbles: Value) -> Value:
    return lanes.mask_bits(e, e.equal(nibbles, e.splat(15, size=LANES)))


@kernel(returns=True)
def _join_pair(
    e: Emitter, pairs: Value, planes: Value, shift: Value, number: Value, codes: Value
) -> Value:
    """Write two vectors of codes; the result is not 0 if a nibble is 15."""
    bits = e.item_bits["codes"]
    size = LANES * bits // 8
    both = _nibbles(e, pairs, number)
    for side, nibbles in enumerate(both):
        vector = e.add(e.add(number, number), e.number(side))
        value = e.register(nibbles if bits == 8 else e.widen(nibbles, bits))
        with e.loop(shift) as plane:
            at = e.mul(e.add(e.mul(vector, shift), plane), e.number(8))
            mask = lanes.mask_of(e, e.load_scalar(planes, at))
            bit = e.select(mask, e.splat(1, bits, size), e.splat(0, bits, size))
            value.value = e.add(e.add(value.value, value.value), bit)
        e.store(value.value, codes, e.mul(vector, e.number(size)))
    return e.bit_or(*(_full(e, nibbles) for nibbles in both))


@kernel(returns=True)
def _full_lanes(e: Emitter, pairs: Value, number: Value, side: Value) -> Value:
    """Tell in 64 bits which nibbles of a vector are 15."""
    first, second = (_full(e, nibbles) for nibbles in _nibbles(e, pairs, number))
    return e.select(e.equal(side, e.number(0)), first, second)


@jit
def join_codes(pairs, planes, shift, extras, codes):
    """Write codes, and return how many `extras` they took, or -1 if there are too few.

    pairs (32 v,) and planes (8 v shift,) uint8, codes (64 v,) uint8 or uint16 for an even v,
    extras of that type: in turn by how much a nibble of 15 is too small. O(v).
    """
    used = 0
    for number in range(codes.size // 128):
        if _join_pair(pairs, planes, shift, number, codes) == 0:
            continue
        for side in range(2):
            full = _full_lanes(pairs, number, side)
            while full != 0:
                if used == extras.size:
                    return -1
                codes[(2 * number + side) * 64 + lowest_bit(full)] += extras[used] << shift
                full &= full - 1
                used += 1
    return used
