"""All occurrences of words of which one place in each clip is known, and what they tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.features import front_end
from kwspot.match.align import warp
from kwspot.match.fits import Fits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.methods import Bounds
    from kwspot.features import FrontEnd
    from kwspot.results import Discovery, Occurrence

F32 = npt.NDArray[np.float32]

_LEAST_STEP = 0.05  # from the cost of the word to that of other sounds
_HOPELESS = 0.45  # cost, in steps, above which nothing is the word
_RIVALS = 10  # other sounds of each clip that a place is compared with
_DOUBTFUL = 0.2  # cost, in steps, below which they may be the word themselves
_FAR = 1.5  # cost of what cannot be warped
_AGAIN = 2.0  # log-odds of a word for each time that one clip says it again
_ENOUGH = 2.0  # times that count
_LIKELY = 0.6  # probability above which a fit is called the word: precision is dearer than recall
_LEAST_SURE = 1e-3
# Logistic regression on the fits of tasks whose word was found: digits, Arabic words and sentences,
# seeds 101 to 104. In steps the cost, the lead over rivals, and the cost to the known place of the
# same clip; the change of length; constant.
_WEIGHTS = np.array([-6.3, 7.6, -2.4, -3.4, 1.1])


def repeated(
    clips: Sequence[Clip], words: Sequence[Discovery], bounds: Bounds
) -> tuple[int, Discovery]:
    """Find all occurrences of some words, and tell which of them is the likeliest.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    words : sequence of Discovery
        Words that they may share, each with the best place of each clip.
    bounds : Bounds
        Length of the word in seconds.

    Returns
    -------
    int
        The number of the word.
    Discovery
        The word with all its occurrences, in order of the clips and of time: the known places, and
        what is likely the word. A clip that seemed to lack the word keeps its best guess unless the
        word turns up in it.

    Notes
    -----
    Each clip is searched with the places in the others as templates, see `kwspot.align`. What a fit
    costs is judged against the medians of what the known places cost and of what other sounds cost,
    which occurrences not yet known hardly shift; and it must be nearer to the known places than to
    the other sounds most like them. A word that a clip says again is likelier to be the one that is
    sought. O(n x length of all places) time for n frames and each word.
    """
    further = [_further(clips, word, bounds) for word in words]
    odds = np.array([_log_odds(*each) for each in zip(words, further, strict=True)])
    best = int(odds.argmax())
    word, share = words[best], np.exp(odds - odds.max())
    confidence = float(share[best] / (share.sum() + np.exp(-odds.max())))
    places: list[Occurrence] = []
    for place, new in zip(word, further[best], strict=True):
        kept = [place] if place.present or not new else []
        new = [replace(one, score=confidence * one.score) for one in new]
        places += sorted(kept + new, key=lambda one: one.start)
    return best, replace(word, occurrences=tuple(places), confidence=confidence)


def _log_odds(word: Discovery, further: Sequence[Sequence[Occurrence]]) -> float:
    """Return how much likelier than not a word is, by how often the clip says it that does most."""
    sure = min(max(word.confidence, _LEAST_SURE), 1 - _LEAST_SURE)
    most = max(sum(place.score for place in some) for some in further)
    return float(np.log(sure / (1 - sure)) + _AGAIN * min(most, _ENOUGH))


def _further(clips: Sequence[Clip], found: Discovery, bounds: Bounds) -> list[list[Occurrence]]:
    """Return for each clip the occurrences besides the known place; the score tells how likely."""
    end = front_end(found.front_end)
    heard = _search(clips, found, end)
    scale = _Scale.of(heard)
    new = [
        [clip.recording.place(*fit, end) for fit in _likely(heard, k, scale)]
        for k, clip in enumerate(clips)
    ]
    return [[one for one in some if bounds.least <= one.duration <= bounds.most] for some in new]


@dataclass(frozen=True, eq=False)
class _Heard:
    """A clip that was searched.

    frames (n, d) and those of the known place, word (m, d); own, what this costs, if the clip holds
    the word; fits, all that does not meet it.
    """

    frames: F32
    word: F32
    own: float | None
    fits: Fits

    def sound(self, fit: int) -> F32:
        """Return the frames of a fit."""
        return self.frames[self.fits.start[fit] : self.fits.end[fit]]


def _search(clips: Sequence[Clip], found: Discovery, end: FrontEnd) -> list[_Heard]:
    """Search each clip for the places in the others; for its own if there is no other."""
    frames = [clip.recording.normalised() for clip in clips]
    spans = [clip.recording.span(place, end) for clip, place in zip(clips, found, strict=True)]
    words = [x[span] for x, span in zip(frames, spans, strict=True)]
    heard = []
    for k, place in enumerate(found):
        others = [words[j] for j, other in enumerate(found) if j != k and other.present]
        fits = Fits.of(others or words, frames[k])
        known = fits.meet(spans[k].start, spans[k].stop) & place.present
        own = float(fits.cost[known].min()) if known.any() else None
        heard.append(_Heard(frames[k], words[k], own, fits.take(~known)))
    return heard


class _Scale(NamedTuple):
    """What the word costs, how much more other sounds cost, and its length in frames: medians."""

    own: float
    step: float
    length: float

    @classmethod
    def of(cls, heard: Sequence[_Heard]) -> _Scale:
        """Measure what was searched."""
        own = float(np.median([one.own for one in heard if one.own is not None] or [0.0]))
        rest = np.concatenate([one.fits.cost for one in heard])
        other = float(np.median(rest)) if len(rest) else 1.0
        length = float(np.median([len(one.word) for one in heard]))
        return cls(own, max(other - own, _LEAST_STEP), length)


def _likely(heard: Sequence[_Heard], k: int, scale: _Scale) -> list[tuple[int, int, float]]:
    """Return the fits of clip k that are likely the word: start, end, probability."""
    here = heard[k]
    others = [one for one in heard if one is not here and one.own is not None]
    cost = (here.fits.cost - scale.own) / scale.step
    likely = []
    for i in np.flatnonzero(cost < _HOPELESS).tolist():
        sound = here.sound(i)
        near = [_cost(sound, other.word) for other in others]
        lead = [
            _nearest_rival(sound, other, scale) - its
            for other, its in zip(others, near, strict=True)
        ]
        kin = np.mean(near) if here.own is None else _cost(sound, here.word)
        evidence = (
            cost[i],
            np.mean(lead) / scale.step,
            (kin - scale.own) / scale.step,
            abs(np.log(len(sound) / scale.length)),
            1.0,
        )
        probability = 1 / (1 + np.exp(-np.clip(_WEIGHTS @ evidence, -30, 30)))
        if probability > _LIKELY:
            likely.append((int(here.fits.start[i]), int(here.fits.end[i]), float(probability)))
    return likely


def _nearest_rival(sound: F32, other: _Heard, scale: _Scale) -> float:
    """Return what the most similar sound of a clip costs that is hardly the word."""
    first = int(np.searchsorted(other.fits.cost, scale.own + _DOUBTFUL * scale.step))
    rivals = range(first, min(first + _RIVALS, len(other.fits.cost)))
    return min((_cost(sound, other.sound(fit)) for fit in rivals), default=_FAR)


def _cost(a: F32, b: F32) -> float:
    return min(warp(a, b), _FAR)
