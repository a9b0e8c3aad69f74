"""Where words may begin and end, and the segments between: what discovery chooses from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.contour import RATE

if TYPE_CHECKING:
    from kwspot.discover.contour import Contour
    from kwspot.discover.methods import Bounds

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_LOUD = 0.1  # share of the way from quiet to loud where speech begins
_NEAR = 4  # frames around speech that may hold a boundary
_APART = 4  # frames between boundaries, at least
_FILLED = 0.75  # share of a segment that is speech, at least


@dataclass(frozen=True, eq=False)
class Segments:
    """Segments of one clip, in order of their start.

    Attributes
    ----------
    start, end : ndarray, shape (n,), int64
        Half-open span in contour frames, 100 a second.
    edges : ndarray, shape (n,), float32
        How quiet it is at both ends, together: 0 loud to 2 quiet.
    worth : ndarray, shape (n,), float32
        What is known of each by a first look at all clips, as evidence; 0 without one.
    """

    start: I64
    end: I64
    edges: F32
    worth: F32

    def __len__(self) -> int:
        return len(self.start)

    @property
    def seconds(self) -> F32:
        """Lengths, shape (n,)."""
        seconds: F32 = ((self.end - self.start) / np.float32(RATE)).astype(np.float32)
        return seconds

    def take(self, index: npt.NDArray[np.intp] | slice) -> Segments:
        """Return some of them."""
        return Segments(self.start[index], self.end[index], self.edges[index], self.worth[index])

    def of_worth(self, worth: F32) -> Segments:
        """Return the same with another worth."""
        return replace(self, worth=worth)

    @classmethod
    def between_boundaries(cls, contour: Contour, bounds: Bounds) -> Segments:
        """Return all pairs of boundaries that may be a word; never none.

        O(n) for n frames: a boundary pairs with those less than the longest word away.
        """
        start, end = _pairs(boundaries(contour), bounds)
        filled = spoken(contour, start, end) >= _FILLED * (end - start)
        start, end = start[filled], end[filled]
        if not len(start):
            start, end = _whole(contour, bounds)
        quiet = 1 - np.clip(contour.loudness, 0, 1)
        edges = (quiet[start] + quiet[end - 1]).astype(np.float32)
        return cls(start, end, edges, np.zeros(len(start), np.float32))


def spoken(contour: Contour, start: I64, end: I64) -> I64:
    """Return how many frames of spans are speech, shape (n,).

    Examples
    --------
    >>> from kwspot.discover.contour import Contour
    >>> loud = np.repeat([0.0, 1.0, 0.0, 1.0, 0.0], 30)
    >>> spoken(Contour(loud, np.zeros(150)), np.array([30, 20]), np.array([120, 50])).tolist()
    [60, 20]
    """
    before = np.concatenate([[0], np.cumsum(contour.speech(_LOUD))])
    frames: I64 = before[end] - before[start]
    return frames


def boundaries(contour: Contour) -> I64:
    """Return frames where a word may begin or end, ascending.

    These are the edges of speech and, at least 40 ms apart, minima of the loudness and maxima of
    the spectral change in or near speech, shape (b,).

    Examples
    --------
    >>> from kwspot.discover.contour import Contour
    >>> loud = np.repeat([0.0, 1.0, 0.0], 30)
    >>> boundaries(Contour(loud, np.zeros(90)))
    array([30, 60])
    """
    speech = contour.speech(_LOUD)
    near = np.convolve(speech, np.ones(2 * _NEAR + 1), mode="same") > 0
    taken = np.zeros(len(speech) + 2 * _APART, np.bool_)
    found = [
        *_pick(np.flatnonzero(np.diff(speech)) + 1, taken, 2),
        *_pick(_peaks(-contour.loudness, near), taken, _APART),
        *_pick(_peaks(contour.change, near), taken, _APART),
    ]
    return np.array(sorted(found), np.int64)


def _pick(frames: npt.NDArray[np.intp], taken: npt.NDArray[np.bool_], apart: int) -> list[int]:
    """Take frames, the first ones first, that are not close to one taken before."""
    picked = []
    for frame in frames.tolist():
        at = frame + _APART
        if not taken[at - apart + 1 : at + apart].any():
            taken[at] = True
            picked.append(frame)
    return picked


def _peaks(values: npt.NDArray[np.float64], where: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Return the local maxima inside `where`, the highest first."""
    middle = values[1:-1]
    is_peak = (middle >= values[:-2]) & (middle > values[2:]) & where[1:-1]
    peaks = np.flatnonzero(is_peak) + 1
    return peaks[np.argsort(-values[peaks], kind="stable")]


def _pairs(frames: I64, bounds: Bounds) -> tuple[I64, I64]:
    """Return all pairs of frames that are as far apart as a word is long."""
    least, most = (round(seconds * RATE, 6) for seconds in bounds)
    first = np.searchsorted(frames, frames + least)
    last = np.searchsorted(frames, frames + most, side="right")
    count = np.maximum(last - first, 0)
    start = np.repeat(frames, count)
    offset = np.arange(len(start)) - np.repeat(np.cumsum(count) - count, count)
    return start, frames[np.repeat(first, count) + offset]


def _whole(contour: Contour, bounds: Bounds) -> tuple[I64, I64]:
    """Return the part around the loudest frame that is as long as a word may be."""
    n = len(contour.loudness)
    loud = np.flatnonzero(contour.speech(_LOUD))
    middle = int(loud.mean()) if len(loud) else n // 2
    length = min(max(int(bounds.least * RATE) + 1, len(loud)), int(bounds.most * RATE), n)
    start = min(max(0, middle - length // 2), n - length)
    return np.array([start]), np.array([start + length])
