"""A recording as kwspot compares it, and an example of the word cut out of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.audio import digest, load
from kwspot.errors import AudioError
from kwspot.features.heard import Heard, margin
from kwspot.features.hearing import HearsOtherwise, Place
from kwspot.features.normalise import (
    Centre,
    RunningNormaliser,
    is_loud,
    unit,
    word_part,
)
from kwspot.features.room import in_room
from kwspot.features.sketch import Sketches
from kwspot.features.word import cut_out
from kwspot.results import Occurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.audio import Source
    from kwspot.features import FrontEnd

F32 = npt.NDArray[np.float32]

_SHORTEST = 4  # frames of an example: with fewer anything matches
_IN_ROOMS = ("speech",)  # front ends by which copies of the examples in rooms pay


@dataclass(frozen=True, eq=False)
class Example:
    """One occurrence of a word, with its features.

    Attributes
    ----------
    occurrence : Occurrence
        Where it was found.
    digest : str
        SHA-256 of the recording that holds it.
    frames : ndarray, shape (m, d), float32
        Its features at level 1, with a few quiet frames before and after it, if there are any, and
        if the front end knows of any beyond the recording.
    before, after : int
        How many.
    mean : ndarray, shape (d,), float32
        Mean of the whole recording's loud frames.
    cost : float
        At which the other examples fit it; infinite as long as they were not compared.
    in_room : ndarray, shape (k, d), float32, optional
        Features of it as it would sound in a room, cut out; see `Recording.in_room`.
    otherwise : tuple of ndarray, shape (k, e), float32
        Unit features of it in other hearings; see `Recording.otherwise`.
    """

    occurrence: Occurrence
    digest: str
    frames: F32
    before: int
    after: int
    mean: F32
    cost: float = np.inf
    in_room: F32 | None = None
    otherwise: tuple[F32, ...] = ()

    def within(self) -> F32:
        """Return the word as it looks within a recording, shape (m, d), of unit length."""
        return unit(self.frames[self.before : len(self.frames) - self.after] - self.mean)

    def alone(self, front_end: str) -> F32:
        """Return the word as it looks to a front end when cut out, (m, d), of unit length."""
        return cut_out(self.frames, front_end)


@dataclass(frozen=True, eq=False)
class Recording:
    """Features of a whole recording.

    Attributes
    ----------
    name : str
        The path as it was given, or what stands for it.
    digest : str
        SHA-256 of the file.
    heard : Heard
        Features at level 1, and what is beyond.
    mean : ndarray, shape (d,), float32
        Mean of the loud frames.
    loud : ndarray, shape (n,), bool
        Which frames are louder than the pauses.
    sketch : Recording, optional
        The same in cheaper features, if the front end has any.
    samples : callable, optional
        Reads its samples again, shape (n,), at the rate of the front end.
    """

    name: str
    digest: str
    heard: Heard
    mean: F32
    loud: npt.NDArray[np.bool_]
    sketch: Recording | None = None
    samples: Callable[[], F32] | None = None

    @property
    def frames(self) -> F32:
        """Features at level 1, shape (n, d), float32."""
        return self.heard.frames

    @classmethod
    def listen(cls, source: Source, name: str, front_end: FrontEnd) -> Recording:
        """Read a recording and compute its features.

        Raises
        ------
        AudioError
            If it cannot be read, is silent, or shorter than a few frames.
        """
        samples = partial(load, source, rate=front_end.rate)
        heard = Heard.by(front_end, samples())
        return cls.of(heard, name, digest(source), front_end, samples)

    @classmethod
    def of(
        cls,
        heard: Heard,
        name: str,
        digest: str,
        front_end: FrontEnd,
        samples: Callable[[], F32] | None = None,
    ) -> Recording:
        """Take what the front end made of a recording.

        Raises
        ------
        AudioError
            If it is silent, or shorter than a few frames.
        """
        frames = heard.frames
        loudness = front_end.loudness(frames)
        centre = Centre.of(frames, loudness, homogeneous=front_end.homogeneous)
        if len(frames) < _SHORTEST:
            raise AudioError(
                f"{name} is only {len(frames) * front_end.period:.2f} s long",
                hint="record the whole word, with a little silence around it",
            )
        if centre.level == 0 or not np.ptp(frames, axis=0).any():
            raise AudioError(f"{name} is silent", hint="record it again")
        sketch = None
        if heard.sketch is not None and isinstance(front_end, Sketches):
            sketch = cls.of(Heard.alone(heard.sketch), name, digest, front_end.sketch)
        heard = heard.at_level(centre.level)
        return cls(name, digest, heard, centre.mean, is_loud(loudness), sketch, samples)

    def normalised(self) -> F32:
        """Return the frames centred, at unit length."""
        return unit(self.frames - self.mean)

    def as_stream(self, prior: F32, front_end: FrontEnd) -> F32:
        """Return the frames as a spotter hears them that expects `prior`, of unit length."""
        running = RunningNormaliser(
            prior, period=front_end.period, homogeneous=front_end.homogeneous
        )
        return running.feed(self.frames, front_end.loudness(self.frames))

    def loud_place(self, front_end: FrontEnd) -> Occurrence:
        """Return the part that is a word, if there is one alone, as an occurrence."""
        part = word_part(front_end.loudness(self.frames), front_end.period)
        return self.place(part.start, part.stop, 1.0, front_end)

    def place(self, first: int, last: int, score: float, front_end: FrontEnd) -> Occurrence:
        """Return the frames from `first` up to `last` as an occurrence."""
        start, end = (round(frame * front_end.period, 6) for frame in (first, last))
        return Occurrence(self.name, start, end, score)

    def cut(self, occurrence: Occurrence, front_end: FrontEnd) -> Example:
        """Cut out an example, with the quiet frames around it."""
        span, most = self.span(occurrence, front_end), margin(front_end)
        before = _quiet(self.loud[: span.start][::-1], most, beyond=len(self.heard.before))
        after = _quiet(self.loud[span.stop :], most, beyond=len(self.heard.after))
        frames = self.heard.stretch(span.start - before, span.stop + after)
        return Example(occurrence, self.digest, frames, before, after, self.mean)

    def in_room(self, example: Example, front_end: FrontEnd) -> F32 | None:
        """Return the features of its example as it would sound in a room.

        None for front ends that hear it as another word there, and if the samples are not known.
        """
        if front_end.name not in _IN_ROOMS or self.samples is None:
            return None
        period, rate = front_end.period, front_end.rate
        first = max(0, round((example.occurrence.start - example.before * period) * rate))
        last = round((example.occurrence.end + example.after * period) * rate)
        word = in_room(self.samples()[first:last], rate)
        try:
            heard = Recording.of(Heard.by(front_end, word), self.name, self.digest, front_end)
        except AudioError:  # too short a word
            return None
        return heard.cut(heard.loud_place(front_end), front_end).frames

    def otherwise(self, example: Example, front_end: FrontEnd) -> tuple[F32, ...]:
        """Return its example in other hearings; none by most front ends, or without samples."""
        if not isinstance(front_end, HearsOtherwise) or self.samples is None:
            return ()
        part = self.span(example.occurrence, front_end)
        place = Place(part.start, part.stop, example.before, example.after)
        return front_end.otherwise(self.samples(), place)

    def span(self, occurrence: Occurrence, front_end: FrontEnd) -> slice:
        """Return the frames of an occurrence, a few at least."""
        first = round(occurrence.start / front_end.period)
        first = max(0, min(first, len(self.frames) - _SHORTEST))
        last = min(round(occurrence.end / front_end.period), len(self.frames))
        return slice(first, max(last, first + _SHORTEST))


def _quiet(loud: npt.NDArray[np.bool_], most: int, *, beyond: int) -> int:
    """Count the quiet frames that begin a sequence, and those beyond its end, up to so many."""
    near = loud[:most]
    return int(near.argmax()) if near.any() else min(len(near) + beyond, most)


def source_name(source: Source, number: int) -> str:
    """Return what a source is called in results: its path as given, or its number.

    Examples
    --------
    >>> source_name("a/b.wav", 1), source_name(b"RIFF", 2)
    ('a/b.wav', 'clip 2')
    """
    return str(source) if isinstance(source, str | os.PathLike) else f"clip {number}"


def listen(sources: Sequence[Source], front_end: FrontEnd) -> list[Recording]:
    """Read recordings for a front end.

    Raises
    ------
    AudioError
        If one cannot be read, is silent or too short.
    """
    return [
        Recording.listen(source, source_name(source, number), front_end)
        for number, source in enumerate(sources, 1)
    ]


def listen_to(
    spans: Sequence[tuple[Source, float, float]], front_end: FrontEnd
) -> tuple[list[Recording], list[Occurrence]]:
    """Read the recordings of places, each once, and give a recording and its place for each."""
    heard = {id(source): source for source, _, _ in spans}
    recordings = dict(zip(heard, listen(list(heard.values()), front_end), strict=True))
    marked = [(recordings[id(source)], start, end) for source, start, end in spans]
    places = [Occurrence(one.name, start, end, 1.0) for one, start, end in marked]
    return [one for one, _, _ in marked], places
