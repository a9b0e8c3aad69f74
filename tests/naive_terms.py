"""Slow, obvious twins of the kernels of term discovery."""

import numpy as np


def warp(a, b, slack=2, band=6):
    """Give the mean cosine cost of the best warp of frames a (m, d) onto b (n, d)."""
    m, n = len(a), len(b)
    if m > 2 * n or n > 2 * m:
        return 2.0
    cost = 1 - a @ b.T
    best = np.full((m + 1, n + 1), np.inf)
    best[0, 0] = 0
    for i in range(m):
        for j in range(n):
            left_i, left_j = m - i, n - 1 - j
            from_start = (i + 1) // 2 - slack <= j < 2 * (i + 1) + slack
            from_end = n - 2 * left_i - slack <= j and left_j >= left_i // 2 - slack
            in_band = abs((2 * i + 1) * n // (2 * m) - j) <= band
            if from_start and from_end and in_band:
                before = best[i, j] + cost[i, j], best[i, j + 1], best[i + 1, j]
                best[i + 1, j + 1] = min(before) + cost[i, j]
    return best[m, n] / (m + n)


def waves(frames, basis):
    """Give sums over bins of basis (w, bins) times the bin's mean frame, shape (w, d)."""
    bins = basis.shape[1]
    fine = np.repeat(frames, bins, axis=0)  # each bin holds as many of these as there are frames
    means = fine.reshape(bins, len(frames), -1).mean(axis=1)
    return basis @ means


def one_place(a, b):
    """Tell whether two spans share half of the shorter."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return 2 * shared >= min(a[1] - a[0], b[1] - b[0])


def one_per_place(order, spans):
    """Give which spans are kept, the best first."""
    kept = []
    for i in order:
        if not any(one_place(spans[i], spans[j]) for j in kept):
            kept.append(i)
    return sorted(kept)


def largest(score, floor, count):
    """Give for each row of scores where the largest are, the largest first, -1 for none."""
    which = np.full((len(score), count), -1)
    for r, row in enumerate(score):
        order = [c for c in np.argsort(-row, kind="stable") if row[c] > floor][:count]
        which[r, : len(order)] = order
    return which
