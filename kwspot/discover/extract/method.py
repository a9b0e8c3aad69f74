"""EXTRACT as a method of discovery."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kwspot.discover.extract.clips import locate
from kwspot.discover.methods import Bounds, Place, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip


def once_per_clip(
    clips: Sequence[Clip], bounds: Bounds, progress: Callable[[float], None]
) -> list[Word]:
    """Find the word that clips share, one place in each, by EXTRACT.

    The confidence is the weakest place's share of the learned filter. EXTRACT cannot tell that a
    clip lacks the word.
    """
    narrow = within_an_octave(bounds)
    period = clips[0].period
    shortest = max(4, round(narrow.least / period))
    longest = max(shortest, round(narrow.most / period))
    found = locate([clip.frames for clip in clips], shortest, longest)
    progress(1.0)
    if not all(instance.score for instance in found):
        return []
    places = tuple(
        Place(instance.start * period, instance.end * period, instance.score, present=True)
        for instance in found
    )
    return [Word(places, min(place.score for place in places))]


def within_an_octave(bounds: Bounds) -> Bounds:
    """Narrow bounds about their geometric mean: EXTRACT needs a scale known within a factor of 2.

    Examples
    --------
    >>> [round(seconds, 2) for seconds in within_an_octave(Bounds(0.1, 1.6))]
    [0.28, 0.57]
    """
    if bounds.most <= 2 * bounds.least:
        return bounds
    middle = math.sqrt(bounds.least * bounds.most)
    return Bounds(middle / math.sqrt(2), middle * math.sqrt(2))
