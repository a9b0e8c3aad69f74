"""One kernel that uses every instruction of the emitter, and what it must write."""

from __future__ import annotations

import numpy as np

from kwspot.kernels import simd
from kwspot.kernels.compile import jit, kernel

SIZE = 64
ORDER = np.random.default_rng(1).permutation(SIZE)
NAMES = [
    "add", "sub", "mul16", "add_saturating", "add_saturating signed", "average", "and", "or", "xor",
    "shift_left", "shift_right", "shift_right signed", "minimum", "maximum signed", "select",
    "narrow", "widen", "widen signed", "permute", "join", "shuffle_bytes", "multiply_pairs", "dot",
    "splat", "loop", "pack_even", "multiply_high", "multiply_high signed", "add_with_sign 8",
    "add_with_sign 16",
]  # fmt: skip


@kernel
def emit_all(e, x, y, index, out):
    """Write one 64-byte result an instruction; `index` has lookup indices, x[0] a loop count."""
    a, b, i = (e.load(p, 0, size=SIZE) for p in (x, y, index))
    a16, b16, a32 = e.cast(a, 16), e.cast(b, 16), e.cast(a, 32)
    total = e.register(e.zeros(a))
    with e.loop(3) as k:
        total.value = e.add(total.value, e.add(a, e.splat(k, size=SIZE)))
    ordered = e.permute(a, [int(k) for k in ORDER])
    results = [
        e.add(a, b),
        e.sub(a, b),
        e.mul(a16, b16),
        e.add_saturating(a, b),
        e.add_saturating(a, b, signed=True),
        e.average(a, b),
        e.bit_and(a, b),
        e.bit_or(a, b),
        e.bit_xor(a, b),
        e.shift_left(a, 3),
        e.shift_right(a16, 5),
        e.shift_right(a, 2, signed=True),
        e.minimum(a, b),
        e.maximum(a, b, signed=True),
        e.select(e.equal(a, b), a, e.zeros(a)),
        e.join(e.narrow(a16, 8), e.narrow(b16, 8)),
        e.widen(e.part(a, 0, 32), 16),
        e.widen(e.part(a, 32, 32), 16, signed=True),
        ordered,
        e.part(e.join(a, b), 32, 64),
        e.shuffle_bytes(a, i),
        e.multiply_pairs(a16, b16),
        e.dot(a32, a, b),
        e.splat(e.load_scalar(x, 0, bits=32), 32, SIZE),
        total.value,
        e.pack_even(e.bit_and(a16, e.splat(255, 16, SIZE)), e.shift_right(b16, 8)),
        e.multiply_high(a16, b16),
        e.multiply_high(a16, b16, signed=True),
        e.add_with_sign(a, b, ordered),
        e.add_with_sign(a16, b16, e.cast(ordered, 16)),
    ]
    for number, result in enumerate(results):
        e.store(result, out, number * SIZE)


@kernel(returns=True)
def read_number(e, x, at):
    return e.builder.zext(e.load_scalar(x, at, bits=16), simd.INDEX)


@jit
def all_of(x, y, index, out):
    emit_all(x, y, index, out)
    return read_number(x, 3)


def inputs(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw two operands of 64 bytes with extremes, and valid lookup indices."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 256, (2, SIZE)).astype(np.uint8)
    x[5:9], y[5:7], y[7:9] = (0, 255, 128, 127), (255, 255), (128, 128)
    x[20:28] = y[20:28] = 255, 127, 255, 127, 0, 128, 0, 128
    x[30:38] = y[30:38]
    index = np.where(
        rng.random(SIZE) < 0.2, rng.integers(128, 256, SIZE), rng.integers(0, 16, SIZE)
    )
    return x, y, index.astype(np.uint8)


def expected(x: np.ndarray, y: np.ndarray, index: np.ndarray) -> list[np.ndarray]:
    """Compute the same with NumPy."""
    i, j = x.astype(int), y.astype(int)
    si, sj = x.view(np.int8).astype(int), y.view(np.int8).astype(int)
    x16, y16 = x.view(np.uint16), y.view(np.uint16)
    products = x.view(np.int16).astype(np.int64) * y.view(np.int16)
    even, odd = (half.reshape(-1, 8) for half in (x[::2], y[1::2]))
    table = x.reshape(-1, 16)[np.repeat(np.arange(4), 16), index & 15]
    byte = np.uint8
    return [
        (i + j).astype(byte), (i - j).astype(byte), x16 * y16,
        np.minimum(i + j, 255).astype(byte), np.clip(si + sj, -128, 127).astype(np.int8),
        ((i + j + 1) >> 1).astype(byte),
        x & y, x | y, x ^ y,
        (i << 3).astype(byte), x16 >> 5, (si >> 2).astype(np.int8),
        np.minimum(x, y), np.maximum(si, sj).astype(np.int8), np.where(x == y, x, 0).astype(byte),
        np.r_[x16.astype(byte), y16.astype(byte)],
        x[:32].astype(np.uint16), x[32:].view(np.int8).astype(np.int16),
        x[ORDER], np.r_[x[32:], y[:32]], np.where(index < 128, table, 0).astype(byte),
        products.reshape(-1, 2).sum(1).astype(np.int32),
        x.view(np.int32) + (i * sj).reshape(-1, 4).sum(1).astype(np.int32),
        np.repeat(x[:4].view(np.uint32), 16), (3 * i + 3).astype(byte),
        np.hstack([even, odd]).ravel(), (x16.astype(np.int64) * y16 >> 16).astype(np.uint16),
        (products >> 16).astype(np.int16), (i + np.sign(si[ORDER]) * sj).astype(byte),
        (x16 + np.sign(x[ORDER].view(np.int16)).astype(int) * y16).astype(np.uint16),
    ]  # fmt: skip


def run(seed: int) -> tuple[np.ndarray, int]:
    """Run the kernel on the drawn operands."""
    out = np.zeros(len(NAMES) * SIZE, np.uint8)
    number = all_of(*inputs(seed), out)
    return out.reshape(len(NAMES), SIZE), number
