"""Which segments of long clips are worth comparing exactly: thin them out, find likenesses."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
BOOL = npt.NDArray[np.bool_]

LANES = 16  # warps side by side: a few vector registers
_SHUT = np.float32(1e9)
_SLOPE = 2  # a warp may be this many times faster or slower
_SLACK = 2  # frames by which it may leave that cone near its start


@numba.njit(cache=True, nogil=True)
def thin(
    order: I64, start: I64, end: I64, window: int, twin: float, slots: I32, kept: BOOL
) -> None:
    """Keep the first segments of each window that are no twins of one kept before.

    order (n,) numbers the segments, the best first; start, end (n,); a segment belongs to the
    window that holds its middle; slots (windows + 2, quota) is scratch, to be filled with -1; twins
    share more than `twin` of what both cover; kept (n,) is written. O(n quota).
    """
    quota = slots.shape[1]
    for at in range(order.shape[0]):
        i = order[at]
        own = (start[i] + end[i]) // (2 * window) + 1
        kept[i] = slots[own, quota - 1] < 0
        for w in range(own - 1, own + 2):
            for s in range(quota):
                j = slots[w, s]
                if j < 0 or not kept[i]:
                    break
                shared = min(end[i], end[j]) - max(start[i], start[j])
                kept[i] = shared <= twin * (max(end[i], end[j]) - min(start[i], start[j]))
        if kept[i]:
            s = 0
            while slots[own, s] >= 0:
                s += 1
            slots[own, s] = i


@numba.njit(cache=True, nogil=True)
def keep_nearest(
    likeness: F32, length: I64, others: I64, ratio: float, index: I64, value: F32
) -> None:
    """Keep the columns with the greatest values of each row, in ascending order of value.

    likeness (n, m); columns whose length, others (m,), is more than `ratio` times that of the row,
    length (n,), or the other way round, do not count; index (n, p), which holds -1 and keeps it
    where there are too few, and value (n, p) are written. O(n m), and O(p^2 log(m / p)) a row.
    """
    places = index.shape[1]
    for i in range(likeness.shape[0]):
        for s in range(places):
            value[i, s] = -np.inf
        for j in range(likeness.shape[1]):
            new = likeness[i, j]
            if new <= value[i, 0]:
                continue
            if length[i] > ratio * others[j] or others[j] > ratio * length[i]:
                continue
            s = 0
            while s + 1 < places and value[i, s + 1] < new:
                index[i, s], value[i, s] = index[i, s + 1], value[i, s + 1]
                s += 1
            index[i, s], value[i, s] = j, new


@numba.njit(cache=True, nogil=True)
def warp_listed(
    a: F32,
    b: F32,
    start_a: I64,
    end_a: I64,
    start_b: I64,
    end_b: I64,
    listed: I64,
    columns: F32,
    work: F32,
    similarity: F32,
) -> None:
    """Warp each segment of one clip onto the LANES segments of another that are listed for it.

    a (m, d), b (n, d) of unit frames; segment i are the frames start_a[i] up to end_a[i], likewise
    b; listed (s, LANES), -1 for none; steps (1, 1) count twice, slopes lie between 1/2 and 2;
    columns (d, w LANES) and work (3, (w + 2) LANES) are scratch for segments of b of at most w
    frames; similarity (s, LANES), 1 - mean cosine cost, is written where there is a warp.
    O(s LANES w^2 d).
    """
    for i in range(listed.shape[0]):
        rows = end_a[i] - start_a[i]
        width = _gather(b, start_b, end_b, listed[i], columns)
        last = _warp_lanes(a[start_a[i] : end_a[i]], columns, width, work)
        for lane in range(LANES):
            other = listed[i, lane]
            if other >= 0:
                length = end_b[other] - start_b[other]
                total = last[length * LANES + lane]
                if total < _SHUT:
                    similarity[i, lane] = np.float32(1) - total / np.float32(rows + length)


@numba.njit(cache=True, nogil=True)
def _gather(b: F32, start: I64, end: I64, listed: I64, columns: F32) -> int:
    """Put frame y of lane l into column y LANES + l; return the longest length. O(LANES w d)."""
    width = 0
    for lane in range(LANES):
        other = max(listed[lane], 0)
        width = max(width, end[other] - start[other])
    for lane in range(LANES):
        first = start[max(listed[lane], 0)]
        for y in range(width):
            row = min(first + y, b.shape[0] - 1)
            for k in range(b.shape[1]):
                columns[k, y * LANES + lane] = b[row, k]
    return width


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _warp_lanes(a: F32, columns: F32, width: int, work: F32) -> F32:
    """Warp a (m, d) onto the segments in `columns` side by side; return the last row of totals.

    The total of lane l over y of its columns stands at y LANES + l. O(m width LANES d).
    """
    rows, d = a.shape
    for j in range((width + 2) * LANES):
        work[0, j] = work[1, j] = _SHUT
    for lane in range(LANES):
        work[0, lane] = np.float32(0)
    for x in range(rows):
        before, now = work[x & 1], work[1 - (x & 1)]
        low = max(0, (x + 1) // _SLOPE - _SLACK)
        high = min(width, (x + 1) * _SLOPE + _SLACK)
        cost = work[2, low * LANES : high * LANES]
        for j in range(cost.shape[0]):
            cost[j] = np.float32(1)
        for k in range(d):
            value, column = a[x, k], columns[k, low * LANES : high * LANES]
            for j in range(cost.shape[0]):
                cost[j] -= value * column[j]
        for lane in range(LANES):
            now[low * LANES + lane] = _SHUT
        for y in range(low, high):
            local = work[2, y * LANES : (y + 1) * LANES]
            diagonal = before[y * LANES : (y + 1) * LANES]
            above = before[(y + 1) * LANES : (y + 2) * LANES]
            left = now[y * LANES : (y + 1) * LANES]
            here = now[(y + 1) * LANES : (y + 2) * LANES]
            for lane in range(LANES):
                straight = diagonal[lane] + local[lane] + local[lane]
                here[lane] = min(straight, min(above[lane], left[lane]) + local[lane])
        for j in range((high + 1) * LANES, (min(width, high + _SLOPE) + 1) * LANES):
            now[j] = _SHUT
    last: F32 = work[rows & 1]
    return last
