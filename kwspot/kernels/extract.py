"""The loops of EXTRACT: blur, seed scores, peaks and greedy growth over sparse 0/1 features.

A cell is one feature at one time: a uint16 whose lowest bit says whether the feature is on, the
others how near the next time is at which it is on, in steps of 2^-14. Whole numbers make every sum
exact, so that equal places score equal whatever the order of the additions.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float32] | npt.NDArray[np.float64]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

ONE = 1 << 14


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def correlate(x: Reals, patterns: Reals, products: Reals) -> None:
    """Multiply every window of `x` with every pattern.

    x (n + m - 1,), patterns (p, m), m a multiple of four; products (p, n) is written. O(n m p).
    """
    several, width = patterns.shape
    n = products.shape[1]
    for k in range(several):
        for start in range(0, n, 1024):  # a stretch that stays in the nearest cache
            row = products[k, start : start + 1024]
            for t in range(row.shape[0]):
                row[t] = 0
            for j in range(0, width, 4):
                a, b = patterns[k, j], patterns[k, j + 1]
                c, d = patterns[k, j + 2], patterns[k, j + 3]
                seen = x[start + j :]
                for t in range(row.shape[0]):
                    row[t] += a * seen[t] + b * seen[t + 1] + c * seen[t + 2] + d * seen[t + 3]


@numba.njit(cache=True, nogil=True)
def variances(x: F64, width: int, out: F64) -> None:
    """Write the variance of every window of each row.

    x (d, n), each row of a mean near 0; out (d, n - width + 1). Running sums, O(d n).
    """
    for c in range(x.shape[0]):
        total, power = 0.0, 0.0
        for t in range(x.shape[1]):
            total += x[c, t]
            power += x[c, t] * x[c, t]
            start = t - width + 1
            if start >= 0:
                mean = total / width
                out[c, start] = max(power / width - mean * mean, 0.0)
                total -= x[c, start]
                power -= x[c, start] * x[c, start]


@numba.njit(cache=True, nogil=True)
def blur_rows(
    active: U8, width: int, cosine: F64, sine: F64, first: int, work: F64, cells: U16
) -> None:
    """Smooth each row with a Hamming window, divide by the nearby maximum, pack into cells.

    active (R, n) of 0 and 1; cosine, sine (n + width,) of 2 pi t / (width - 1); work (5, n + 1) is
    scratch; cells (R, N) is written for the times first ... first + N. O(R n log width).
    """
    rows, n = active.shape
    count, real, imaginary, smooth, other = work[0], work[1], work[2], work[3], work[4]
    ahead = (width - 1) // 2
    span = width // 2
    for r in range(rows):
        count[0] = real[0] = imaginary[0] = 0.0
        for t in range(n):
            x = float(active[r, t])
            count[t + 1] = count[t] + x
            real[t + 1] = real[t] + x * cosine[t]
            imaginary[t + 1] = imaginary[t] + x * sine[t]
        for t in range(n):
            b = t + ahead
            low, high = max(b - width + 1, 0), min(b + 1, n)
            seen = count[high] - count[low]
            turned = cosine[b] * (real[high] - real[low])
            turned += sine[b] * (imaginary[high] - imaginary[low])
            # exact zero where nothing is on, in spite of the rounding of the running sums
            smooth[t] = 0.54 * seen - 0.46 * turned if seen > 0 else 0.0
        _sliding_maximum(smooth, n, span, count, other)
        for t in range(cells.shape[1]):
            at = t + first
            near = int(smooth[at] / other[at] * ONE + 0.5) if other[at] > 0 else 0
            cells[r, t] = (near << 1) | active[r, at]


@numba.njit(cache=True, nogil=True)
def _sliding_maximum(x: F64, n: int, span: int, work: F64, out: F64) -> None:
    """Write to out[t] the maximum of x[t - span // 2 : t - span // 2 + span]. O(n log span).

    Maxima over 1, 2, 4, ... points are made from one another in `work`; x >= 0.
    """
    for t in range(n):
        work[t] = x[t]
    reach = 1
    while 2 * reach <= span:
        for t in range(n - reach):
            work[t] = max(work[t], work[t + reach])
        reach *= 2
    left = span // 2
    for t in range(n):
        low, high = max(t - left, 0), min(t - left + span, n)
        if high - low >= reach:
            out[t] = max(work[low], work[high - reach])
        else:  # fewer points than `reach`: only at the ends
            best = x[low]
            for i in range(low + 1, high):
                best = max(best, x[i])
            out[t] = best


@numba.njit(cache=True, nogil=True)
def match_windows(
    block: I32, starts: I64, width: int, begin: I64, rows: I32, work: I64, saved: I64, score: I64
) -> None:
    """Score every time by how many cells it shares with each of several overlapping windows.

    block (R, U): blurred features of the stretch that holds all windows, which begin at starts (S,)
    within it; rows[begin[t]:begin[t + 1]] are the features on at time t; work (3, U + 1) and
    saved (width, S) are scratch; score (S, N - width + 1) is written, in steps of 2^-14.
    O(U) per feature that is on: the windows share their products, being sums along diagonals.
    """
    stretch = block.shape[1]
    for i in range(3):
        for u in range(stretch + 1):
            work[i, u] = 0
    for t in range(begin.shape[0] - 1):
        products, old, new = work[2], work[t & 1], work[1 - (t & 1)]
        for u in range(stretch):
            products[u] = 0
        for i in range(begin[t], begin[t + 1]):
            row = block[rows[i]]
            for u in range(stretch):
                products[u] += row[u]
        for u in range(stretch):
            new[u + 1] = old[u] + products[u]
        for s in range(starts.shape[0]):
            if t >= width - 1:
                before = saved[t % width, s] if t >= width else 0
                score[s, t - width + 1] = new[starts[s] + width] - before
            saved[t % width, s] = new[starts[s]]


@numba.njit(cache=True, nogil=True)
def find_peaks(score: I64, apart: int, peaks: I64) -> int:
    """Write the peaks at least `apart` from one another, from left to right; return how many.

    score (n,), peaks (n // apart + 1,). A candidate gives way to a higher score less than `apart`
    behind it, and is kept when that distance is reached. O(n).
    """
    found = 0
    held = 0
    for t in range(1, score.shape[0]):
        if t - held >= apart:
            peaks[found] = held
            found += 1
            held = t
        elif score[t] > score[held]:
            held = t
    peaks[found] = held
    return found + 1


@numba.njit(cache=True, nogil=True)
def grow(
    cells: U16,
    places: I64,
    width: int,
    background: F64,
    chance: float,
    blurred: I32,
    count: I32,
    chosen: I64,
    weight: F64,
    scores: F64,
) -> None:
    """Write to scores[k] the log-odds that the first k + 1 places hold one pattern.

    cells (N, R); places (K,), the best first; background (R,): mean of each feature, chance: mean
    of all; blurred, count, chosen, weight (width * R,) are scratch; scores (K,), the first of which
    is 0: one place is no pattern. O(K width R).
    """
    rows = cells.shape[1]
    flat = cells.reshape(-1)
    for i in range(width * rows):
        blurred[i] = 0
        count[i] = 0
    for k in range(places.shape[0]):
        window = flat[places[k] * rows : (places[k] + width) * rows]
        for i in range(window.shape[0]):
            cell = window[i]
            count[i] += np.int32(cell & 1)
            blurred[i] += np.int32(cell >> 1)
        scores[k] = 0.0
        if k == 0:
            continue
        total, odds, kept = 0.0, 0.0, 0
        for j in range(0, width * rows, rows):
            if not _any_above(blurred[j : j + rows], (k + 1) * (ONE // 2)):
                continue
            for r in range(rows):
                i = j + r
                phi = _log_odds(blurred[i], count[i], k + 1, background[r])
                if phi > 0:
                    chosen[kept], weight[kept] = i, phi
                    kept += 1
                    total += phi
                    odds += count[i] * phi
        rival = (k + 1) * chance * total
        if k + 1 < places.shape[0]:
            enemy = 0.0
            following = flat[places[k + 1] * rows : (places[k + 1] + width) * rows]
            for i in range(kept):
                if following[chosen[i]] & 1:
                    enemy += weight[i]
            rival = max(rival, (k + 1) * enemy)
        scores[k] = odds - rival


@numba.njit(cache=True, nogil=True)
def _any_above(values: I32, limit: int) -> bool:
    """Tell whether any value passes the limit. O(n)."""
    above = np.int32(0)
    least = np.int32(limit)
    for i in range(values.shape[0]):
        above |= np.int32(values[i] > least)
    return bool(above != 0)


@numba.njit(cache=True, nogil=True)
def _log_odds(blurred: int, count: int, k: int, background: float) -> float:
    """Return the log-odds of a cell over k places, 0 if they do not speak for a pattern."""
    if count == 0 or 2 * blurred <= k * ONE:
        return 0.0
    return max(float(np.log(blurred / (k * ONE * background))), 0.0)


@numba.njit(cache=True, nogil=True)
def learn_filter(cells: U16, places: I64, background: F64, phi: F64) -> None:
    """Write the log-odds of each cell of the window over all `places`.

    cells (N, R), places (k,), background (R,), phi (R, width). O(k R width).
    """
    rows, width = phi.shape
    for j in range(width):
        for r in range(rows):
            blurred, count = 0, 0
            for k in range(places.shape[0]):
                cell = cells[places[k] + j, r]
                count += cell & 1
                blurred += cell >> 1
            phi[r, j] = _log_odds(blurred, count, places.shape[0], background[r])
