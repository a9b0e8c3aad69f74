"""Which samples a frame sees, for a whole recording and for one that arrives in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

F32 = npt.NDArray[np.float32]


def frame_count(samples: int, hop: int) -> int:
    """Return how many frames a recording has: one per whole hop."""
    return samples // hop


def lead_in(width: int, hop: int) -> int:
    """Return how many samples stand before the recording: half a window's overhang, and one more.

    The extra sample is what the pre-emphasis of the first one looks back on.
    """
    return (width - hop) // 2 + 1


class FrameStream:
    """Frames of a recording that arrives in chunks, equal to those of the whole recording.

    Parameters
    ----------
    frames_of : callable
        Takes samples, of which the first frame begins at the second, and the number of frames.
    hop, width : int
        Samples from frame to frame and in a window.
    dimensions : int
        Features per frame.

    Notes
    -----
    Holds less than one chunk and one window of samples.
    """

    def __init__(
        self, frames_of: Callable[[F32, int], F32], hop: int, width: int, dimensions: int
    ) -> None:
        self._frames_of = frames_of
        self._hop, self._width, self._dimensions = hop, width, dimensions
        self._waiting = np.empty(0, np.float32)  # from the sample before the next frame on
        self._fed = 0
        self._given = 0

    def then(self, transform: Callable[[F32], F32], dimensions: int) -> Self:
        """Apply a frame-by-frame transform to all that comes out."""
        before = self._frames_of
        self._frames_of = lambda x, n: transform(before(x, n))
        self._dimensions = dimensions
        return self

    def feed(self, x: F32) -> F32:
        """Take the next samples, shape (n,), and return the frames that are now complete."""
        x = np.asarray(x, np.float32)
        if not len(x):
            return self._none()
        if self._fed == 0:
            lead = lead_in(self._width, self._hop)
            self._waiting = np.full(lead, x[0], np.float32)
        self._fed += len(x)
        self._waiting = np.concatenate([self._waiting, x])
        ready = (len(self._waiting) - 1 - self._width) // self._hop + 1
        return self._give(max(0, ready))

    def finish(self) -> F32:
        """Return the last frames, which see the last sample held."""
        left = frame_count(self._fed, self._hop) - self._given
        if left <= 0:
            return self._none()
        self._waiting = np.pad(self._waiting, (0, self._width), mode="edge")
        return self._give(left)

    def _give(self, n: int) -> F32:
        """Return the next n frames and drop the samples that no later frame sees."""
        if n == 0:
            return self._none()
        frames = self._frames_of(self._waiting, n)
        self._waiting = self._waiting[n * self._hop :]
        self._given += n
        return frames

    def _none(self) -> F32:
        return np.empty((0, self._dimensions), np.float32)
