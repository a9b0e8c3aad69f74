"""Segments that do not overlap, and how they group into words."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def disjoint(
    order: I64, owner: I64, start: I64, end: I64, limit: float, kept: I64, count: I64
) -> None:
    """Keep segments in `order` that overlap none kept before in their clip.

    owner, start, end (N,); two overlap if they share more than `limit` of the shorter. kept (K, p)
    and count (K,) are written, at most p of a clip. O(N p).
    """
    count[:] = 0
    for i in order:
        k = owner[i]
        if count[k] == kept.shape[1]:
            continue
        apart = True
        for at in range(count[k]):
            j = kept[k, at]
            shared = min(end[i], end[j]) - max(start[i], start[j])
            if shared > limit * min(end[i] - start[i], end[j] - start[j]):
                apart = False
                break
        if apart:
            kept[k, count[k]] = i
            count[k] += 1


@numba.njit(cache=True, nogil=True)
def settle(odds: F64, sweeps: int, between: F64, gain: F64, size: I64, group: I64) -> float:
    """Move places to other groups, and join groups, while that makes the odds within them greater.

    odds (n, n) symmetric; group (n,), numbers 0 to n, is changed in place. between (n + 1, n + 1),
    gain and size (n + 1,) are scratch. Returns the sum of the odds of all pairs in a group. O(n^2)
    a sweep.
    """
    n = len(group)
    for _ in range(sweeps):
        moved = False
        for i in range(n):
            moved |= _move(i, odds, gain, size, group)
        if not (_join(odds, between, group) or moved):
            break
    total = 0.0
    for i in range(n):
        for j in range(i):
            if group[i] == group[j]:
                total += odds[i, j]
    return total


@numba.njit(cache=True, nogil=True)
def _move(i: int, odds: F64, gain: F64, size: I64, group: I64) -> bool:
    """Move place i to the group that gains most by it, or to one of its own; tell if it moved."""
    for g in range(len(gain)):
        gain[g], size[g] = 0.0, 0
    for j in range(len(group)):
        if j != i:
            size[group[j]] += 1
            gain[group[j]] += odds[i, j]
    best, most = group[i], gain[group[i]]
    for g in range(len(gain)):
        if gain[g] > most + 1e-9 and size[g] > 0:
            best, most = g, gain[g]
    if most < -1e-9:
        for g in range(len(gain)):
            if size[g] == 0:
                best = g
                break
    moved: bool = best != group[i]
    group[i] = best
    return moved


@numba.njit(cache=True, nogil=True)
def _join(odds: F64, between: F64, group: I64) -> bool:
    """Join the two groups that gain most by it; tell if there are any."""
    n = len(group)
    for a in range(n + 1):
        for b in range(n + 1):
            between[a, b] = 0.0
    for i in range(n):
        for j in range(n):
            if group[i] != group[j]:
                between[group[i], group[j]] += odds[i, j]
    best, one, other = 1e-9, -1, -1
    for a in range(n + 1):
        for b in range(n + 1):
            if between[a, b] > best:
                best, one, other = between[a, b], a, b
    if one < 0:
        return False
    for i in range(n):
        if group[i] == other:
            group[i] = one
    return True
