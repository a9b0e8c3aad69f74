"""Dynamic time warping: whole against whole, and many templates against a stream."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def warp_whole(a: F32, b: F32, band: float, work: F32) -> float:
    """Return the mean cosine cost of the best warp of all of `a` onto all of `b`.

    a (m, d), b (n, d) of unit rows; steps (1, 1) count twice; cells further than band * max(m, n)
    from the diagonal are shut; work (2, n + 1) is scratch. O(m n d).
    """
    m, d = a.shape
    n = b.shape[0]
    reach = max(band * max(m, n), 2.0)
    for j in range(n + 1):
        work[0, j] = np.float32(np.inf)
    work[0, 0] = np.float32(0)
    for i in range(m):
        before, now = work[i & 1], work[1 - (i & 1)]
        for j in range(n + 1):
            now[j] = np.float32(np.inf)
        middle = i * (n - 1) / max(m - 1, 1)
        for j in range(max(0, int(middle - reach)), min(n, int(middle + reach) + 1)):
            cost = np.float32(1)
            for k in range(d):
                cost -= a[i, k] * b[j, k]
            best = before[j] + np.float32(2) * cost
            best = min(best, before[j + 1] + cost)
            now[j + 1] = min(best, now[j] + cost)
    return float(work[m & 1, n] / (m + n))


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def warp_stream(
    templates: F32,
    first: I64,
    length: I64,
    stream: F32,
    clock: int,
    local: F32,
    total: F32,
    origin: I32,
    cost: F32,
    start: I32,
) -> None:
    """Warp each template onto every end point of a stream, at slopes from 1/2 to 2.

    templates (d, rows) holds the unit frames as columns, template t in the columns first[t] up to
    first[t] + length[t] with two free columns before them; stream (n, d) of unit rows, the first
    being frame number `clock`; local (3, rows), total (3, rows) and origin (3, rows) are carried
    from call to call; cost (n, templates), the mean cosine cost per step, and start (n, templates),
    the first frame of the fit, are written. O(n rows d).
    """
    n = stream.shape[0]
    for j in range(n):
        now = clock + j
        here, last, two_ago = now % 3, (now + 2) % 3, (now + 1) % 3
        if j % 2 == 0:  # two frames at a time; behind the last one stands a copy, never used
            after = min(j + 1, n - 1)
            _local_costs(templates, stream[j], stream[after], local[here], local[two_ago])
        _advance(
            local[here],
            local[last],
            total[last],
            total[two_ago],
            total[here],
            origin[last],
            origin[two_ago],
            origin[here],
        )
        for t in range(length.shape[0]):
            begin = first[t]
            total[here, begin - 2] = np.float32(np.inf)
            total[here, begin - 1] = np.float32(0)  # a match may begin at the next frame
            origin[here, begin - 1] = now + 1
            end = begin + length[t] - 1
            since = origin[here, end]
            cost[j, t] = total[here, end] / np.float32(length[t] + now - since + 1)
            start[j, t] = since


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _local_costs(templates: F32, a: F32, b: F32, out_a: F32, out_b: F32) -> None:
    """Write 1 minus the cosine of two frames with every column, four features a sweep.

    templates (d, rows), a and b (d,), out_a and out_b (rows,). O(rows d). Each number loaded serves
    twice, and sums are stored a quarter as often.
    """
    d, rows = templates.shape
    for i in range(rows):
        out_a[i] = out_b[i] = np.float32(1)
    for k in range(0, d - 3, 4):
        t0, t1, t2, t3 = templates[k], templates[k + 1], templates[k + 2], templates[k + 3]
        a0, a1, a2, a3 = a[k], a[k + 1], a[k + 2], a[k + 3]
        b0, b1, b2, b3 = b[k], b[k + 1], b[k + 2], b[k + 3]
        for i in range(rows):
            out_a[i] = out_a[i] - t0[i] * a0 - t1[i] * a1 - t2[i] * a2 - t3[i] * a3
            out_b[i] = out_b[i] - t0[i] * b0 - t1[i] * b1 - t2[i] * b2 - t3[i] * b3
    for k in range(d - d % 4, d):
        t0, a0, b0 = templates[k], a[k], b[k]
        for i in range(rows):
            out_a[i] -= t0[i] * a0
            out_b[i] -= t0[i] * b0


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _advance(
    here: F32, last: F32, one: F32, two: F32, now: F32, one_from: I32, two_from: I32, now_from: I32
) -> None:
    """Extend every warp by one frame of the stream: all rows at once, none needs its neighbour.

    here, last: local costs of this frame and the one before; one, two: totals of one and two frames
    ago, now: those to write, and the same for the origins; all (rows,). O(rows). All is loaded
    before anything is chosen: a load that depends on a choice would keep the loop from vectors.
    """
    twice = np.float32(2)
    for i in range(now.shape[0] - 2):
        even = one[i + 1] + twice * here[i + 2]
        slow = two[i + 1] + twice * last[i + 2] + here[i + 2]
        fast = one[i] + twice * here[i + 1] + here[i + 2]
        even_from, slow_from, fast_from = one_from[i + 1], two_from[i + 1], one_from[i]
        best, source = min(even, slow), slow_from if slow < even else even_from
        now[i + 2] = min(best, fast)
        now_from[i + 2] = fast_from if fast < best else source


@numba.njit(cache=True, nogil=True)
def agree(cost: F32, start: I32, best: int, evidence: F32, begin: I32) -> None:
    """Average the `best` templates of each frame, each at its best within one frame on either side.

    cost, start (n + 2, t); evidence (n,), the mean cost, and begin (n,), the first frame of the fit
    of the best template, are written. O(n t best).
    """
    templates = cost.shape[1]
    chosen = np.empty(templates, np.float32)
    for j in range(evidence.shape[0]):
        least = np.float32(np.inf)
        begin[j] = start[j + 1, 0]
        for t in range(templates):
            chosen[t] = min(cost[j, t], cost[j + 1, t], cost[j + 2, t])
            if chosen[t] < least:
                least = chosen[t]
                begin[j] = start[j + 1, t]
        total = np.float32(0)
        for place in range(best):
            for t in range(place + 1, templates):  # selection sort of the few that count
                if chosen[t] < chosen[place]:
                    chosen[t], chosen[place] = chosen[place], chosen[t]
            total += chosen[place]
        evidence[j] = total / np.float32(best)
