"""Inner loops of term discovery: pairs of segments warped, and the nearest in distinct places."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_SLACK = 2  # frames by which a warp may leave its cone
_BAND = 6  # frames by which it may leave the straight line


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
def segment_waves(total: F64, first: I64, last: I64, basis: F64, work: F64, waves: F32) -> None:
    """Write how the mean frame runs over each segment, as weights of a few courses over time.

    total (n + 1, d) is the running sum of frames; segment s is first[s] up to last[s], cut into as
    many equal bins as basis (w, bins) has columns; work (3, d) is scratch; waves (s, w * d), sums
    over the bins of basis times the bin's mean frame, is written. O(s w bins d).
    """
    d = total.shape[1]
    courses, bins = basis.shape
    for s in range(first.shape[0]):
        for k in range(courses * d):
            waves[s, k] = np.float32(0)
        width = (last[s] - first[s]) / bins
        for k in range(d):
            work[0, k] = total[first[s], k]
        for b in range(bins):
            edge = first[s] + (b + 1) * width
            row = min(int(edge), total.shape[0] - 2)
            past = edge - row
            for k in range(d):
                work[1, k] = total[row, k] + past * (total[row + 1, k] - total[row, k])
                work[2, k] = (work[1, k] - work[0, k]) / width
                work[0, k] = work[1, k]
            for w in range(courses):
                weight = basis[w, b]
                for k in range(d):
                    waves[s, w * d + k] += np.float32(weight * work[2, k])


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
def warp_pairs(
    a: F32, first_a: I64, last_a: I64, b: F32, first_b: I64, last_b: I64, work: F32, cost: F32
) -> None:
    """Write the mean cosine cost of the best warp of one segment onto another, for many pairs.

    Pair p is the frames first_a[p] up to last_a[p] of a (m, d), and likewise of b (n, d), all of
    unit length; steps (1, 1) count twice, slopes lie between 1/2 and 2, measured from either end,
    the warp stays in a band around the straight line, and where one segment is more than twice as
    long as the other the cost is 2; work (2, w + 1) is scratch for segments of at most w frames;
    cost (p,) is written. O(p w d) times the width of the band.
    """
    d = a.shape[1]
    shut = np.float32(1e9)
    for p in range(cost.shape[0]):
        top, side = first_a[p], first_b[p]
        m, n = last_a[p] - top, last_b[p] - side
        if m > 2 * n or n > 2 * m:
            cost[p] = np.float32(2)
            continue
        for j in range(n + 1):
            work[0, j] = shut
        work[0, 0] = np.float32(0)
        for i in range(m):
            before, now = work[i & 1], work[1 - (i & 1)]
            line = (2 * i + 1) * n // (2 * m)
            low = max(0, (i + 1) // 2 - _SLACK, n - 2 * (m - i) - _SLACK, line - _BAND)
            high = min(n, 2 * (i + 1) + _SLACK, n - (m - i) // 2 + _SLACK, line + _BAND + 1)
            for j in range(n + 1):
                now[j] = shut
            for j in range(low, high):
                local = np.float32(1)
                for k in range(d):
                    local -= a[top + i, k] * b[side + j, k]
                best = min(before[j] + local + local, min(before[j + 1], now[j]) + local)
                now[j + 1] = best
        cost[p] = work[m & 1, n] / np.float32(m + n)


@numba.njit(cache=True, nogil=True)
def largest(score: F32, floor: float, which: I32) -> None:
    """Write where the largest scores of each row are, of those above `floor`, the largest first.

    score (r, c); which (r, k) is written, -1 where there are fewer; of equals the first comes
    first. O(r c), and O(k) for each that is kept.
    """
    k = which.shape[1]
    for r in range(score.shape[0]):
        kept = 0
        for c in range(score.shape[1]):
            value = score[r, c]
            if value <= floor or (kept == k and value <= score[r, which[r, k - 1]]):
                continue
            kept = min(kept + 1, k)
            at = kept - 1
            while at > 0 and score[r, which[r, at - 1]] < value:
                which[r, at] = which[r, at - 1]
                at -= 1
            which[r, at] = c
        for x in range(kept, k):
            which[r, x] = -1


@numba.njit(cache=True, nogil=True)
def keep_nearest(
    score: F32,
    rows: I64,
    columns: I64,
    start: I64,
    end: I64,
    floor: float,
    nearest: F32,
    which: I32,
) -> None:
    """Keep, for each row's segment, the best scoring segments of other places, one per place.

    score (r, c) of segments rows (r,) and columns (c,) with spans start (s,) to end (s,);
    nearest (r, k), descending, `floor` where there are fewer, and which (r, k), -1 there, are
    updated. O(r c), and O(k) for each that is kept.
    """
    k = nearest.shape[1]
    for r in range(rows.shape[0]):
        i = rows[r]
        best, index = nearest[r], which[r]
        for c in range(columns.shape[0]):
            value = score[r, c]
            if value <= best[k - 1]:
                continue
            j = columns[c]
            if start[j] < end[i] and start[i] < end[j]:
                continue
            at = 0
            while at < k and best[at] >= value and not _one_place(start, end, index[at], j):
                at += 1
            if at == k or best[at] >= value:
                continue
            kept = at
            for x in range(at, k):
                if index[x] >= 0 and not _one_place(start, end, index[x], j):
                    best[kept], index[kept] = best[x], index[x]
                    kept += 1
            for x in range(kept, k):
                best[x], index[x] = np.float32(floor), -1
            for x in range(min(kept, k - 1), at, -1):
                best[x], index[x] = best[x - 1], index[x - 1]
            best[at], index[at] = value, j


@numba.njit(cache=True, nogil=True)
def _one_place(start: I64, end: I64, i: int, j: int) -> bool:
    """Tell whether two segments share half of the shorter; a negative number is none. O(1)."""
    if i < 0:
        return False
    shared = min(end[i], end[j]) - max(start[i], start[j])
    return bool(2 * shared >= min(end[i] - start[i], end[j] - start[j]))


@numba.njit(cache=True, nogil=True)
def one_per_place(order: I64, start: I64, end: I64, kept: npt.NDArray[np.bool_]) -> None:
    """Keep the best segment of each place.

    Spans start (c,), ascending, to end (c,); order (c,) lists them, the best first; kept (c,),
    true for all, is set to false for those that share half of the shorter with a better one that
    is kept. O(c) times how many overlap.
    """
    count = start.shape[0]
    longest = 0
    for i in range(count):
        longest = max(longest, end[i] - start[i])
    done = np.zeros(count, np.bool_)
    for i in order:
        if not kept[i]:
            continue
        done[i] = True
        j = i - 1
        while j >= 0 and start[j] > start[i] - longest:
            if not done[j] and _one_place(start, end, i, j):
                kept[j] = False
            j -= 1
        j = i + 1
        while j < count and start[j] < end[i]:
            if not done[j] and _one_place(start, end, i, j):
                kept[j] = False
            j += 1
