"""All occurrences of a word of which one place in each clip is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.features import front_end
from kwspot.match.fits import Fits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.methods import Bounds
    from kwspot.results import Discovery, Occurrence

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_LEAST_STEP = 0.05  # from the cost of the word to that of other sounds
# Logistic regression on the fits of tasks whose word was found: digits, Arabic words and sentences,
# seeds 101 to 104. Of the cost (0 as the word's own, 1 as other sounds') and the change of length.
_COST, _LENGTH, _CONSTANT = -12.6, -2.7, 3.2


def every_occurrence(
    clips: Sequence[Clip], found: Discovery, bounds: Bounds
) -> tuple[Occurrence, ...]:
    """Find all occurrences of a word by one place in each clip.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    found : Discovery
        The best place of each.
    bounds : Bounds
        Length of the word in seconds.

    Returns
    -------
    tuple of Occurrence
        In order of the clips and of time: the known places, and what is likelier the word than not.
        A clip that seemed to lack the word keeps its best guess unless the word turns up in it.

    Notes
    -----
    Each clip is searched with the places in the others as templates, see `kwspot.align`. What a fit
    costs is judged against the medians of what the known places cost and of what other sounds cost,
    which occurrences not yet known hardly shift. O(n x length of all places) time for n frames.
    """
    end = front_end(found.front_end)
    heard = [clip.recording.normalised() for clip in clips]
    pairs = list(zip(clips, found, strict=True))
    spans = [clip.recording.span(place, end) for clip, place in pairs]
    words = [frames[span] for frames, span in zip(heard, spans, strict=True)]
    fits, known = [], []
    for k, ((_, place), span) in enumerate(zip(pairs, spans, strict=True)):
        others = [words[j] for j, other in enumerate(found) if j != k and other.present]
        fits.append(Fits.of(others or words, heard[k]))
        known.append(fits[k].meet(span.start, span.stop) & place.present)
    scale = _Scale.of(fits, known, [len(word) for word in words])
    chosen: list[Occurrence] = []
    for (clip, place), some, at in zip(pairs, fits, known, strict=True):
        sure = scale.probability(some)
        new = [
            clip.recording.place(
                int(some.start[i]), int(some.end[i]), float(found.confidence * sure[i]), end
            )
            for i in np.flatnonzero(~at & (sure > 0.5))
        ]
        new = [one for one in new if bounds.least <= one.duration <= bounds.most]
        kept = [place] if place.present or not new else []
        chosen += sorted(kept + new, key=lambda one: one.start)
    return tuple(chosen)


class _Scale(NamedTuple):
    """What the word costs, what other sounds cost, and how many frames the word is long."""

    own: float
    other: float
    length: float

    @classmethod
    def of(cls, fits: Sequence[Fits], known: Sequence[Mask], lengths: Sequence[int]) -> _Scale:
        """Measure fits, of which some are known to be the word; all three are medians."""
        pairs = list(zip(fits, known, strict=True))
        own = float(np.median([some.cost[at].min() for some, at in pairs if at.any()] or [0.0]))
        rest = np.concatenate([some.cost[~at] for some, at in pairs])
        other = float(np.median(rest)) if len(rest) else 1.0
        return cls(own, max(other, own + _LEAST_STEP), float(np.median(lengths)))

    def probability(self, fits: Fits) -> F64:
        """Return how probably each fit is the word, shape (m,)."""
        cost = (fits.cost - self.own) / (self.other - self.own)
        change = np.abs(np.log((fits.end - fits.start) / self.length))
        odds: F64 = _COST * cost + _LENGTH * change + _CONSTANT
        return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
