"""How well any two segments of different clips agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.contour import RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip, Track
    from kwspot.discover.segments import Segments

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_LONG = 3000  # frames from which on all pairs of frames would take too much memory
_NEAR = 0.1  # share of the other clip's frames that a frame is compared with to tell what is near
_LOCAL = 0.5  # weight of how near these are: common sounds have near frames everywhere
_TYPICAL_NEAR = 0.6
_MOST_COST = 0.95  # of a pair of frames: one that does not fit must not undo the others
_HOPELESS = 0.68  # mean cost of a frame at which a warp is given up
_MISSING = -9.0  # similarity of pairs without a warp
_NO_LINK = -6.0  # gain of pairs without a warp
_TOP = 0.2  # share of a segment's similarities that tell what it meets by chance
_OWN = 0.5  # weight of a segment's own chance level against that of all segments
_LENIENCE = 0.01  # how far below chance a link may lie before it speaks against a word
_TYPICAL = 0.4  # seconds, a word
_IDENTITY = 0.65  # share of what tells which word it is in the evidence
_GROWTH = 0.75  # power of the length: evidence adds up over frames that are not independent
_SCALE = 22.0
_BINS = 512  # of the histograms that tell what is highest
_USUAL, _SPREAD = 0.5, 0.5  # seconds and log-seconds: how long words are
_LENGTH_WEIGHT = 0.25
_EDGE_WEIGHT = 1.5


@dataclass(frozen=True, eq=False)
class Links:
    """Agreement of all segments of all clips.

    Attributes
    ----------
    gain : ndarray, shape (N, N), float32
        Evidence that two segments are one word: above 0 more alike than by chance.
    prior : ndarray, shape (N,), float32
        What speaks for a segment by itself: a usual length, quiet ends, and its worth.
    first : ndarray, shape (K + 1,), int64
        Clip k owns the segments ``first[k]`` up to ``first[k + 1]``.
    """

    gain: F32
    prior: F32
    first: I64


def link(
    clips: Sequence[Clip], segments: Sequence[Segments], progress: Callable[[float], None]
) -> Links:
    """Warp all segments of each clip onto those of all others and weigh what comes out.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    segments : sequence of Segments
        Of each clip, N in all.
    progress : callable
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Links

    Notes
    -----
    O(N^2) memory; O(S^2 w^2) time for S starts of segments of up to w frames. Chance is what the
    best fifth of a segment's warps reach; half of it is the mean over all segments, so that it
    follows how alike the voices and how noisy the clips are.
    """
    first = np.cumsum([0, *(len(part) for part in segments)])
    seconds = np.concatenate([part.seconds for part in segments])
    edges = np.concatenate([part.edges for part in segments])
    unusual = np.log(seconds / _USUAL) / _SPREAD
    prior = _EDGE_WEIGHT * edges - _LENGTH_WEIGHT * np.square(unusual)
    prior += np.concatenate([part.worth for part in segments])
    gain = _evidence(clips, segments, first, seconds, progress)
    return Links(gain, prior.astype(np.float32), first)


def _evidence(
    clips: Sequence[Clip],
    segments: Sequence[Segments],
    first: I64,
    seconds: F32,
    progress: Callable[[float], None],
) -> F32:
    """Return the gain of all pairs, shape (N, N), by their sounds and, where heard, identity."""
    identities = [clip.identity for clip in clips if clip.identity is not None]
    if not identities:
        return _gains(similarities(clips, segments, first, progress), seconds)
    sounds = similarities(clips, segments, first, lambda done: progress(0.5 * done))
    words = similarities(identities, segments, first, lambda done: progress(0.5 + 0.5 * done))
    gain = _gains(sounds, seconds)
    gain += _IDENTITY * (_gains(words, seconds) - gain)
    return gain


def similarities(
    tracks: Sequence[Clip | Track],
    segments: Sequence[Segments],
    first: I64,
    progress: Callable[[float], None],
) -> F32:
    """Return 1 - mean cost of the best warp of any two segments, shape (N, N).

    Pairs of the same clip, and those without a warp worth following, are -9.
    """
    from kwspot.kernels.links import warp_segments

    similarity = np.full((first[-1], first[-1]), _MISSING, np.float32)
    spoken = [_places(*each) for each in zip(tracks, segments, first[:-1].tolist(), strict=True)]
    width = max(ends.shape[1] for _, _, ends in spoken)
    work = np.empty((2, width + 8), np.float32)
    pairs = [(a, b) for a in range(len(tracks)) for b in range(a)]
    columns = [np.ascontiguousarray(frames.T) for frames, _, _ in spoken]
    for done, (a, b) in enumerate(pairs):
        (frames, starts_a, ends_a), (_, starts_b, ends_b) = spoken[a], spoken[b]
        cost = costs(frames, columns[b])
        warp_segments(cost, starts_a, starts_b, ends_a, ends_b, _HOPELESS, work, similarity)
        progress((done + 1) / len(pairs))
    return similarity


def costs(frames: F32, columns: F32) -> F32:
    """Return what it costs to take frames of two clips for one sound, shape (m, n), 0 to 0.95.

    Parameters
    ----------
    frames : ndarray, shape (m, d), float32
        Unit frames of one clip.
    columns : ndarray, shape (d, n), float32
        Those of the other, transposed.

    Notes
    -----
    O(m n d). A frame that is near many frames of the other clip tells little.
    Source: Conneau, Lample, Ranzato, Denoyer and Jegou, "Word translation without parallel data",
    ICLR 2018 (cross-domain similarity local scaling), with half its weight and a ceiling.

    Examples
    --------
    >>> frames = np.eye(2, dtype=np.float32)
    >>> (100 * costs(frames, frames)).round().astype(int).tolist()
    [[20, 95], [95, 20]]
    """
    from kwspot.kernels.links import cosines, local_costs, top_means

    cosine = np.empty((len(frames), columns.shape[1]), np.float32)
    cosines(frames, columns, cosine)
    near_a, near_b = np.empty(len(cosine), np.float32), np.empty(cosine.shape[1], np.float32)
    counts = np.empty(_BINS, np.int64)
    top_means(cosine, _MISSING, _NEAR, counts, near_a)
    top_means(np.ascontiguousarray(cosine.T), _MISSING, _NEAR, counts, near_b)
    local_costs(cosine, near_a, near_b, _LOCAL, _TYPICAL_NEAR, _MOST_COST)
    return cosine


def _places(track: Clip | Track, segments: Segments, first: int) -> tuple[F32, I64, I32]:
    """Return the frames in segments (n, d), the starts (X,) in them, and who ends where (X, w + 1).

    Of long clips, frames in no segment are left out; those of a segment stay side by side.
    Segments that share both frames are one to the warp: only the last of them is linked.
    """
    step = 1 / (RATE * track.period)
    start = np.minimum((segments.start * step + 1e-6).astype(np.int64), len(track.compared) - 1)
    end = np.ceil(segments.end * step - 1e-6).astype(np.int64)
    end = np.clip(end, start + 1, len(track.compared))
    starts, which = np.unique(start, return_inverse=True)
    ends = np.full((len(starts), int((end - start).max()) + 1), -1, np.int32)
    ends[which, end - start] = first + np.arange(len(segments))
    depth = np.zeros(len(track.compared) + 1, np.int64)
    np.add.at(depth, start, 1)
    np.add.at(depth, end, -1)
    inside = (np.cumsum(depth[:-1]) > 0) | (len(track.compared) <= _LONG)
    return track.compared[inside], (np.cumsum(inside) - 1)[starts], ends


def _gains(similarity: F32, seconds: F32) -> F32:
    """Turn similarities into evidence, shape (N, N); O(N^2)."""
    from kwspot.kernels.links import top_means, weigh

    chance = np.empty(len(similarity), np.float32)
    top_means(similarity, _MISSING, _TOP, np.empty(_BINS, np.int64), chance)
    chance = _OWN * chance + np.float32((1 - _OWN) * chance.mean() - _LENIENCE)
    weigh(
        similarity,
        _MISSING,
        chance,
        (seconds / _TYPICAL).astype(np.float32),
        _GROWTH,
        _SCALE,
        _NO_LINK,
    )
    return similarity


def raised(gain: F32, seconds: F32, lenience: float) -> F32:
    """Return what gains, shape (N, N), would be if chance lay lower by `lenience`.

    Of segments of length `seconds`, shape (N,). Pairs without a warp remain without a link.

    Examples
    --------
    >>> gain = np.array([[1.0, -6.0], [-6.0, 1.0]], np.float32)
    >>> raised(gain, np.array([0.4, 0.4], np.float32), 0.1).astype(float).round(1).tolist()
    [[3.2, -6.0], [-6.0, 3.2]]
    """
    length = (seconds[:, None] + seconds) / np.float32(2 * _TYPICAL)
    more = np.float32(_SCALE * lenience) * length ** np.float32(_GROWTH)
    return np.where(gain > _NO_LINK, gain + more, gain)


def lowest_links(clips: int) -> int:
    """Return how many of a member's links count: three quarters, the lowest ones.

    Examples
    --------
    >>> [lowest_links(clips) for clips in (2, 3, 5, 9)]
    [1, 2, 3, 6]
    """
    return -(-3 * (clips - 1) // 4)
