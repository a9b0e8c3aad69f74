"""Many recordings on one time axis: frames to compare, and the segments that may be a term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.audio import blocks
from kwspot.discover.clip import Clip
from kwspot.discover.contour import RATE
from kwspot.discover.methods import Bounds
from kwspot.discover.segments import Segments
from kwspot.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kwspot.audio import Source
    from kwspot.discover.contour import Contour
    from kwspot.features import FrontEnd

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_PIECE = 300.0  # seconds that are read and analysed at a time: bounds the memory
_LOUD = 0.1  # share of the way from quiet to loud where speech begins
_SHORTEST = 0.1  # seconds of the shortest segment that the analysis is made for


@dataclass(frozen=True, eq=False)
class Piece:
    """A stretch of a recording, analysed.

    Attributes
    ----------
    recording : int
        Number of the recording.
    offset, seconds : float
        Seconds of the recording before it, and in it.
    frames : ndarray, shape (n, d), float32
        Features of unit length.
    segments : Segments
        What may be a term, in contour frames of the slowed sound.
    period : float
        Seconds per frame of the slowed sound.
    """

    recording: int
    offset: float
    seconds: float
    frames: F32
    segments: Segments
    period: float


@dataclass(frozen=True, eq=False)
class Corpus:
    """The segments of all recordings.

    Attributes
    ----------
    frames : ndarray, shape (n, d), float32
        Features of all pieces, one after the other.
    first, last : ndarray, shape (s,), int64
        Half-open span of each segment in `frames`.
    start, end : ndarray, shape (s,), int64
        Half-open span of each segment on one axis, in contour frames; ascending starts. Segments
        of different pieces never overlap.
    edges : ndarray, shape (s,), float32
        How quiet it is at both ends, together: 0 loud to 2 quiet.
    recording : ndarray, shape (s,), int64
        Number of the recording that holds it.
    offset : ndarray, shape (s,), float64
        What to add to `start`, in seconds of the slowed sound, for its place in the recording.
    slowdown : float
        How many times slower than it was the sound is analysed.
    """

    frames: F32
    first: I64
    last: I64
    start: I64
    end: I64
    edges: F32
    recording: I64
    offset: npt.NDArray[np.float64]
    slowdown: float

    def __len__(self) -> int:
        return len(self.start)

    @property
    def seconds(self) -> F32:
        """Length of each segment in the slowed sound, shape (s,)."""
        return ((self.end - self.start) / np.float32(RATE)).astype(np.float32)

    def span(self, segment: int) -> tuple[float, float]:
        """Return start and end of a segment in its recording, in seconds."""
        before = float(self.offset[segment])
        start, end = (int(at[segment]) / RATE + before for at in (self.start, self.end))
        return round(start / self.slowdown, 6), round(end / self.slowdown, 6)

    @classmethod
    def of(cls, pieces: list[Piece], slowdown: float) -> Corpus:
        """Put pieces on one axis."""
        frames = np.cumsum([0, *(len(piece.frames) for piece in pieces)])
        lengths = [int(piece.segments.end.max()) + 1 for piece in pieces]
        axis = np.cumsum([0, *lengths])
        counts = [len(piece.segments) for piece in pieces]
        spans = [_frame_spans(piece) for piece in pieces]
        away = [
            piece.offset * slowdown - at / RATE for piece, at in zip(pieces, axis, strict=False)
        ]
        return cls(
            frames=np.concatenate([piece.frames for piece in pieces]),
            first=np.concatenate([a + at for (a, _), at in zip(spans, frames, strict=False)]),
            last=np.concatenate([b + at for (_, b), at in zip(spans, frames, strict=False)]),
            start=np.concatenate(
                [p.segments.start + at for p, at in zip(pieces, axis, strict=False)]
            ),
            end=np.concatenate([p.segments.end + at for p, at in zip(pieces, axis, strict=False)]),
            edges=np.concatenate([piece.segments.edges for piece in pieces]),
            recording=np.repeat([piece.recording for piece in pieces], counts),
            offset=np.repeat(away, counts),
            slowdown=slowdown,
        )


def slowdown_for(bounds: Bounds) -> float:
    """Return how many times slower a sound must be for the analysis to resolve its segments.

    Examples
    --------
    >>> slowdown_for(Bounds(0.2, 1.0)), slowdown_for(Bounds(0.025, 0.15))
    (1.0, 4.0)
    """
    return max(1.0, round(_SHORTEST / bounds.least, 3))


def pieces(
    source: Source, number: int, name: str, bounds: Bounds, front_end: FrontEnd
) -> Iterator[Piece]:
    """Read a recording and analyse it piece by piece.

    Short units, such as the syllables of birds, are slowed down to the pace of speech: the time
    and the frequencies for which the analysis was made.

    Raises
    ------
    AudioError
        If it cannot be read, or no piece of it holds anything.

    Notes
    -----
    O(n) time; the samples of one piece are in memory at a time.
    """
    slowdown = slowdown_for(bounds)
    rate = front_end.rate * slowdown
    slowed = Bounds(bounds.least * slowdown, bounds.most * slowdown)
    offset, found, fault = 0.0, 0, None
    for x in blocks(source, rate=rate, seconds=_PIECE / slowdown):
        try:
            clip = Clip.listen((x, front_end.rate), name, front_end)
        except AudioError as error:
            fault = error
        else:
            if clip.seconds >= slowed.most:
                found += 1
                segments = _unbroken(
                    Segments.between_boundaries(clip.contour, slowed), clip.contour
                )
                yield Piece(number, offset, len(x) / rate, clip.frames, segments, clip.period)
        offset += len(x) / rate
    if not found:
        raise fault or AudioError(
            f"{name} is shorter than a term may be ({bounds.most:g} s)",
            hint="leave it out, or lower --max-duration",
        )


def _unbroken(segments: Segments, contour: Contour) -> Segments:
    """Keep the segments that hold nothing but speech, if there are any."""
    spoken = np.concatenate([[0], np.cumsum(contour.speech(_LOUD))])
    length = segments.end - segments.start
    whole = spoken[segments.end] - spoken[segments.start] == length
    return segments.take(np.flatnonzero(whole)) if whole.any() else segments


def _frame_spans(piece: Piece) -> tuple[I64, I64]:
    """Return the half-open spans of a piece's segments in its frames."""
    step, n = 1 / (RATE * piece.period), len(piece.frames)
    first = np.minimum((piece.segments.start * step + 1e-6).astype(np.int64), n - 1)
    last = np.ceil(piece.segments.end * step - 1e-6).astype(np.int64)
    return first, np.clip(last, first + 1, n)
