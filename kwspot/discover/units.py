"""Long clips: a few segments a second that may be whole words, and a vector for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.contour import RATE
from kwspot.discover.segments import spoken
from kwspot.features.normalise import unit

if TYPE_CHECKING:
    from kwspot.discover.clip import Clip
    from kwspot.discover.contour import Contour
    from kwspot.discover.segments import Segments

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_PER_SECOND = 4
_WINDOW = 2 * RATE  # contour frames in which the best segments are kept
_TWIN = 0.7  # overlap over union at which only the better of two segments is kept
_USUAL, _SPREAD = 0.5, 0.5  # seconds and log-seconds: how long words are
_UNUSUAL = 1 / 6  # what an unusual length counts against quiet ends
_PAUSED = 10.0  # what a second of silence within counts against them
_BINS = 10  # a unit is summed up in so many mean frames
_MANY, _COMPONENTS = 2000, 64  # so many vectors are worth reducing to their main components


@dataclass(frozen=True, eq=False)
class Units:
    """What stands for a long clip when clips are compared at large.

    Attributes
    ----------
    segments : Segments
        A few a second, n in all.
    promise : ndarray, shape (n,), float32
        What speaks for each by itself, see `promise`.
    vectors : ndarray, shape (n, bins * d), float32
        Their mean frames, equally many whatever the length, together of unit length.
    start, end : ndarray, shape (n,), int64
        Half-open span in frames of the clip.
    """

    segments: Segments
    promise: F32
    vectors: F32
    start: I64
    end: I64

    @classmethod
    def of(cls, clip: Clip, segments: Segments) -> Units:
        """Choose among the segments of a clip, and sum up what is chosen. O(n)."""
        likely = promise(clip.contour, segments)
        chosen = _chosen(segments, likely)
        segments = segments.take(chosen)
        step = 1 / (RATE * clip.period)
        start = np.minimum((segments.start * step + 1e-6).astype(np.int64), len(clip.frames) - 1)
        end = np.ceil(segments.end * step - 1e-6).astype(np.int64)
        end = np.clip(end, start + 1, len(clip.frames))
        return cls(
            segments, likely[chosen], summaries(clip.frames, clip.period, segments), start, end
        )

    def __len__(self) -> int:
        return len(self.start)

    def take(self, which: slice) -> Units:
        """Return some of them."""
        return Units(
            self.segments.take(which),
            self.promise[which],
            self.vectors[which],
            self.start[which],
            self.end[which],
        )


def promise(contour: Contour, segments: Segments) -> F32:
    """Return what speaks for each segment by itself, shape (n,).

    That is quiet ends, a usual length, and no pause within: one word ends there, another begins.
    """
    unusual = np.log(segments.seconds / np.float32(_USUAL)) / np.float32(_SPREAD)
    paused = segments.seconds - spoken(contour, segments.start, segments.end) / np.float32(RATE)
    likely: F32 = segments.edges - np.float32(_UNUSUAL) * np.square(unusual)
    likely -= np.float32(_PAUSED) * paused
    return likely


def _chosen(segments: Segments, likely: F32) -> I64:
    """Return the likeliest segments of each two seconds, without near-twins, in order."""
    from kwspot.kernels.shortlist import thin

    windows = int(segments.end.max()) // _WINDOW + 1
    slots = np.full((windows + 2, _PER_SECOND * _WINDOW // RATE), -1, np.int32)
    kept = np.zeros(len(segments), np.bool_)
    order = np.argsort(-likely, kind="stable")
    thin(order, segments.start, segments.end, _WINDOW, _TWIN, slots, kept)
    return np.flatnonzero(kept)


def summaries(frames: F32, period: float, segments: Segments) -> F32:
    """Return a unit vector for each segment: its frames, averaged in ten bins.

    Of frames (m, d), `period` seconds each; shape (n, 10 d). The product of two vectors is the mean
    cosine of the bins. O(n).
    """
    dimensions = frames.shape[1]
    total = np.concatenate([np.zeros((1, dimensions)), np.cumsum(frames, 0, np.float64)])
    step = 1 / (RATE * period)
    at = np.linspace(0, 1, _BINS + 1)
    edges = (segments.start[:, None] + np.outer(segments.end - segments.start, at)) * step
    edges = np.minimum(edges, len(frames))
    whole = np.minimum(edges.astype(np.int64), len(frames) - 1)
    means = np.diff(total[whole] + (edges - whole)[:, :, None] * frames[whole], axis=1)
    norms = np.linalg.norm(means, axis=2, keepdims=True) * np.sqrt(_BINS)
    return np.ascontiguousarray(
        (means / np.maximum(norms, 1e-9)).reshape(len(segments), -1), np.float32
    )


def centred(vectors: F32) -> F32:
    """Return vectors, shape (n, d), centred, at unit length; many without what varies least.

    Shape (n, d), or (n, 64) if they are many. O(n d^2 + d^3).
    """
    vectors = vectors - vectors.mean(axis=0)
    if len(vectors) < _MANY:
        return unit(vectors)
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return unit(vectors @ axes[:, ::-1][:, :_COMPONENTS])
