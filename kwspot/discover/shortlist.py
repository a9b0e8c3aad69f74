"""Long clips: which segments are worth comparing exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.contour import RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.segments import Segments

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_MOST = 2400  # segments of all clips together that are compared exactly
_BINS, _WAVES = 12, 4  # a segment is summed up in bins, and these in the first cosines
_PARTNERS = 8  # other clips that a segment is looked up in, at most
_BLOCK = 2048
_EDGE_WEIGHT = 0.05
_TWIN = 0.8  # overlap over union at which only the better of two segments is kept


def shortlist(
    clips: Sequence[Clip], segments: Sequence[Segments], progress: Callable[[float], None]
) -> list[Segments]:
    """Keep the segments that have a likeness in most other clips, if there are too many.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    segments : sequence of Segments
        Of each clip.
    progress : callable
        Called with the share that is done, 0 to 1.

    Returns
    -------
    list of Segments
        About 2400 in all, at most, as many of each clip.

    Notes
    -----
    A segment is summed up in a vector; the cosine with the nearest of each other clip tells what
    it is worth. O(n m) products for n and m segments of two clips, in blocks: O(n) memory.
    """
    quota = _MOST // len(clips)
    if all(len(part) <= quota for part in segments):
        progress(1.0)
        return list(segments)
    vectors = [sketch(clip, part) for clip, part in zip(clips, segments, strict=True)]
    kept = []
    for k, part in enumerate(segments):
        others = _others(k, len(clips))
        near = np.stack([_nearest(vectors[k], vectors[other]) for other in others], axis=1)
        low = max(1, -(-3 * len(others) // 4))
        worth = np.sort(near, axis=1)[:, :low].mean(axis=1) + _EDGE_WEIGHT * part.edges
        kept.append(part.take(_best_places(part, worth, quota)))
        progress((k + 1) / len(clips))
    return kept


def sketch(clip: Clip, segments: Segments) -> F32:
    """Return a unit vector for each segment: how its features run, whatever its length.

    Shape (n, waves * d). O(n).
    """
    total = np.concatenate(
        [np.zeros((1, clip.frames.shape[1])), np.cumsum(clip.frames, 0, np.float64)]
    )
    step = 1 / (RATE * clip.period)
    at = np.linspace(0, 1, _BINS + 1)
    edges = (segments.start[:, None] + np.outer(segments.end - segments.start, at)) * step
    edges = np.minimum(edges, len(clip.frames))
    whole = np.minimum(edges.astype(np.int64), len(clip.frames) - 1)
    sums = total[whole] + (edges - whole)[:, :, None] * clip.frames[whole]
    means = np.diff(sums, axis=1) / np.maximum(np.diff(edges, axis=1), 1e-6)[:, :, None]
    waves = np.cos(np.pi * np.outer(np.arange(_WAVES), np.arange(_BINS) + 0.5) / _BINS)
    vectors = np.einsum("wb,nbd->nwd", waves, means).reshape(len(segments), -1)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(norms, 1e-9), np.float32)


def _others(k: int, clips: int) -> list[int]:
    """Return the clips that clip k is compared with: all, or some that are evenly spread."""
    every = [other for other in range(clips) if other != k]
    chosen = np.linspace(0, len(every) - 1, min(_PARTNERS, len(every))).round().astype(int)
    return [every[i] for i in chosen]


def _nearest(vectors: F32, others: F32) -> F32:
    """Return the cosine of each vector, shape (n,), with the nearest of the others."""
    best = np.empty(len(vectors), np.float32)
    for at in range(0, len(vectors), _BLOCK):
        best[at : at + _BLOCK] = (vectors[at : at + _BLOCK] @ others.T).max(axis=1)
    return best


def _best_places(segments: Segments, worth: F32, quota: int) -> npt.NDArray[np.intp]:
    """Return the worthiest segments that are not near-twins of worthier ones, in order."""
    start, end = np.empty(quota, np.int64), np.empty(quota, np.int64)
    kept: list[int] = []
    for i in np.argsort(-worth, kind="stable").tolist():
        n, a, b = len(kept), segments.start[i], segments.end[i]
        shared = np.minimum(end[:n], b) - np.maximum(start[:n], a)
        if (shared > _TWIN * (np.maximum(end[:n], b) - np.minimum(start[:n], a))).any():
            continue
        start[n], end[n] = a, b
        kept.append(i)
        if len(kept) == quota:
            break
    return np.sort(np.array(kept))
