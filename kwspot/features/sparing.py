"""The speech embedding of what a cheaper look has not ruled out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.features.cepstra import SlopeStream
from kwspot.features.speech import GATHERED, SpeechEmbedding, Windows

if TYPE_CHECKING:
    from kwspot.features.framing import FrameStream
    from kwspot.features.sketch import Look, Mask

F32 = npt.NDArray[np.float32]


class SparingStream:
    """Speech embedding of a recording that arrives in chunks, where a look at its sketch passes.

    Parameters
    ----------
    config : SpeechEmbedding
        What embeds.
    look : Look
        Judges the frames of the sketch.
    before, after : int
        So many frames before and after one that passes are embedded too; all others are NaN.

    Notes
    -----
    How the recording is cut into chunks changes nothing: what is embedded follows from what passes
    alone. A frame is given up when the `before` frames after it are known.
    """

    def __init__(self, config: SpeechEmbedding, look: Look, before: int, after: int) -> None:
        self._config, self._sketch, self._look = config, config.sketch, look
        self._powers: FrameStream = config.powers.stream()
        self._slopes = SlopeStream(self._sketch)
        self._windows = Windows(config)
        self._wanted = Wanted(before, after)

    def feed(self, x: F32) -> F32:
        """Take the next samples, shape (n,), and return the frames that are now decided."""
        self._wanted.add(self._look.feed(self._analyse(self._powers.feed(x))))
        ready = self._windows.ready
        wanted = self._wanted.decided(ready)
        if len(wanted) == ready:  # gather what is wanted: more of it may come
            last = int(wanted[::-1].argmin()) if not wanted.all() else ready
            wanted = wanted[: ready - last if last <= GATHERED else ready]
        return self._give(wanted)

    def finish(self) -> F32:
        """Return the last frames, after which it is quiet."""
        for frames in (self._analyse(self._powers.finish()), self._slopes.finish()):
            self._wanted.add(self._look.feed(frames))
        self._wanted.add(self._look.finish())
        self._windows.close()
        return self._give(self._wanted.decided(self._windows.ready, ended=True))

    def _analyse(self, powers: F32) -> F32:
        """Keep mels for the network, and return the frames of the sketch."""
        self._windows.add(self._config.of_powers(powers))
        return self._slopes.feed(self._sketch.of_powers(powers))

    def _give(self, wanted: Mask) -> F32:
        """Return the next frames, which are embedded where they are wanted."""
        self._wanted.drop(len(wanted))
        parts = [np.empty((0, self._config.dimensions), np.float32)]
        borders = [0, *(np.flatnonzero(np.diff(wanted)) + 1).tolist(), len(wanted)]
        for first, last in pairwise(borders):
            if first < last:
                take = self._windows.embed if wanted[first] else self._windows.skip
                parts.append(take(last - first))
        return np.concatenate(parts)


class Wanted:
    """Which frames are near one that passes, as these become known.

    Parameters
    ----------
    before, after : int
        A frame is wanted up to so many frames before and after one that passes.

    Examples
    --------
    >>> wanted = Wanted(1, 2)
    >>> wanted.add(np.array([False, False, True, False]))
    >>> wanted.decided(9).tolist()
    [False, True, True, True]
    >>> wanted.drop(3)
    >>> wanted.add(np.array([False, False]))
    >>> wanted.decided(9).tolist(), wanted.decided(9, ended=True).tolist()
    ([True, True], [True, True, False])
    """

    def __init__(self, before: int, after: int) -> None:
        self._before, self._after = before, after
        self._passed = np.zeros(after, np.bool_)  # from `after` frames before the next one on

    def add(self, passed: Mask) -> None:
        """Take of the next frames whether they pass."""
        self._passed = np.concatenate([self._passed, passed])

    def decided(self, most: int, *, ended: bool = False) -> Mask:
        """Return of the next frames, but of `most` at most, if they are wanted, as far as known."""
        n, at = len(self._passed), np.flatnonzero(self._passed)
        change = np.zeros(n + self._after + 2, np.int64)
        np.add.at(change, np.maximum(at - self._before, 0), 1)
        np.add.at(change, at + self._after + 1, -1)
        wanted = (np.cumsum(change) > 0)[self._after : n]
        sure = len(wanted) if ended else max(0, len(wanted) - self._before)
        doubtful = np.flatnonzero(~wanted[sure:])
        known = sure + int(doubtful[0]) if len(doubtful) else len(wanted)
        return wanted[: min(known, most)]

    def drop(self, n: int) -> None:
        """Let go of the next n frames."""
        self._passed = self._passed[n:]
