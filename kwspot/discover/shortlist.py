"""Long clips: which segments are worth comparing exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.recurring import recurring
from kwspot.discover.units import Units, promise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.segments import Segments

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_EACH = 200  # segments of a clip that are compared exactly
_EACH_SHORT = 480  # the same while little is said that could be like the word by chance
_SHORT = 50.0  # seconds of all clips together that are little
_MOST = 2400  # segments of all clips together that are compared exactly
_PLACES = 24  # places in a clip around which segments are kept
_SAME = 0.3  # overlap over union at which units are one place
_NEAR = 0.4  # overlap over union with a unit at which segments are kept
_WORTH = 80.0  # what evidence of the first look weighs in that of the exact one


def shortlist(
    clips: Sequence[Clip], segments: Sequence[Segments], progress: Callable[[float], None]
) -> list[Segments]:
    """Keep the segments around the places that recur in most other clips, if there are too many.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    segments : sequence of Segments
        Of each clip.
    progress : callable
        Called with the share that is done, 0 to 1.

    Returns
    -------
    list of Segments
        All of them; or, if a clip has more than 200 (480 as long as the clips together last 50 s,
        but 2400 in all), those around the 24 places of each clip that are worth most, with
        that worth: 0 for the best, or below.

    Notes
    -----
    Of each second the four segments that are most likely to be words stand for all others; they are
    compared with those of the other clips, see `recurring`. O(n) memory for clips of n seconds; the
    products of their vectors take O(n^2) time, a small part of the whole up to 10 minutes.
    """
    short = sum(clip.seconds for clip in clips) <= _SHORT
    quota = min(_EACH_SHORT if short else _EACH, _MOST // len(clips))
    if all(len(part) <= quota for part in segments):
        progress(1.0)
        return list(segments)
    units = [Units.of(clip, part) for clip, part in zip(clips, segments, strict=True)]
    worths = recurring(clips, units, progress)
    highest = max(float(worth.max()) for worth in worths)
    return [
        _around(part, promise(clip.contour, part), unit.segments, _WORTH * (worth - highest), quota)
        for clip, part, unit, worth in zip(clips, segments, units, worths, strict=True)
    ]


def _around(segments: Segments, likely: F32, units: Segments, worth: F32, quota: int) -> Segments:
    """Return the likeliest segments around the worthiest places, with the worth of their place."""
    best = np.full(len(segments), -np.inf, np.float32)
    places = _places(units, worth)
    for i in places:
        near = np.flatnonzero((_overlap(segments, units, i) >= _NEAR) & (best == -np.inf))
        near = near[np.argsort(-likely[near], kind="stable")]
        best[near[: max(1, quota // len(places))]] = worth[i]
    kept = np.flatnonzero(np.isfinite(best))
    return segments.take(kept).of_worth(best[kept])


def _places(units: Segments, worth: F32) -> list[int]:
    """Return the worthiest units that are different places, the best first."""
    places: list[int] = []
    for i in np.argsort(-worth, kind="stable").tolist():
        if (_overlap(units.take(np.array(places, int)), units, i) <= _SAME).all():
            places.append(i)
            if len(places) == _PLACES:
                break
    return places


def _overlap(segments: Segments, others: Segments, i: int) -> npt.NDArray[np.float64]:
    """Return the overlap over union of segments with one other, shape (n,)."""
    start, end = others.start[i], others.end[i]
    shared = np.minimum(segments.end, end) - np.maximum(segments.start, start)
    union = np.maximum(segments.end, end) - np.minimum(segments.start, start)
    overlap: npt.NDArray[np.float64] = np.maximum(shared, 0) / union
    return overlap
