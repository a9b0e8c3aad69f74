"""Outlines: words as a few segments one after the other, warped onto the codes of recordings.

A template is cut into short segments, one every few frames; those of a recording, which are encoded
as often, are followed row by row, and each row advances a path by one to four segments. What a path
costs is its segments' cosine costs, each as often as it advances. Costs are numbers of 16 bits; a
register holds one segment of each template, then the next of each, so that one instruction serves
them all and a step back is a load from a little before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from .bolt_search import ID_BITS
from .compile import jit, kernel
from .memory import lowest_bit
from .simd import lanes

if TYPE_CHECKING:
    from .simd import Emitter, Value

U8: TypeAlias = npt.NDArray[np.uint8]
U64: TypeAlias = npt.NDArray[np.uint64]
I16: TypeAlias = npt.NDArray[np.int16]
I64: TypeAlias = npt.NDArray[np.int64]
F32: TypeAlias = npt.NDArray[np.float32]

SHUT = 16383  # the cost of a path that there is not
STEPS = 4  # segments by which a row advances a path at most
FIRST = 2.5  # as many segments does the first row of a path count
LANES = 32  # widths are multiples of it
ONE = 4096  # a mean cost of 1 in a key
SUMS = 4 * ONE  # more than any mean cost in a key
_NONE = np.float32(1e9)


@kernel
def _extend(
    e: Emitter,
    tables: Value,
    offsets: Value,
    width: Value,
    shut: Value,
    totals: Value,
    now: Value,
    before: Value,
    step: Value,
    books: Value,
) -> None:
    """Extend every path by one row: from the column at byte `before` of `totals` to that at `now`.

    One segment earlier lies `step` bytes before; codeword i begins at byte offsets[i] of `tables`.
    """
    chosen = [e.load_scalar(offsets, 8 * i) for i in range(lanes.tuple_length(books))]
    back = [e.sub(before, e.mul(step, e.number(i + 1))) for i in range(STEPS)]
    none = e.splat(SHUT, 16)
    with e.loop(width, e.width) as at:
        parts = [e.load(tables, e.add(at, offset), 16) for offset in chosen]
        local = parts[0]
        for part in parts[1:]:
            local = e.add(local, part)
        local = e.maximum(local, e.zeros(local), True)
        cost = e.add(local, local)
        first = e.add(cost, e.shift_right(local, 1))
        best = e.add(first, e.load(shut, at, 16))
        cost = local
        for place in back:
            best = e.minimum(best, e.add(e.load(totals, e.add(at, place), 16), cost), True)
            cost = e.add(cost, local)
        e.store(e.minimum(best, none, True), totals, e.add(at, now))


@jit
def _follow(
    codes: U8,
    first: int,
    last: int,
    tables: I16,
    shut: I16,
    share: F32,
    offsets: I64,
    totals: I16,
    ends: F32,
    books: tuple[int, ...],
) -> None:
    """Write into ends[i] what each template costs on average that ends at row first + i."""
    width, count, n_bytes = shut.size, ends.shape[1], len(books) // 2
    ahead, bytes_of_column = totals.shape[1] - width, 2 * totals.shape[1]
    for i in range(totals.shape[1]):
        totals[0, i] = totals[1, i] = SHUT
    latest = share.size - count
    for row in range(first, last):
        at = (row >> 5) * 32 * n_bytes + (row & 31)
        for j in range(n_bytes):
            code = np.int64(codes[at + 32 * j])
            offsets[2 * j] = 2 * width * (32 * j + (code & 15))
            offsets[2 * j + 1] = 2 * width * (32 * j + 16 + (code >> 4))
        side = (row - first) & 1
        now, before = side * bytes_of_column, (1 - side) * bytes_of_column
        _extend(
            tables, offsets, 2 * width, shut, totals, now + 2 * ahead, before + 2 * ahead,
            2 * count, books,
        )  # fmt: skip
        column, out = totals[side, ahead:], ends[row - first]
        for t in range(count):
            x = latest + t
            shorter = np.float32(column[x - count]) * share[x - count]
            out[t] = min(np.float32(column[x]) * share[x], shorter)


@jit
def _judge(ends: F32, n: int, nearest: F32, mean: F32) -> None:
    """Average the templates that fit best, each at its best within one row on either side."""
    count, best = ends.shape[1], nearest.size
    for x in range(n):
        for place in range(best):
            nearest[place] = _NONE
        for t in range(count):
            value = ends[x, t]
            if x > 0:
                value = min(value, ends[x - 1, t])
            if x + 1 < n:
                value = min(value, ends[x + 1, t])
            for place in range(best):
                if value < nearest[place]:
                    nearest[place], value = value, nearest[place]
        total = np.float32(0)
        for place in range(best):
            total += nearest[place]
        mean[x] = total / np.float32(best)


@jit
def _keep(pool: I64, used: int, counts: I64) -> int:
    """Keep the least half of a full pool, or of one that is nearly so; return how many.

    Of keys of one cost those that came first are kept.
    """
    most = pool.size // 2
    for i in range(counts.size):
        counts[i] = 0
    for i in range(used):
        counts[pool[i] >> ID_BITS] += 1
    last, below = 0, 0
    while below + counts[last] < most:
        below += counts[last]
        last += 1
    room, at = most - below, 0
    for i in range(used):
        cost = pool[i] >> ID_BITS
        if cost < last or (cost == last and room > 0):
            if cost == last:
                room -= 1
            pool[at] = pool[i]
            at += 1
    return at


@jit
def _next(marks: U64, row: int, end: int) -> int:
    """Return the next marked row from `row` on, `end` if there is none before it."""
    while row < end:
        word = marks[row >> 6] >> np.uint64(row & 63)
        if word != 0:
            row += lowest_bit(word)
            return min(row, end)
        row = (row | 63) + 1
    return end


@jit
def warp_near(
    marks: U64,
    marked: I64,
    rows: I64,
    ratio: int,
    before: int,
    after: int,
    codes: U8,
    tables: I16,
    shut: I16,
    share: F32,
    offsets: I64,
    totals: I16,
    ends: F32,
    nearest: F32,
    mean: F32,
    counts: I64,
    pool: I64,
    books: tuple[int, ...],
) -> int:
    """Write the keys of the rows where templates about end at the least cost; return how many.

    Recording r has marked[r] rows of which some are marked, bit by bit, and of those that are
    warped rows[r], `ratio` times as many: from `before` before a marked one up to `after` after.
    codes (flat, in blocks of 32 rows); tables (c, 16, w) what each codeword costs, shut (w,) what
    it costs that a path begins there, share (positions * templates,) by which one that ends there
    is multiplied.
    Scratch: offsets (c,), totals (2, 4 templates + w), ends (rows at once, templates), nearest
    (templates that count,), mean (rows at once,), counts (SUMS,). pool (2 k,) for k keys: mean cost
    times `ONE`, and the row. books has c elements. O(rows that are warped x c x w).
    """
    used, marked_end, rows_end, most = 0, 0, 0, ends.shape[0]
    for recording in range(marked.size):
        begin, row_begin = marked_end, rows_end
        marked_end, rows_end = begin + marked[recording], row_begin + rows[recording]
        row = _next(marks, begin, marked_end)
        while row < marked_end:
            first = max(row_begin, row_begin + (row - begin) * ratio - before)
            last = first
            while row < marked_end:
                middle = row_begin + (row - begin) * ratio
                end = min(rows_end, middle + after + 1)
                if last > first and (middle - before > last or end - first > most):
                    break
                last = end
                row = _next(marks, row + 1, marked_end)
            _follow(codes, first, last, tables, shut, share, offsets, totals, ends, books)
            n = last - first
            _judge(ends, n, nearest, mean)
            for x in range(n):
                low = mean[x]
                if (x == 0 or low < mean[x - 1]) and (x + 1 == n or low <= mean[x + 1]):
                    cost = np.int64(min(low * ONE, SUMS - 1))
                    pool[used] = (cost << ID_BITS) | (first + x)
                    used += 1
                    if used == pool.size:
                        used = _keep(pool, used, counts)
    if used > pool.size // 2:
        used = _keep(pool, used, counts)
    return used
