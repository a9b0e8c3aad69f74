"""What a keyword exactly costs in many short windows of recordings, all in one call."""

from __future__ import annotations

from typing import TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from .dtw import agree, warp_stream
from .normalise import normalise_running

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]
I32: TypeAlias = npt.NDArray[np.int32]


@numba.njit(cache=True, nogil=True)
def follow(
    unit: F32, columns: F32, first: I64, length: I64, best: int, evidence: F32, begin: I32
) -> None:
    """Write what templates cost together at each frame, as a `match.agreement.Agreement` tells.

    unit (n, d) of unit rows; columns (d, rows), first and length as for `dtw.warp_stream`;
    evidence and begin (n,) are written. O(n rows d).
    """
    n, rows, count = unit.shape[0], columns.shape[1], length.size
    local, total = np.empty((3, rows), np.float32), np.empty((3, rows), np.float32)
    origin = np.zeros((3, rows), np.int32)
    cost, start = np.empty((n + 2, count), np.float32), np.zeros((n + 2, count), np.int32)
    for i in range(rows):
        for j in range(3):
            local[j, i], total[j, i] = 1, np.inf
    for t in range(count):
        total[2, first[t] - 1] = 0
        cost[0, t] = cost[n + 1, t] = np.inf
    warp_stream(
        columns, first, length, unit, 0, local, total, origin, cost[1 : n + 1], start[1 : n + 1]
    )
    agree(cost, start, best, evidence, begin)


@numba.njit(cache=True, nogil=True)
def fit_windows(
    frames: F32,
    loudness: F32,
    piece: I64,
    state: F64,
    prior: F32,
    prior_frames: float,
    memory_frames: float,
    homogeneous: bool,
    skip: I64,
    low: I64,
    high: I64,
    columns: F32,
    first: I64,
    length: I64,
    best: int,
    rival_columns: F32,
    rival_first: I64,
    rival_length: I64,
    margin: float,
    cost: F32,
    end: I64,
    start: I64,
) -> None:
    """Find the best fit of a keyword in each window.

    frames (n, d), loudness (n,); window p is the frames piece[p] up to piece[p + 1], is heard from
    state[p], shape (d + 3,), on, followed from its frame skip[p] on, and judged from low[p] up to
    high[p], of which some fit; columns, first and length as for `dtw.warp_stream`, of the keyword
    and of its rivals, which may be none; cost, end (the last frame) and start (the first), all
    (windows,), are written, counted from the begin of the window. O(n d + followed frames rows d).
    """
    longest = 0
    for p in range(piece.size - 1):
        longest = max(longest, piece[p + 1] - piece[p])
    unit = np.empty((longest, frames.shape[1]), np.float32)
    own, rival = np.empty(longest, np.float32), np.empty(longest, np.float32)
    begin, ignored = np.empty(longest, np.int32), np.empty(longest, np.int32)
    heard = state.copy()
    for p in range(piece.size - 1):
        a, b = piece[p], piece[p + 1]
        size, since = b - a, skip[p]
        normalise_running(
            frames[a:b], loudness[a:b], prior, prior_frames, memory_frames, homogeneous, heard[p],
            unit[:size],
        )  # fmt: skip
        n = size - since
        follow(unit[since:size], columns, first, length, best, own[:n], begin[:n])
        if rival_length.size:
            part = unit[since:size]
            follow(part, rival_columns, rival_first, rival_length, 1, rival[:n], ignored[:n])
        least = np.float32(np.inf)
        end[p], start[p] = low[p], low[p]
        for j in range(low[p], high[p]):
            value = own[j - since]
            if rival_length.size and value < np.inf:
                lack = value - rival[j - since] + np.float32(margin)
                value += max(lack, np.float32(0))
            if value < least:
                least, end[p], start[p] = value, j, since + begin[j - since]
        cost[p] = least
