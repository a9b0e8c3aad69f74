"""A place to be shown, and its sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kwspot.audio import RATE, cut, digest
from kwspot.show.sound import Sound

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kwspot.audio import Source


DOUBTFUL = 0.75  # a score below is less sure than three to one


@dataclass(frozen=True, eq=False, slots=True)
class Item:
    """A place in a recording.

    Attributes
    ----------
    recording : str
        What the recording is called: its path, where it has one.
    source : path, bytes, binary file object or tuple (samples, rate)
        What to read it from.
    word : str
        What is said there.
    start, end : float
        Half-open span in seconds.
    score : float or None
        0 to 1, higher is surer; None where there is none.
    mark : str
        In a word or two, why it should be looked at; empty if it need not.
    doubts : tuple of str
        Why it may be wrong, a sentence each.
    facts : tuple of (str, str)
        What else is known: names and values.
    present : bool
        False if this is but the best guess.
    """

    recording: str
    source: Source
    word: str
    start: float
    end: float
    score: float | None = None
    mark: str = ""
    doubts: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    present: bool = True

    @property
    def title(self) -> str:
        """The recording without its folders."""
        return PurePath(self.recording).name or self.recording


class Heard(NamedTuple):
    """An item with its sound and the fingerprint of its recording."""

    item: Item
    digest: str
    sound: Sound


def hear(items: Sequence[Item], context: float) -> list[Heard]:
    """Read items and so many seconds around each, mono and at 16 kHz: as kwspot hears them.

    Raises
    ------
    AudioError
        If a recording cannot be read, or does not reach as far as an item.

    Notes
    -----
    O(n) for recordings of n samples, each of which is read once; memory for what is returned.
    """
    heard: dict[int, Heard] = {}
    for numbers in _by_recording(items):
        source = items[numbers[0]].source
        spans = [(max(0.0, items[n].start - context), items[n].end + context) for n in numbers]
        pieces, rate = cut(source, spans)
        fingerprint = digest(source)
        for number, piece, (start, _) in zip(numbers, pieces, spans, strict=True):
            samples = piece.mean(axis=1, dtype=np.float32)
            if rate != RATE:
                import soxr

                samples = soxr.resample(samples, rate, RATE)
            heard[number] = Heard(items[number], fingerprint, Sound(samples, RATE, start))
    return [heard[number] for number in range(len(items))]


def _by_recording(items: Sequence[Item]) -> Iterable[list[int]]:
    """Gather the numbers of the items of each recording."""
    groups: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        groups.setdefault(item.recording, []).append(number)
    return groups.values()
