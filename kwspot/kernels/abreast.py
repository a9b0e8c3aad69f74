"""Streams abreast: the warp of `dtw.warp_stream` in small integers, one stream a lane.

A long recording is cut into 32 streams that are followed together: one instruction serves them all,
and no lane needs its neighbour. Frames and templates are bytes; what a path costs and where it
began are numbers of 16 bits. Each stream begins a little before the part that counts, so that the
cuts are not felt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from .compile import jit, kernel
from .simd import lanes

if TYPE_CHECKING:
    from .simd import Emitter, Value

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]
I32: TypeAlias = npt.NDArray[np.int32]
I16: TypeAlias = npt.NDArray[np.int16]
U64: TypeAlias = npt.NDArray[np.uint64]
Mask: TypeAlias = npt.NDArray[np.bool_]

LANES = 32  # streams
DEEP = 62  # frames of each that lie together; a power of two would crowd a few lines of the cache
SHUT = 32767  # the cost of a path that there is not: sums stay there
GAP = 2  # frames between recordings, which no path crosses
_ROW = 2 * LANES  # bytes
_WORST = 1e9


@kernel
def _column(
    e: Emitter,
    frames: Value,
    deep: Value,
    clock: Value,
    templates: Value,
    bias: Value,
    first: Value,
    length: Value,
    shift: Value,
    shut: Value,
    local: Value,
    total: Value,
    origin: Value,
    rows: Value,
    cost: Value,
    start: Value,
    at: Value,
    words: Value,
) -> None:
    """Extend every path through one template by one frame of each stream.

    `total` and `origin` hold this frame's column and the last one's; this one's is still that of
    two frames ago, and is written row by row just after it was read.
    """
    n_words, row, half = lanes.tuple_length(words), e.number(_ROW), 2 * _ROW
    begin = e.mul(deep, e.number(half))
    heard = [
        e.load(frames, e.add(begin, e.number(half * DEEP * i)), 8, half) for i in range(n_words)
    ]
    right = e.splat(shift, 32, half)
    odd = e.bit_and(clock, e.number(1))
    here = e.mul(e.mul(odd, rows), row)
    last = e.mul(e.mul(e.bit_xor(odd, e.number(1)), rows), row)
    none, now = e.splat(SHUT, 16, _ROW), e.splat(clock, 16, _ROW)
    before = e.register(none)  # twice the local cost of the row above
    one, one_from = e.register(e.splat(0, 16, _ROW)), e.register(now)  # a path may begin here
    two = e.register(e.load(shut, e.mul(clock, row), 16, _ROW))  # or one frame earlier
    two_from = e.register(e.sub(now, e.splat(1, 16, _ROW)))
    skip, skip_from = e.register(none), e.register(now)
    end, end_from = e.register(none), e.register(now)
    with e.loop(length) as number:
        i = e.add(first, number)
        part = e.splat(e.load_scalar(bias, e.mul(i, e.number(4)), 32), 32, half)
        for word, four in enumerate(heard):
            place = e.mul(e.add(e.mul(i, e.number(n_words)), e.number(word)), e.number(4))
            part = e.dot(part, four, e.splat(e.load_scalar(templates, place, 32), 32, half))
        part = e.narrow(e.shift_right(part, right, True), 16)
        place = e.mul(i, row)
        earlier, twice = e.load(local, place, 16, _ROW), e.add(part, part)
        e.store(twice, local, place)
        even = e.add_saturating(one.value, part, True)
        slow = e.add_saturating(two.value, earlier, True)
        fast = e.add_saturating(skip.value, before.value, True)
        better = e.less(slow, even, True)
        best = e.select(better, slow, even)
        source = e.select(better, two_from.value, one_from.value)
        better = e.less(fast, best, True)
        best = e.add_saturating(e.select(better, fast, best), part, True)
        source = e.select(better, skip_from.value, source)
        skip.value, skip_from.value, before.value = one.value, one_from.value, twice
        there, to = e.add(last, place), e.add(here, place)
        one.value, one_from.value = (e.load(array, there, 16, _ROW) for array in (total, origin))
        two.value, two_from.value = (e.load(array, to, 16, _ROW) for array in (total, origin))
        e.store(best, total, to)
        e.store(source, origin, to)
        end.value, end_from.value = best, source
    e.store(end.value, cost, e.mul(at, row))
    e.store(end_from.value, start, e.mul(at, row))


@numba.njit(nogil=True, fastmath={"contract", "reassoc", "arcp"})
def _unit_bytes(centred: F32, expected: F32, prior: F32, norm: F32, unit: I32) -> None:
    """Write frames less `prior` times what is `expected` of it, at unit length: 128 + 127 times.

    centred (d, n), expected (n,), prior (d,), norm (n,) scratch, unit (w, n). O(n d).
    """
    half = np.float32(128.5)
    for x in range(norm.size):
        norm[x] = np.float32(1e-30)
    for k in range(prior.size):
        row, mean = centred[k], prior[k]
        for x in range(norm.size):
            value = row[x] - mean * expected[x]
            norm[x] += value * value
    for x in range(norm.size):
        norm[x] = np.float32(127) / np.sqrt(norm[x])
    for k in range(prior.size):
        row, mean, to, shift = centred[k], prior[k], unit[k // 4], np.int32(8 * (k % 4))
        if shift == 0:
            for x in range(norm.size):
                to[x] = np.int32((row[x] - mean * expected[x]) * norm[x] + half)
        else:
            for x in range(norm.size):
                to[x] |= np.int32((row[x] - mean * expected[x]) * norm[x] + half) << shift


@numba.njit(nogil=True, fastmath={"contract", "reassoc", "arcp"})
def _judge(
    cost: I16, start: I16, length: I64, clock: int, one: float, mean: F32, best: F32, out: F32
) -> None:
    """Average the templates that fit best, each at its best within one frame on either side.

    cost, start (templates, n) begin with frame `clock`; mean (n,) and best (b, n - 64) are scratch
    for as many templates as count; out (>= n - 64,) begins with frame `clock` + 1. O(templates n).
    """
    scale, worst, n = np.float32(1 / one), np.float32(_WORST), best.shape[1]
    for place in range(best.shape[0]):
        row = best[place]
        for x in range(n):
            row[x] = worst
    for t in range(length.size):
        totals, begins, used = cost[t], start[t], np.int32(length[t] + clock + 1)
        for x in range(mean.size):
            steps = used + np.int32(x // LANES) - np.int32(begins[x])
            value = np.float32(totals[x]) * scale / np.float32(steps)
            mean[x] = value if totals[x] < SHUT else worst
        left, middle, right = mean[:n], mean[LANES:], mean[2 * LANES :]
        for x in range(n):
            left[x] = min(min(left[x], middle[x]), right[x])
        for place in range(best.shape[0]):
            row = best[place]
            for x in range(n):
                lower = min(row[x], left[x])
                left[x] = max(row[x], left[x])
                row[x] = lower
    share, least = np.float32(1 / best.shape[0]), best[0]
    for place in range(1, best.shape[0]):
        row = best[place]
        for x in range(n):
            least[x] += row[x]
    for x in range(n):
        out[x] = least[x] * share


@jit
def warp_abreast(
    centred: F32,
    expected: F32,
    prior: F32,
    templates: I32,
    bias: I32,
    first: I64,
    length: I64,
    shift: int,
    one: float,
    shut: I16,
    closed: Mask,
    unit: I32,
    local: I16,
    total: I16,
    origin: I16,
    cost: I16,
    start: I16,
    mean: F32,
    best: F32,
    out: F32,
    words: tuple[int, ...],
) -> None:
    """Write what the templates of a keyword cost together at each frame of each stream.

    centred (blocks, d, n) and expected (blocks, n) as `lay` writes them, n being 62 * 32; prior
    (d,); templates (rows, w) four negated signed bytes a word, bias (rows,), template t in the rows
    first[t] up to first[t] + length[t]; a local cost is ``(bias - product) >> shift``, and `one`
    stands for 1; shut (frames + 1, 32) is SHUT where the frame before is none of a recording, else
    0, and closed (frames,) tells in which frames there are such; scratch: unit (w, n), local
    (rows, 32), total and origin (2, rows, 32), cost and start (templates, n + 64), mean (n + 64,),
    best (b, n) for as many templates as count; out (blocks * n,) begins with frame -1. words has w
    elements. O(frames rows w).
    """
    for i in range(templates.shape[0]):
        for s in range(LANES):
            total[0, i, s] = total[1, i, s] = SHUT
            origin[0, i, s] = origin[1, i, s] = local[i, s] = 0
    ahead = DEEP * LANES
    for t in range(length.size):
        for x in range(ahead, ahead + 2 * LANES):
            cost[t, x], start[t, x] = SHUT, 0
    for block in range(centred.shape[0]):
        _unit_bytes(centred[block], expected[block], prior, mean[:ahead], unit)
        for t in range(length.size):
            for x in range(2 * LANES):
                cost[t, x], start[t, x] = cost[t, ahead + x], start[t, ahead + x]
            for deep in range(DEEP):
                clock = block * DEEP + deep
                at = t * (DEEP + 2) + deep + 2
                _column(
                    unit, deep, clock, templates, bias, first[t], length[t], shift, shut, local,
                    total, origin, templates.shape[0], cost, start, at, words,
                )  # fmt: skip
                if closed[clock]:
                    here, now = total[clock & 1], shut[clock + 1]
                    for i in range(first[t], first[t] + length[t]):
                        for s in range(LANES):
                            here[i, s] = max(here[i, s], now[s])
                    for s in range(LANES):
                        x = (deep + 2) * LANES + s
                        cost[t, x] = max(cost[t, x], now[s])
        _judge(cost, start, length, block * DEEP - 2, one, mean, best, out[block * ahead :])


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "arcp"})
def centre(
    frames: F32,
    loudness: F32,
    piece: I64,
    state: F64,
    memory_frames: float,
    prior_frames: float,
    homogeneous: bool,
    sums: F64,
    tape: F32,
    expected: F32,
) -> None:
    """Centre frames as `normalise.normalise_running` does, but for the prior.

    frames (n, d), loudness (n,); recording p is piece[p] up to piece[p + 1] and begins in state[p],
    shape (d + 3,); sums (d,) is scratch; tape (n + 2 p, d) gets the centred frames, two zeros after
    each recording, and expected (n + 2 p,) by how much the prior is to be subtracted. O(n d).
    """
    d, at = frames.shape[1], 0
    for p in range(piece.size - 1):
        for k in range(d):
            sums[k] = state[p, k]
        level, heard, loudest = state[p, d], state[p, d + 1], state[p, d + 2]
        for j in range(piece[p], piece[p + 1]):
            loud = np.float64(loudness[j])
            if loud > loudest:
                ratio = (loudest / loud) ** 6
                for k in range(d):
                    sums[k] *= ratio
                level, heard, loudest = level * ratio, heard * ratio, loud
            weight = (loud / loudest) ** 6 if loudest > 0 else 0.0
            fade = 1 - weight / memory_frames
            level, heard = level * fade + weight * loud, heard * fade + weight
            loudest *= 1 - 1e-4
            inverse = 1 / (heard + prior_frames)
            frame, to = frames[j], tape[at]
            for k in range(d):
                sums[k] = sums[k] * fade + weight * frame[k]
                to[k] = frame[k] - sums[k] * inverse
            expected[at] = prior_frames * inverse
            if homogeneous:
                expected[at] *= level / heard if heard > 0 else 0.0
            at += 1
        for j in range(at, at + GAP):
            for k in range(d):
                tape[j, k] = 0
            expected[j] = 0
        at += GAP


@numba.njit(cache=True, nogil=True)
def lay(
    tape: F32,
    expected: F32,
    gap: Mask,
    span: int,
    lead: int,
    place: U64,
    out: F32,
    spread: F32,
    shut: I16,
    closed: Mask,
) -> None:
    """Cut a tape into 32 streams of `span` frames, each led in by those before it.

    tape (n, d), expected (n,), gap (n,) where it is no recording; place (32,) is scratch; out
    (blocks, d, 62 * 32), spread (blocks, 62 * 32), shut (62 blocks + 1, 32) and closed (62 blocks,)
    are written, as `warp_abreast` takes them. O(n d).
    """
    n, d = tape.shape
    flat = tape.reshape(-1)
    for lane in range(LANES):
        shut[0, lane] = SHUT
    for clock in range(closed.size):
        block, first = clock // DEEP, clock % DEEP * LANES
        closed[clock] = False
        for lane in range(LANES):
            at = lane * span + clock - lead
            absent = at < 0 or at >= n or gap[at]
            at = 0 if absent else at
            shut[clock + 1, lane] = SHUT if absent else 0
            closed[clock] |= absent
            spread[block, first + lane] = expected[at]
            place[lane] = at * d
        for k in range(d):
            to, feature = out[block, k, first : first + LANES], np.uint64(k)
            for lane in range(LANES):
                to[lane] = flat[place[lane] + feature]
