"""Keywords in sound that arrives bit by bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.features import front_end as front_end_named
from kwspot.features.normalise import RunningNormaliser
from kwspot.features.sketch import Sketches
from kwspot.peaks import Hit, Peaks
from kwspot.sketch import Looks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.features import FeatureStream, FrontEnd
    from kwspot.keyword import Keyword
    from kwspot.results import Detection

F32 = npt.NDArray[np.float32]

# Where a sketch fits, a word so much longer than those learned is heard, so many frames before it
# too, and after it twice as many, in which a better fit may follow.
_LONGER, _MARGIN = 1.3, 10


class Spotter:
    """Recognise keywords in a stream of samples, in constant memory.

    Parameters
    ----------
    keywords : sequence of Keyword
        What to look for; they share the features.
    threshold : float, optional
        Least score to report, 0 to 1; by default each keyword's own.
    refractory : float
        Seconds after a detection in which the same keyword is not reported again.
    rate : int
        Sampling rate of the chunks in Hz.

    Raises
    ------
    ValueError
        If there are no keywords, or a number is out of its range.

    Notes
    -----
    How the stream is cut into chunks changes nothing. A detection is given at most 0.3 s of sound
    after the end of the word, and with the front end "speech" 0.9 s. O(total length of the
    templates) time a frame, and as much memory.

    Examples
    --------
    >>> from kwspot.keyword import Keyword
    >>> rng = np.random.default_rng(0)
    >>> word, silence = rng.normal(size=8000).astype(np.float32), np.zeros(8000, np.float32)
    >>> keyword = Keyword.from_examples([(word, 16000)] * 2, front_end="cepstra", name="hiss")
    >>> spotter = Spotter([keyword])
    >>> [hit.keyword for chunk in (silence, word, silence) for hit in spotter.feed(chunk)]
    ['hiss']
    """

    def __init__(
        self,
        keywords: Sequence[Keyword],
        *,
        threshold: float | None = None,
        refractory: float = 0.3,
        rate: int = 16000,
    ) -> None:
        self._listener = Listener(keywords, threshold=threshold, rate=rate)
        self._peaks = Peaks(
            [keyword.name for keyword in keywords],
            threshold=0 if threshold is None else threshold,
            refractory=refractory,
        )

    def feed(self, chunk: npt.ArrayLike) -> list[Detection]:
        """Take the next samples and return what was recognised meanwhile.

        Parameters
        ----------
        chunk : array_like, shape (n,), float or int16
            Samples; floats at full scale 1. Any n, 0 too.

        Returns
        -------
        list of Detection
            In order of time; times are seconds since the first sample.

        Raises
        ------
        ValueError
            If the chunk has channels, or holds NaN or infinity.
        """
        return self._report(self._listener.feed(chunk))

    def finish(self) -> list[Detection]:
        """End the stream.

        Returns
        -------
        list of Detection
            What was still undecided.
        """
        found = self._report(self._listener.finish())
        return found + self._peaks.settle(np.inf)

    def _report(self, hits: list[Hit]) -> list[Detection]:
        for hit in hits:
            self._peaks.add(hit)
        return self._peaks.settle(self._listener.clock)


class Listener:
    """Every place in a stream where a keyword fits well enough: what `Peaks` chooses among.

    Parameters
    ----------
    keywords, threshold, rate
        As for `Spotter`.

    Raises
    ------
    ValueError
        If there are no keywords.
    """

    def __init__(self, keywords: Sequence[Keyword], *, threshold: float | None, rate: int) -> None:
        if not keywords:
            msg = "expected at least one keyword, got none"
            raise ValueError(msg)
        names = sorted({keyword.front_end for keyword in keywords})
        self._ears = [
            _Ear(
                front_end_named(name),
                [(i, word) for i, word in enumerate(keywords) if word.front_end == name],
                threshold,
                rate,
            )
            for name in names
        ]

    @property
    def clock(self) -> float:
        """Seconds up to which all hits are known."""
        return min(ear.clock for ear in self._ears)

    def feed(self, chunk: npt.ArrayLike) -> list[Hit]:
        """Take the next samples, shape (n,), and return the hits that are known now, in order."""
        x = _samples(chunk)
        return sorted(hit for ear in self._ears for hit in ear.feed(x))

    def finish(self) -> list[Hit]:
        """End the stream and return the hits that are left."""
        return sorted(hit for ear in self._ears for hit in ear.finish())


class _Ear:
    """One front end and the keywords that listen through it."""

    def __init__(
        self,
        front_end: FrontEnd,
        keywords: list[tuple[int, Keyword]],
        threshold: float | None,
        rate: int,
    ) -> None:
        self._front_end = front_end
        self._stream = listening(front_end, [word for _, word in keywords])
        self._resample = _Resampler(rate, front_end.rate)
        self._trackers = [_Tracker(i, word, front_end, threshold) for i, word in keywords]

    @property
    def clock(self) -> float:
        """Seconds up to which all hits are known."""
        return min(tracker.clock for tracker in self._trackers)

    def feed(self, x: F32) -> list[Hit]:
        """Take the next samples, give the hits that are known now."""
        return self._hear(self._stream.feed(self._resample(x, last=False)))

    def finish(self) -> list[Hit]:
        """End the stream."""
        rest = self._resample(np.empty(0, np.float32), last=True)
        hits = self._hear(self._stream.feed(rest)) + self._hear(self._stream.finish())
        return hits + [hit for tracker in self._trackers for hit in tracker.finish()]

    def _hear(self, frames: F32) -> list[Hit]:
        loudness = self._front_end.loudness(frames)
        return [hit for tracker in self._trackers for hit in tracker.feed(frames, loudness)]


class _Tracker:
    """One keyword: how well it fits at each frame."""

    def __init__(
        self, index: int, keyword: Keyword, front_end: FrontEnd, threshold: float | None
    ) -> None:
        self._index, self._period = index, front_end.period
        self._threshold = keyword.threshold if threshold is None else threshold
        self._calibration = keyword.calibration
        self._contest = keyword.contest()
        self._normaliser = RunningNormaliser(
            keyword.prior,
            period=front_end.period,
            homogeneous=front_end.homogeneous,
        )
        self._settled = 0

    @property
    def clock(self) -> float:
        """Seconds up to which the hits are known."""
        return self._settled * self._period

    def feed(self, frames: F32, loudness: F32) -> list[Hit]:
        """Take the next frames."""
        return self._hits(*self._contest.feed(self._normaliser.feed(frames, loudness)))

    def finish(self) -> list[Hit]:
        """Take the end of the stream."""
        return self._hits(*self._contest.finish())

    def _hits(self, cost: F32, start: npt.NDArray[np.int32]) -> list[Hit]:
        score = self._calibration.in_stream(cost)
        first, self._settled = self._settled, self._settled + len(cost)
        return [
            Hit(
                (first + int(i) + 1) * self._period,
                self._index,
                float(score[i]),
                int(start[i]) * self._period,
            )
            for i in np.flatnonzero(score >= self._threshold)
        ]


def listening(front_end: FrontEnd, keywords: Sequence[Keyword]) -> FeatureStream:
    """Begin to listen: only where a word may be, if every keyword can tell that cheaply."""
    sketches = [word.sketch for word in keywords if word.sketch is not None]
    if not isinstance(front_end, Sketches) or len(sketches) < len(keywords):
        return front_end.stream()
    longest = max(len(template) for sketch in sketches for template in sketch.templates)
    before = round(_LONGER * longest) + _MARGIN
    return front_end.sparing(Looks(sketches, front_end.sketch), before, after=2 * _MARGIN)


def _samples(chunk: npt.ArrayLike) -> F32:
    """Bring a chunk to float samples."""
    x = np.asarray(chunk)
    if x.ndim != 1:
        msg = f"a chunk must have shape (samples,), got {x.shape}"
        raise ValueError(msg)
    scale = 1 / 32768 if x.dtype == np.int16 else 1
    samples: F32 = x.astype(np.float32) * np.float32(scale)
    if not np.isfinite(samples).all():
        msg = "a chunk must be finite, got NaN or infinity"
        raise ValueError(msg)
    return samples


class _Resampler:
    """Bring chunks of one rate to another, the same whatever their sizes."""

    def __init__(self, rate: int, wanted: int) -> None:
        self._stream = None
        if rate != wanted:
            import soxr

            self._stream = soxr.ResampleStream(rate, wanted, 1, dtype="float32")

    def __call__(self, x: F32, *, last: bool) -> F32:
        if self._stream is None:
            return x
        return np.asarray(self._stream.resample_chunk(x, last=last), np.float32)
