"""A place in a recording, whatever kind of result it comes from."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kwspot.results import Detection, Occurrence
from kwspot.show.sound import Sound, hear

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kwspot.audio import Source


class Place(NamedTuple):
    """Where something was found.

    Attributes
    ----------
    recording : str
        The name of what it was found in; empty if that is not known.
    start, end : float
        Half-open span in seconds.
    score : float
        0 to 1.
    word : str
        What was found, if it has a name.
    sure : bool
        False for a best guess in a recording that seems to lack the word.
    """

    recording: str
    start: float
    end: float
    score: float
    word: str = ""
    sure: bool = True

    @classmethod
    def of(cls, one: Occurrence | Detection) -> Place:
        """Take an occurrence or a detection."""
        if isinstance(one, Occurrence):
            return cls(one.clip, one.start, one.end, one.score, sure=one.present)
        return cls(one.recording, one.start, one.end, one.score, one.keyword)

    @property
    def text(self) -> str:
        """What it is, in words.

        Examples
        --------
        >>> Place("folder/a.wav", 0.5, 1.25, 0.934, "hello").text
        'hello in a.wav, 0.50 to 1.25 s'
        """
        what = f"{self.word or 'the word'} in {short(self.recording) or 'the recording'}"
        return f"{what}, {self.start:.2f} to {self.end:.2f} s"


def heard(
    places: Sequence[Place], context: float, recordings: Mapping[str, Source] | None
) -> list[Sound | None]:
    """Return the sound of each place with so many seconds around it; None where it is gone.

    Parameters
    ----------
    places : sequence of Place
        In any order; each recording is read once.
    context : float
        Seconds before and after.
    recordings : mapping of str to path, bytes, binary file object or tuple, optional
        The recordings by name. Those that are missing here are read from the path of that name.
    """
    found: dict[int, Sound] = {}
    numbers = sorted(range(len(places)), key=lambda number: places[number].recording)
    for name, group in groupby(numbers, key=lambda number: places[number].recording):
        of_it = list(group)
        spans = [(places[n].start - context, places[n].end + context) for n in of_it]
        found.update(zip(of_it, sounds_of(name, spans, recordings), strict=False))
    return [found.get(number) for number in range(len(places))]


def sounds_of(
    name: str, spans: Iterable[tuple[float, float]], recordings: Mapping[str, Source] | None
) -> list[Sound]:
    """Return spans of the recording of that name; nothing if it is gone."""
    source = (recordings or {}).get(name, name)
    if isinstance(source, str) and not source:
        return []
    return hear(source, list(spans)) or []


def short(name: str, most: int = 24) -> str:
    """Return the file's name of a path, or its end if that is long: it tells more than a beginning.

    Examples
    --------
    >>> short("recordings/take-1.wav"), short("recordings/of/last-summer-1.wav", 12)
    ('take-1.wav', '…ummer-1.wav')
    """
    file = name.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return file if len(file) <= most else "…" + file[len(file) - most + 1 :]
