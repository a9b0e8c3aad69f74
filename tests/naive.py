"""Slow, obvious twins of the kernels: what the fast ones must equal."""

from __future__ import annotations

import numpy as np


def band_powers(x, hop, width, size, emphasis, centre, filters):
    """Mel powers of a recording held still beyond its ends, straight from the definition."""
    lead = (width - hop) // 2
    padded = np.concatenate([np.full(lead + 1, x[0]), x, np.full(width, x[-1])]).astype(float)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / width)
    powers = []
    for i in range(len(x) // hop):
        piece = padded[i * hop : i * hop + width + 1]
        frame = piece[1:] - emphasis * piece[:-1]
        if centre:
            frame = frame - frame.mean()
        spectrum = np.abs(np.fft.rfft(frame * window, size)) ** 2
        powers.append(filters.astype(float) @ spectrum)
    return np.array(powers).reshape(-1, len(filters))


def normalise_running(frames, loudness, prior, prior_frames, memory_frames, homogeneous):
    """Unit frames less the mean of what came before, weighted by the sixth power of loudness."""
    out = []
    peak, faded = 0.0, []  # faded: (weight, frame, loudness), all redone at each step
    for frame, loud in zip(frames.astype(float), loudness.astype(float), strict=True):
        if loud > peak:
            faded = [(w * (peak / loud) ** 6, f, v) for w, f, v in faded]
            peak = loud
        weight = (loud / peak) ** 6 if peak > 0 else 0.0
        fade = 1 - weight / memory_frames
        faded = [(w * fade, f, v) for w, f, v in faded] + [(weight, frame, loud)]
        peak *= 1 - 1e-4
        total = sum(w for w, _, _ in faded)
        level = 1.0
        if homogeneous:
            level = sum(w * v for w, _, v in faded) / total if total > 0 else 0.0
        mean = (sum(w * f for w, f, _ in faded) + prior_frames * level * prior) / (
            total + prior_frames
        )
        gap = frame - mean
        norm = np.sqrt((gap**2).sum())
        out.append(gap / norm if norm > 0 else gap)
    return np.array(out)


def warp_whole(a, b, band):
    """Mean cosine cost of the best warp of all of a onto all of b; rows are unit vectors."""
    m, n = len(a), len(b)
    local = 1 - a.astype(float) @ b.astype(float).T
    total = np.full((m + 1, n + 1), np.inf)
    total[0, 0] = 0
    reach = max(band * max(m, n), 2.0)
    for i in range(m):
        middle = i * (n - 1) / max(m - 1, 1)
        for j in range(max(0, int(middle - reach)), min(n, int(middle + reach) + 1)):
            total[i + 1, j + 1] = min(
                total[i, j] + 2 * local[i, j],
                total[i, j + 1] + local[i, j],
                total[i + 1, j] + local[i, j],
            )
    return total[m, n] / (m + n)


def warp_stream(template, stream):
    """Cost and start of the best warp that ends at each frame, by trying every path's last step.

    total(i, j) over the steps (1, 1), (1, 2), (2, 1), which weigh 2, 3 and 3 local costs.
    """
    m, n = len(template), len(stream)
    local = 1 - template.astype(float) @ stream.astype(float).T
    total = np.full((m, n), np.inf)
    start = np.zeros((m, n), int)
    for j in range(n):
        for i in range(m):
            steps = []
            for rows, columns in ((1, 1), (1, 2), (2, 1)):
                k, p = i - rows, j - columns
                price = 2 * local[i, j]
                if columns == 2:
                    price = 2 * local[i, j - 1] + local[i, j] if j >= 1 else np.inf
                if rows == 2:
                    price = 2 * local[i - 1, j] + local[i, j] if i >= 1 else np.inf
                if k == -1 and p >= -1:
                    steps.append((price, p + 1))  # the match begins at frame p + 1
                elif k >= 0 and p >= 0:
                    steps.append((total[k, p] + price, start[k, p]))
            if steps:
                total[i, j], start[i, j] = min(steps, key=lambda step: step[0])
    span = np.arange(n) - start[m - 1] + 1
    return total[m - 1] / (m + span), start[m - 1]


def agree(cost, start, best):
    """Mean of the best templates, each at its best within a frame on either side."""
    nearby = [cost[j - 1 : j + 2].min(axis=0) for j in range(1, len(cost) - 1)]
    return np.array([np.sort(costs)[:best].mean() for costs in nearby])


def warp_costs_of_all_paths(local, band):
    """Cost of the cheapest path from corner to corner, by following every step from every cell."""
    m, n = local.shape
    reach = max(band * max(m, n), 2.0)

    def is_open(i, j):
        middle = i * (n - 1) / max(m - 1, 1)
        return max(0, int(middle - reach)) <= j < min(n, int(middle + reach) + 1)

    def cheapest(i, j):
        if not is_open(i, j):
            return np.inf
        if (i, j) == (0, 0):
            return 2 * local[0, 0]
        both = cheapest(i - 1, j - 1) + 2 * local[i, j] if i and j else np.inf
        one = cheapest(i - 1, j) + local[i, j] if i else np.inf
        other = cheapest(i, j - 1) + local[i, j] if j else np.inf
        return min(both, one, other)

    return cheapest(m - 1, n - 1) / (m + n)
