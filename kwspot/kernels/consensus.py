"""The search for one segment per clip that all agree on."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def insert(values: F64, count: int, value: float) -> None:
    """Insert a value into the first `count` of `values`, which ascend. O(count)."""
    at = count
    while at > 0 and values[at - 1] > value:
        values[at] = values[at - 1]
        at -= 1
    values[at] = value


@numba.njit(cache=True, nogil=True)
def ascend(
    gain: F32, prior: F32, first: I64, low: int, links: F64, sums: F64, members: I64, score: F64
) -> None:
    """Exchange one member of each set at a time for the best of its clip, until none gets better.

    gain (N, N) between segments, prior (N,); clip k owns the segments first[k] up to first[k + 1];
    a set scores the mean over its members of the prior and the mean of the `low` lowest gains to
    the others. links (K, K) and sums (K,) are scratch. members (S, K) is changed in place, score
    (S,) is written. O(S N K^2) a sweep, a few sweeps.
    """
    clips = first.shape[0] - 1
    for s in range(members.shape[0]):
        member = members[s]
        best = 0.0
        for _ in range(20):
            changed = False
            for k in range(clips):
                base = 0.0
                for a in range(clips):
                    if a == k:
                        continue
                    count = 0
                    for b in range(clips):
                        if b != a and b != k:
                            insert(links[a], count, gain[member[a], member[b]])
                            count += 1
                    sums[a] = 0.0
                    for j in range(low - 1):
                        sums[a] += links[a, j]
                    links[a, count] = np.inf
                    base += prior[member[a]]
                best, choice = -np.inf, member[k]
                for i in range(first[k], first[k + 1]):
                    count = 0
                    total = 0.0
                    for a in range(clips):
                        if a != k:
                            value = gain[i, member[a]]
                            # the low lowest of a's links, this one among them
                            total += sums[a] + min(value, links[a, low - 1])
                            insert(links[k], count, value)
                            count += 1
                    for j in range(low):
                        total += links[k, j]
                    total = base + prior[i] + total / low
                    if total > best:
                        best, choice = total, i
                if choice != member[k]:
                    member[k] = choice
                    changed = True
            if not changed:
                break
        score[s] = best / clips
