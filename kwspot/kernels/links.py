"""All pairs of segments of two clips, warped onto each other."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_SLOPE = 2  # a warp may be this many times faster or slower
_SLACK = 2  # frames by which it may leave that cone near its start
_WARM_UP = 6  # frames before a warp can be given up


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def cosines(a: F32, b: F32, cosine: F32) -> None:
    """Write the cosines of all pairs of unit frames.

    a (m, d), b transposed (d, n); cosine (m, n) is written. O(m n d).
    """
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            cosine[i, j] = np.float32(0)
        for k in range(b.shape[0]):
            value = a[i, k]
            for j in range(b.shape[1]):
                cosine[i, j] += value * b[k, j]


@numba.njit(cache=True, nogil=True)
def local_costs(
    cosine: F32, near_a: F32, near_b: F32, weight: float, typical: float, most: float
) -> None:
    """Replace cosines, in place, by costs: how much less alike than frames that are near.

    cosine (m, n); near_a (m,) and near_b (n,), the cosines of each frame with its nearest ones in
    the other clip; a cost is 1 - cosine, plus `weight` times the excess of the mean of the two over
    `typical`, held between 0 and `most`. O(m n).
    """
    half, top = np.float32(0.5 * weight), np.float32(most)
    base = np.float32(1 - weight * typical)
    for i in range(cosine.shape[0]):
        own = base + half * near_a[i]
        for j in range(cosine.shape[1]):
            cost = own + half * near_b[j] - cosine[i, j]
            cosine[i, j] = min(max(cost, np.float32(0)), top)


@numba.njit(cache=True, nogil=True)
def warp_segments(
    cost: F32,
    starts_a: I64,
    starts_b: I64,
    ends_a: I32,
    ends_b: I32,
    hopeless: float,
    work: F32,
    similarity: F32,
) -> None:
    """Warp all segments of one clip onto all of another: one pass per pair of starts.

    cost (m, n) of frames; segment number ends_a[x, k], unless negative, is the k frames from
    starts_a[x] on, likewise b; steps (1, 1) count twice, slopes lie between 1/2 and 2. A pass ends
    where the mean cost of all its warps exceeds `hopeless`. work (2, w + 8) is scratch for segments
    of at most w frames; similarity (N, N), 1 - mean cost, is written at the pairs reached, both
    ways. O(X Y w^2) for X and Y starts.
    """
    shut = np.float32(1e9)
    longest_a, longest_b = ends_a.shape[1] - 1, ends_b.shape[1] - 1
    for x in range(starts_a.shape[0]):
        rows = min(longest_a, cost.shape[0] - starts_a[x])
        for y in range(starts_b.shape[0]):
            columns = min(longest_b, cost.shape[1] - starts_b[y])
            for j in range(columns + 2):
                work[0, j] = work[1, j] = shut
            work[0, 0] = np.float32(0)
            for i in range(rows):
                before, now = work[i & 1], work[1 - (i & 1)]
                low = max(0, (i + 1) // _SLOPE - _SLACK)
                high = min(columns, (i + 1) * _SLOPE + _SLACK)
                if low >= high:
                    break
                left, least = shut, shut
                diagonal = before[low]
                now[low] = shut
                for j in range(low, high):
                    local = cost[starts_a[x] + i, starts_b[y] + j]
                    above = before[j + 1]
                    best = min(diagonal + local + local, min(above, left) + local)
                    now[j + 1] = left = best
                    diagonal = above
                    least = min(least, best / np.float32(i + j + 2))
                for j in range(high + 1, min(columns, high + _SLOPE) + 1):
                    now[j] = shut
                if i >= _WARM_UP and least > hopeless:
                    break
                a = ends_a[x, i + 1]
                if a >= 0:
                    for j in range(low, high):
                        b = ends_b[y, j + 1]
                        if b >= 0:
                            value = np.float32(1) - now[j + 1] / np.float32(i + j + 2)
                            similarity[a, b] = value
                            similarity[b, a] = value


@numba.njit(cache=True, nogil=True)
def top_means(similarity: F32, absent: float, share: float, counts: I64, mean: F32) -> None:
    """Write the mean of the highest `share` of each row's values above `absent`.

    similarity (N, N) in -1..1; counts (bins,) is scratch: values are rounded to its bins;
    mean (N,) is written, 0 where a row has none. O(N^2).
    """
    bins = counts.shape[0]
    for i in range(similarity.shape[0]):
        total = 0
        for b in range(bins):
            counts[b] = 0
        for j in range(similarity.shape[1]):
            value = similarity[i, j]
            if value > absent:
                counts[min(bins - 1, max(0, int((value + 1) * 0.5 * bins)))] += 1
                total += 1
        wanted = max(1.0, total * share)
        left, weight = wanted, 0.0
        b = bins - 1
        while b >= 0 and left > 0:
            taken = min(left, counts[b])
            weight += taken * ((b + 0.5) * 2 / bins - 1)
            left -= taken
            b -= 1
        mean[i] = np.float32(weight / wanted) if total > 0 else np.float32(0)


@numba.njit(cache=True, nogil=True)
def weigh(
    similarity: F32,
    absent: float,
    chance: F32,
    length: F32,
    growth: float,
    scale: float,
    no_link: float,
) -> None:
    """Replace similarities, in place, by evidence: how far above chance and over what length.

    similarity (N, N); chance (N,) and length (N,) of each segment; pairs not above `absent` get
    `no_link`. O(N^2).
    """
    n = similarity.shape[0]
    for i in range(n):
        for j in range(i + 1):
            value = np.float32(no_link)
            if similarity[i, j] > absent:
                above = similarity[i, j] - np.float32(0.5) * (chance[i] + chance[j])
                value = np.float32(scale * above * (0.5 * (length[i] + length[j])) ** growth)
            similarity[i, j] = value
            similarity[j, i] = value
