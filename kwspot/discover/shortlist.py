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

_MOST = 2400  # segments of all clips together that are compared exactly, whatever they are
_PLACES = 12  # places in a clip around which segments are kept
_SAME = 0.3  # overlap over union at which units are one place
_NEAR = 0.4  # overlap over union with a unit at which segments are kept
_WORTH = 20.0  # what evidence of the first look weighs in that of the exact one


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
        All of them, or those around the twelve places of each clip that are worth most; these
        carry their worth, 0 for the best, and below.

    Notes
    -----
    Of each second the four segments that are most likely to be words stand for all others; they are
    compared with those of the other clips, see `recurring`. O(n) memory for clips of n seconds; the
    products of their vectors take O(n^2) time, a small part of the whole up to 10 minutes.
    """
    quota = _MOST // len(clips)
    if all(len(part) <= quota for part in segments):
        progress(1.0)
        return list(segments)
    units = [Units.of(clip, part) for clip, part in zip(clips, segments, strict=True)]
    worths = recurring(clips, units, progress)
    highest = max(float(worth.max()) for worth in worths)
    return [
        _around(part, unit.segments, _WORTH * (worth - highest), quota)
        for part, unit, worth in zip(segments, units, worths, strict=True)
    ]


def _around(segments: Segments, units: Segments, worth: F32, quota: int) -> Segments:
    """Return the segments around the worthiest places, each with the worth of its place."""
    best = np.full(len(segments), -np.inf, np.float32)
    likely = promise(segments)
    places: list[int] = []
    for i in np.argsort(-worth, kind="stable").tolist():
        if len(places) == _PLACES:
            break
        if (_overlap(units.take(np.array(places, int)), units, i) <= _SAME).all():
            places.append(i)
            near = np.flatnonzero((_overlap(segments, units, i) >= _NEAR) & (best == -np.inf))
            best[near[np.argsort(-likely[near], kind="stable")][: quota // _PLACES]] = worth[i]
    kept = np.flatnonzero(np.isfinite(best))
    return segments.take(kept).of_worth(best[kept])


def _overlap(segments: Segments, others: Segments, i: int) -> npt.NDArray[np.float64]:
    """Return the overlap over union of segments with one other, shape (n,)."""
    start, end = others.start[i], others.end[i]
    shared = np.minimum(segments.end, end) - np.maximum(segments.start, start)
    union = np.maximum(segments.end, end) - np.minimum(segments.start, start)
    overlap: npt.NDArray[np.float64] = np.maximum(shared, 0) / union
    return overlap
