"""Bolt scans: sums of table entries picked by 4-bit codes, 64 rows a step.

Codes lie in blocks of 32 rows: byte i of column j is row i, its low nibble codebook 2j, its high
nibble codebook 2j+1. All functions take whole pairs of blocks, tables of 16 bytes a codebook, and
`groups`, a tuple with one (ignored) item for every 8 code bytes of a row: the length of a tuple is
part of its type, so each code size gets straight-line code and one cache entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from .compile import jit, kernel
from .simd import lanes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .simd import Emitter, Value

    Join: TypeAlias = Callable[[Value, Value], Value]
    Plan: TypeAlias = tuple[Join, Join]  # how pairs of lookups join, and how all the rest does

U8: TypeAlias = npt.NDArray[np.uint8]
U16: TypeAlias = npt.NDArray[np.uint16]
Groups: TypeAlias = tuple[int, ...]


def load_tables(
    e: Emitter, tables: Value, n_bytes: int, *, exact: bool = False
) -> list[tuple[Value, Value]]:
    """Load the low and high nibbles' tables for each register of codes."""
    whole = exact and _whole(e, n_bytes)
    per = 1 if whole else max(e.width // 32, 1)  # columns that share a register

    def wide(column: int, nibble: int) -> Value:
        parts = []
        for j in range(column, column + per):
            part = e.load(tables, 16 * (2 * j + nibble), size=16)
            while part.type.count < e.width // per:
                part = e.join(part, part)
            parts.append(part)
        return _tree(parts, e.join)

    return [(wide(j, 0), wide(j, 1)) for j in range(0, n_bytes, per)]


def _lookups(
    e: Emitter, codes: Value, at: Value, tables: list[tuple[Value, Value]]
) -> Iterator[Value]:
    """Yield the table entries of `width` rows, or of 32 rows and two columns side by side."""
    nibble = e.splat(15)
    for number, (low, high) in enumerate(tables):
        code = e.load(codes, e.add(at, e.number(number * max(e.width, 32))))
        yield e.shuffle_bytes(low, e.bit_and(code, nibble))
        yield e.shuffle_bytes(high, e.bit_and(e.shift_right(code, 4), nibble))


def _whole(e: Emitter, n_bytes: int) -> bool:
    """Tell whether exact sums look up 64 rows at a time: if the tables fit in registers."""
    return e.cpu.vbmi and n_bytes <= 8


def _whole_lookups(
    e: Emitter, codes: Value, start: Value, block_bytes: int, tables: list[tuple[Value, Value]]
) -> Iterator[Value]:
    """Yield the table entries of 64 rows; tables repeat, so that 4 bits of an index count."""
    for number, (low, high) in enumerate(tables):
        at = e.add(start, e.number(32 * number))
        code = e.join(*(e.load(codes, e.add(at, e.number(i)), size=32) for i in (0, block_bytes)))
        yield e.permute_bytes(low, code)
        yield e.permute_bytes(high, e.cast(e.shift_right(e.cast(code, 16), 4), 8))


def reduce(
    e: Emitter,
    codes: Value,
    start: Value,
    block_bytes: int,
    tables: list[tuple[Value, Value]],
    plans: Sequence[Plan],
) -> list[Value]:
    """Join the lookups of 64 rows by balanced trees, one for each of `plans`: 64 bytes each.

    The columns of `tables` begin at byte `start` and, of the second block, `block_bytes` later.
    """
    pieces: list[list[Value]] = [[] for _ in plans]
    for block in (0, block_bytes):
        for part in range(0, 32, min(e.width, 32)):
            at = e.add(start, e.number(block + part))
            found = list(_lookups(e, codes, at, tables))
            for piece, plan in zip(pieces, plans, strict=True):
                total = _join(found, plan)
                if e.width == 64:
                    total = plan[1](e.part(total, 0, 32), e.part(total, 32, 32))
                piece.append(total)
    return [_tree(piece, e.join) for piece in pieces]


def _join(found: list[Value], plan: Plan) -> Value:
    first, later = plan
    return _tree([first(*found[i : i + 2]) for i in range(0, len(found), 2)], later)


def _tree(items: list[Value], join: Join) -> Value:
    while len(items) > 1:
        items = [join(*items[i : i + 2]) for i in range(0, len(items), 2)]
    return items[0]


def exact_parts(
    e: Emitter, codes: Value, pair: Value, tables: list[tuple[Value, Value]], n_codebooks: int
) -> list[Value]:
    """Sum the lookups of 64 rows modulo 256, and average them, rounding up: 64 bytes each."""
    plans = [(e.add, e.add), (e.average, e.average)]
    block_bytes = 16 * n_codebooks
    start = e.mul(pair, e.number(2 * block_bytes))
    if _whole(e, n_codebooks // 2):
        found = list(_whole_lookups(e, codes, start, block_bytes, tables))
        return [_join(found, plan) for plan in plans]
    return reduce(e, codes, start, block_bytes, tables, plans)


def exact_sums(e: Emitter, parts: list[Value], n_codebooks: int) -> Value:
    """Make sums of 16 bits from what `exact_parts` found.

    Each level of averages adds at most 1/2, so n * mean exceeds the sum by at most
    n * log2(n) / 2 <= 192 < 256: the sum modulo 256 says by how much. Two byte operations a
    lookup, where widening takes three.
    """
    wrapped, mean = parts
    bits = n_codebooks.bit_length() - 1
    excess = e.sub(mean, _shift_right(e, wrapped, bits))
    high = _shift_right(e, excess, 8 - bits)
    order = [64 * byte + row for row in range(64) for byte in (0, 1)]
    return e.cast(e.permute(wrapped, order, high), 16)


def _shift_right(e: Emitter, a: Value, count: int) -> Value:
    """Shift 64 bytes right."""
    if e.cpu.gfni:  # which also keeps LLVM from taking the last means apart, at twice the cost
        rows = [1 << bit + count if bit + count < 8 else 0 for bit in range(8)]
        return e.bit_matrix(a, int.from_bytes(bytes(rows), "big"))
    return e.shift_right(a, count)


@kernel
def _exact_sums(
    e: Emitter, codes: Value, tables: Value, out: Value, n_pairs: Value, groups: Value
) -> None:
    n_bytes = 8 * lanes.tuple_length(groups)
    loaded = load_tables(e, tables, n_bytes, exact=True)

    def start(pair: Value) -> list[Value]:
        return exact_parts(e, codes, pair, loaded, 2 * n_bytes)

    def finish(pair: Value, parts: list[Value]) -> None:
        e.store(exact_sums(e, parts, 2 * n_bytes), out, e.mul(pair, e.number(128)))

    if _whole(e, n_bytes):
        _late(e, n_pairs, start, finish)
    else:
        with e.loop(n_pairs) as pair:
            finish(pair, start(pair))


def _late(
    e: Emitter,
    n_pairs: Value,
    start: Callable[[Value], list[Value]],
    finish: Callable[[Value, list[Value]], None],
) -> None:
    """Finish each pair one turn late, so that nothing waits: the next is looked up meanwhile.

    The first turn has nothing to finish, and what it writes the second one writes again.
    """
    one, nothing = e.number(1), e.splat(0, size=64)
    parts = [e.register(nothing), e.register(nothing)]
    with e.when(e.less(e.number(0), n_pairs)):
        with e.loop(n_pairs) as pair:
            found = start(pair)
            finish(e.maximum(e.sub(pair, one), e.number(0), signed=True), [p.value for p in parts])
            for part, new in zip(parts, found, strict=True):
                part.value = new
        finish(e.sub(n_pairs, one), [p.value for p in parts])


@kernel
def _saturating_sums(
    e: Emitter, codes: Value, tables: Value, out: Value, n_pairs: Value, groups: Value
) -> None:
    n_bytes = 8 * lanes.tuple_length(groups)
    loaded, plan = load_tables(e, tables, n_bytes), (e.add_saturating, e.add_saturating)
    with e.loop(n_pairs) as pair:
        start = e.mul(pair, e.number(64 * n_bytes))
        (sums,) = reduce(e, codes, start, 32 * n_bytes, loaded, [plan])
        e.store(sums, out, e.mul(pair, e.number(64)))


@jit
def scan_exact(codes: U8, tables: U8, out: U16, groups: Groups) -> None:
    """Write the exact sum of table entries of every row.

    codes (64 p, n_bytes) in blocks, tables (2 n_bytes, 16), out (64 p,). O(p n_bytes).
    """
    _exact_sums(codes, tables, out, out.size // 64, groups)


@jit
def scan_saturating(codes: U8, tables: U8, out: U8, groups: Groups) -> None:
    """Write the sum of table entries of every row, clipped to 255.

    codes (64 p, n_bytes) in blocks, tables (2 n_bytes, 16), out (64 p,). O(p n_bytes).
    """
    _saturating_sums(codes, tables, out, out.size // 64, groups)
