"""A sieve for templates in a stream: the warp of `dtw.warp_stream` in small integers.

Frames and templates are bytes, and one register holds 32 numbers of 16 bits, each for one frame of
a template. Where each path began is not followed, though its cost is to be divided by its length:
instead a path is paid back a share for every frame that it uses. What is left is negative just
where a path costs less per frame than that share, and near it tells by how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from .compile import jit, kernel

if TYPE_CHECKING:
    from .simd import Emitter, Value

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]
I32: TypeAlias = npt.NDArray[np.int32]
I16: TypeAlias = npt.NDArray[np.int16]
I8: TypeAlias = npt.NDArray[np.int8]
U8: TypeAlias = npt.NDArray[np.uint8]

LANES = 32  # template frames a step; so many free numbers stand before each row of numbers
ONE = 126  # a cost of 1
WORST = 16000  # what costs more counts as much: sums fit 16 bits
RING, HELD = 8, 4  # frames whose costs, and whose paths, are kept
_TOGETHER = 4  # frames whose costs are computed at a time


@kernel
def _costs(
    e: Emitter,
    frames: Value,
    frame: Value,
    templates: Value,
    bias: Value,
    n_words: Value,
    n_blocks: Value,
    local: Value,
    slot: Value,
) -> None:
    """Write ``(bias - product) / 128`` of 4 frames with every template frame, from a slot on."""
    stride = e.mul(e.add(n_blocks, e.number(1)), e.number(2 * LANES))
    with e.loop(n_blocks) as block:
        first = e.mul(block, e.number(4 * LANES))
        totals = [e.register(e.splat(0, 32, 4 * LANES)) for _ in range(_TOGETHER)]
        with e.loop(n_words) as word:
            at = e.add(e.mul(word, e.mul(n_blocks, e.number(4 * LANES))), first)
            weights = e.load(templates, at, size=4 * LANES)
            for number, total in enumerate(totals):
                row = e.mul(e.add(frame, e.number(number)), e.mul(n_words, e.number(4)))
                four = e.load_scalar(frames, e.add(row, e.mul(word, e.number(4))), 32)
                total.value = e.dot(total.value, e.splat(four, 32, 4 * LANES), weights)
        least = e.load(bias, first, 32, 4 * LANES)
        for number, total in enumerate(totals):
            cost = e.narrow(e.shift_right(e.sub(least, total.value), 7, True), 16)
            to = e.mul(e.add(slot, e.number(number)), stride)
            e.store(cost, local, e.add(to, e.mul(e.add(block, e.number(1)), e.number(2 * LANES))))


@kernel
def _advance(
    e: Emitter,
    local: Value,
    here: Value,
    last: Value,
    total: Value,
    one: Value,
    two: Value,
    now: Value,
    n_blocks: Value,
) -> None:
    """Extend every path by one frame; the numbers after `local` and `total` are rows of them."""
    size = 2 * LANES
    stride = e.mul(e.add(n_blocks, e.number(1)), e.number(size))
    worst = e.splat(WORST, 16, size)

    def row(array: Value, number: Value, block: Value, back: int) -> Value:
        at = e.mul(e.add(block, e.number(1)), e.number(size))
        at = e.add(e.add(at, e.mul(number, stride)), e.number(-2 * back))
        return e.load(array, at, 16, size)

    with e.loop(n_blocks) as block:
        cost, before = row(local, here, block, 0), row(local, here, block, 1)
        earlier = row(local, last, block, 0)
        even = e.add(row(total, one, block, 1), cost)
        slow = e.add(row(total, two, block, 1), e.add(earlier, earlier))
        fast = e.add(row(total, one, block, 2), e.add(before, before))
        best = e.minimum(e.minimum(even, slow, True), fast, True)
        kept = e.minimum(e.add(best, cost), worst, True)
        at = e.add(e.mul(now, stride), e.mul(e.add(block, e.number(1)), e.number(size)))
        e.store(kept, total, at)


@jit
def sift(
    frames: U8,
    piece: I64,
    templates: I8,
    bias: I32,
    begin: I64,
    end: I64,
    local: I16,
    total: I16,
    left: I16,
) -> None:
    """Write what the best path through each template that ends at each frame has left to pay.

    frames (n + 4, 4 w) bytes, of which pieces piece[p] up to piece[p + 1] have nothing to do with
    each other; templates (w, rows, 4) with rows a multiple of 32, bias (rows,); template t is in
    the rows begin[t] up to end[t], two free ones before it; local (8, rows + 32) and total
    (4, rows + 32) are scratch; left (templates, n), in 126ths, is written. O(n rows w).
    """
    n_words, n_blocks = templates.shape[0], templates.shape[1] // 32
    for p in range(piece.shape[0] - 1):
        for i in range(total.shape[0]):
            for j in range(total.shape[1]):
                total[i, j] = WORST
        for j in range(local.shape[1]):
            local[RING - 1, j] = ONE  # as before the beginning of a recording
        for t in range(begin.shape[0]):
            total[HELD - 1, LANES + begin[t] - 1] = 0
        for first in range(piece[p], piece[p + 1], _TOGETHER):
            slot = (first - piece[p]) % RING
            _costs(frames, first, templates, bias, n_words, n_blocks, local, slot)
            for number in range(min(_TOGETHER, piece[p + 1] - first)):
                clock = first - piece[p] + number
                now = clock % HELD
                _advance(
                    local,
                    slot + number,
                    (slot + number + RING - 1) % RING,
                    total,
                    (clock + HELD - 1) % HELD,
                    (clock + HELD - 2) % HELD,
                    now,
                    n_blocks,
                )
                for t in range(begin.shape[0]):
                    total[now, LANES + begin[t] - 2] = WORST
                    total[now, LANES + begin[t] - 1] = 0
                    left[t, first + number] = total[now, LANES + end[t] - 1]


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
def weigh(left: I16, piece: I64, weight: F32, share: float, work: F32, cost: F32) -> None:
    """Average the templates that fit best at each frame, each at its best within one frame.

    left (templates, n) and piece as for `sift`; weight (templates,) turns it into a distance from
    `share`; work (best, n) is scratch for as many templates as count; cost (n,) is written.
    O(templates n).
    """
    best = work.shape[0]
    for p in range(piece.shape[0] - 1):
        first, last = piece[p], piece[p + 1]
        for t in range(left.shape[0]):
            for j in range(first, last):
                value = left[t, j]
                if j > first:
                    value = min(value, left[t, j - 1])
                if j + 1 < last:
                    value = min(value, left[t, j + 1])
                gap = np.float32(value) * weight[t]
                if t == 0:
                    work[0, j] = gap
                    for place in range(1, best):
                        work[place, j] = np.float32(1e9)
                    continue
                for place in range(best):
                    lower = min(work[place, j], gap)
                    gap = max(work[place, j], gap)
                    work[place, j] = lower
        for j in range(first, last):
            total = np.float32(0)
            for place in range(best):
                total += work[place, j]
            cost[j] = np.float32(share) + total / np.float32(best)


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "arcp"})
def running_sums(
    frames: F32, loudness: F32, piece: I64, state: F64, memory_frames: float, sums: F32
) -> None:
    """Write what `normalise.normalise_running` remembers at each frame, before any prior.

    frames (n, d), loudness (n,); piece p begins in state[p], shape (d + 3,), which is carried on;
    sums (n, d + 2): the weighted sum of frames, of loudness, and of weights. O(n d).
    """
    d = frames.shape[1]
    for p in range(piece.shape[0] - 1):
        for j in range(piece[p], piece[p + 1]):
            loud = np.float64(loudness[j])
            if loud > state[p, d + 2]:
                ratio = (state[p, d + 2] / loud) ** 6
                for k in range(d + 2):
                    state[p, k] *= ratio
                state[p, d + 2] = loud
            weight = (loud / state[p, d + 2]) ** 6 if state[p, d + 2] > 0 else 0.0
            fade = 1 - weight / memory_frames
            for k in range(d):
                state[p, k] = state[p, k] * fade + weight * frames[j, k]
            state[p, d] = state[p, d] * fade + weight * loud
            state[p, d + 1] = state[p, d + 1] * fade + weight
            state[p, d + 2] *= 1 - 1e-4
            for k in range(d + 2):
                sums[j, k] = np.float32(state[p, k])


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "arcp"})
def unit_bytes(
    frames: F32, sums: F32, prior: F32, prior_frames: float, homogeneous: bool, work: F32, out: U8
) -> None:
    """Write frames centred around running sums and a prior, at unit length: 128 + 127 times that.

    frames (n, d), sums (n, d + 2), prior (d,), work (d,) is scratch, out (>= n, >= d). O(n d).
    """
    n, d = frames.shape
    for j in range(n):
        weight = sums[j, d + 1]
        level = np.float32(1)
        if homogeneous:
            level = sums[j, d] / weight if weight > 0 else np.float32(0)
        inverse = np.float32(1) / (weight + np.float32(prior_frames))
        expected = np.float32(prior_frames) * level * inverse
        norm = np.float32(0)
        for k in range(d):
            value = frames[j, k] - sums[j, k] * inverse - prior[k] * expected
            work[k] = value
            norm += value * value
        scale = np.float32(127) / np.sqrt(norm) if norm > 0 else np.float32(0)
        for k in range(d):
            out[j, k] = np.uint8(np.int32(work[k] * scale + np.float32(128.5)))
