"""The exhaustive search for the shared word: every window of every clip against every other.

Windows begin and end at any second frame, 40 ms apart, as long as they hold mostly speech. One pass
of dynamic time warping for each two frames where windows may begin gives the similarity of all that
begin there, as in the exact stage of `kwspot.discover`; but nothing is given up, and nobody says
where words may begin or end. What agrees most with its best partners in the other clips is what the
sets of one window per clip are then made of. O(n^2 w^2) for n frames and windows of up to w.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from kwspot.discover.contour import RATE
from kwspot.discover.links import costs, lowest_links
from kwspot.discover.segments import Segments

HOP = 2  # frames from one window to the next, and from one length to the next
BINS = 64  # of the histograms that tell what a window meets by chance
TWIN = 0.7  # overlap over union at which only the better of two windows is kept
EACH = 400  # windows of a clip that sets are made of
# The same as in kwspot.discover: what is speech, chance, evidence, and what speaks for a window.
LOUD, FILLED = 0.1, 0.75
TOP, OWN, LENIENCE = 0.2, 0.5, 0.01
SCALE, GROWTH, TYPICAL = 22.0, 0.75, 0.4
EDGE_WEIGHT, LENGTH_WEIGHT, USUAL, SPREAD = 1.5, 0.25, 0.5, 0.5


class Windows(NamedTuple):
    """Windows of a clip: start and end in frames (w,), number[start / HOP, length / HOP] or -1."""

    start: np.ndarray
    end: np.ndarray
    number: np.ndarray


class Found(NamedTuple):
    """What windows find: their best partner in each clip (K, w), and all that they meet (w, BINS).

    similarity and window are those of the partner; met is a histogram of similarities.
    """

    similarity: np.ndarray
    window: np.ndarray
    met: np.ndarray


def best_windows(clips, bounds):
    """Return the windows of each clip that agree most with their partners, as segments."""
    listed = [all_windows(clip, bounds) for clip in clips]
    found = warp_all(clips, listed)
    chance = chances(found)
    seconds = [(one.end - one.start) * clips[0].period for one in listed]
    kept = []
    for k, (clip, one) in enumerate(zip(clips, listed, strict=True)):
        segments = as_segments(clip, one)
        links = np.sort(list(gains(k, found, chance, seconds)), axis=0)[: lowest_links(len(clips))]
        unusual = np.log(seconds[k] / USUAL) / SPREAD
        worth = links.mean(axis=0) + EDGE_WEIGHT * segments.edges
        kept.append(thinned(segments, worth - LENGTH_WEIGHT * np.square(unusual)))
    return kept


def all_windows(clip, bounds):
    """Return all windows of a clip that hold speech enough."""
    least, most = (round(seconds / clip.period) for seconds in bounds)
    step, n = clip.period * RATE, len(clip.frames)
    speech = clip.contour.speech(LOUD)
    at = np.minimum((np.arange(n + 1) * step).round().astype(int), len(speech))
    spoken = np.concatenate([[0], np.cumsum(speech)])[at]
    start, length = np.meshgrid(np.arange(0, n, HOP), np.arange(0, most + 1, HOP), indexing="ij")
    end = np.minimum(start + length, n)
    kept = (length >= least) & (end == start + length)
    kept &= spoken[end] - spoken[start] >= FILLED * length * step
    number = np.where(kept, np.cumsum(kept).reshape(kept.shape) - 1, -1)
    return Windows(start[kept], end[kept], number.astype(np.int32))


def warp_all(clips, listed):
    """Warp all windows of all clips onto all of the others."""
    found = [
        Found(
            np.full((len(clips), len(one.start)), -1, np.float32),
            np.zeros((len(clips), len(one.start)), np.int32),
            np.zeros((len(one.start), BINS), np.int32),
        )
        for one in listed
    ]
    columns = [np.ascontiguousarray(clip.compared.T) for clip in clips]
    for a in range(len(clips)):
        for b in range(a):
            cost = costs(clips[a].compared, columns[b])
            mine = found[a].similarity[b], found[a].window[b], found[a].met
            theirs = found[b].similarity[a], found[b].window[a], found[b].met
            warp_windows(cost, listed[a].number, listed[b].number, *mine, *theirs)
    return found


@numba.njit(nogil=True, fastmath={"contract"})
def warp_windows(cost, number_a, number_b, best_a, which_a, met_a, best_b, which_b, met_b):
    """Warp all windows of one clip onto all of another; tell each the best, and how alike all are.

    Steps (1, 1) count twice, slopes lie between 1/2 and 2, as in `kwspot.kernels.links`.
    """
    shut = np.float32(1e9)
    longest = (number_a.shape[1] - 1) * HOP
    work = np.empty((2, longest + 8), np.float32)
    for x in range(number_a.shape[0]):
        if number_a[x].max() < 0:
            continue
        rows = min(longest, cost.shape[0] - x * HOP)
        for y in range(number_b.shape[0]):
            if number_b[y].max() < 0:
                continue
            columns = min(longest, cost.shape[1] - y * HOP)
            work[:] = shut
            work[0, 0] = np.float32(0)
            for i in range(rows):
                before, now = work[i & 1], work[1 - (i & 1)]
                low, high = max(0, (i + 1) // 2 - 2), min(columns, (i + 1) * 2 + 2)
                if low >= high:
                    break
                left, diagonal = shut, before[low]
                now[low] = shut
                for j in range(low, high):
                    local, above = cost[x * HOP + i, y * HOP + j], before[j + 1]
                    left = min(diagonal + local + local, min(above, left) + local)
                    now[j + 1], diagonal = left, above
                for j in range(high + 1, min(columns, high + 2) + 1):
                    now[j] = shut
                a = number_a[x, (i + 1) // HOP] if (i + 1) % HOP == 0 else -1
                if a < 0:
                    continue
                for j in range((low + HOP) // HOP * HOP, high + 1, HOP):
                    b = number_b[y, j // HOP]
                    if b < 0:
                        continue
                    value = np.float32(1) - now[j] / np.float32(i + 1 + j)
                    level = min(max(int(value * BINS), 0), BINS - 1)
                    met_a[a, level] += 1
                    met_b[b, level] += 1
                    if value > best_a[a]:
                        best_a[a], which_a[a] = value, b
                    if value > best_b[b]:
                        best_b[b], which_b[b] = value, a


def chances(found):
    """Return what each window meets by chance (w,): the mean of its highest similarities."""
    level = (np.arange(BINS)[::-1] + 0.5) / BINS
    own = []
    for one in found:
        met = one.met[:, ::-1].astype(np.float64)
        wanted = np.maximum(TOP * met.sum(axis=1, keepdims=True), 1)
        taken = np.diff(np.minimum(np.cumsum(met, axis=1), wanted), axis=1, prepend=0)
        own.append(taken @ level / wanted[:, 0])
    usual = np.concatenate(own).mean()
    return [OWN * one + (1 - OWN) * usual - LENIENCE for one in own]


def gains(k, found, chance, seconds):
    """Yield for each other clip what speaks for the windows of clip k and their partners (w,)."""
    for other in range(len(found)):
        if other != k:
            partner = found[k].window[other]
            above = found[k].similarity[other] - 0.5 * (chance[k] + chance[other][partner])
            length = 0.5 * (seconds[k] + seconds[other][partner]) / TYPICAL
            yield SCALE * above * length**GROWTH


def as_segments(clip, one):
    """Return windows as kwspot's segments."""
    step = clip.period * RATE
    start = (one.start * step).round().astype(np.int64)
    end = np.minimum((one.end * step).round().astype(np.int64), len(clip.contour.loudness))
    quiet = 1 - np.clip(clip.contour.loudness, 0, 1)
    edges = (quiet[start] + quiet[end - 1]).astype(np.float32)
    return Segments(start, end, edges, np.zeros(len(start), np.float32))


def thinned(segments, worth):
    """Keep the worthiest segments, without near-twins, in order of their start."""
    kept = []
    for i in np.argsort(-worth, kind="stable"):
        start, end = segments.start[kept], segments.end[kept]
        shared = np.minimum(end, segments.end[i]) - np.maximum(start, segments.start[i])
        union = np.maximum(end, segments.end[i]) - np.minimum(start, segments.start[i])
        if not (shared > TWIN * union).any():
            kept.append(i)
            if len(kept) == EACH:
                break
    return segments.take(np.sort(kept))
