"""How well segments agree, measured against what sounds agree by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.terms.neighbours import Neighbours, seek
from kwspot.discover.terms.sketch import reversal

if TYPE_CHECKING:
    from kwspot.discover.terms.corpus import Corpus
    from kwspot.discover.terms.sketch import Sketches

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_DECOYS = 1000  # segments that are played backwards
_NEAREST = 3  # places where each is sought
_HOPELESS = -0.5  # similarity of pairs of too different length
# Of what segments find that are played backwards, in speech of one and of many voices: how it
# grows with the logarithm of the seconds, its deviation, and its level where there is none.
_SLOPE, _SPREAD, _USUAL = -0.08, 0.06, 0.42
_BLOCK = 8192


def similarity(corpus: Corpus, a: I64, b: I64) -> F32:
    """Return 1 - mean cosine cost of the best warp of segments a (p,) onto b (p,).

    -1 where one is more than twice as long as the other. O(p w d) for segments of w frames.
    """
    return _warped(corpus, corpus.frames, corpus.first[a], corpus.last[a], b)


@dataclass(frozen=True)
class Chance:
    """The similarity that two segments of unlike sound reach when one was chosen for likeness.

    Attributes
    ----------
    level : float
        For segments of one second; shorter ones are more alike by chance.

    Examples
    --------
    >>> chance = Chance(0.42)
    >>> chance.deviations(np.array([0.42, 0.6], np.float32), np.ones(2, np.float32)).round(1)
    array([0., 3.], dtype=float32)
    """

    level: float

    def deviations(self, similarity: F32, seconds: F32) -> F32:
        """Return by how many deviations similarities exceed chance, for segments so long."""
        expected = self.level + _SLOPE * np.log(seconds)
        return ((similarity - expected) / _SPREAD).astype(np.float32)

    @classmethod
    def of(cls, corpus: Corpus, sketched: Sketches, rng: np.random.Generator) -> Chance:
        """Measure it: what a thousand segments find when they are played backwards.

        Notes
        -----
        Nothing that is said again is said backwards, so what they find is chance, in the same
        voices, rooms and sounds. Sounds that are the same both ways are left out, and so are pairs
        that agree better forwards. O(s).
        Source of the idea: target-decoy search of proteomics (Elias and Gygi, "Target-decoy search
        strategy", Nature Methods 4, 2007).
        """
        decoys = sketched.decoys
        chosen = np.sort(rng.choice(decoys, min(len(decoys), _DECOYS), replace=False))
        backwards = sketched.backward(sketched.forward[chosen])
        found = _nearest(corpus, sketched.forward, backwards, chosen)
        pairs = np.repeat(chosen, _NEAREST)[found >= 0]
        found = found[found >= 0]
        alike = _warped(corpus, *_reversed(corpus, pairs), found)
        unlike = (alike > similarity(corpus, pairs, found)) & (alike > _HOPELESS)
        if not unlike.any():
            return cls(_USUAL)
        rest = alike[unlike] - _SLOPE * np.log(corpus.seconds[pairs[unlike]])
        return cls(float(np.median(rest)))


def _warped(corpus: Corpus, frames: F32, first: I64, last: I64, b: I64) -> F32:
    """Return the similarity of spans of other frames and segments of the corpus."""
    from kwspot.kernels.terms import warp_pairs

    cost = np.empty(len(b), np.float32)
    longest = int((corpus.last - corpus.first).max())
    work = np.empty((2, longest + 1), np.float32)
    warp_pairs(frames, first, last, corpus.frames, corpus.first[b], corpus.last[b], work, cost)
    return np.float32(1) - cost


def _nearest(corpus: Corpus, sketched: F32, vectors: F32, own: I64) -> I64:
    """Return the segments of other places with the nearest sketches, a few for each, flat."""
    shape = len(own), _NEAREST
    found = Neighbours(np.full(shape, -1, np.float32), np.full(shape, -1, np.int32))
    for at in range(0, len(corpus), _BLOCK):
        columns = np.arange(at, min(at + _BLOCK, len(corpus)))
        seek(corpus, vectors, own, sketched, columns, -1.0, found)
    return found.which.ravel().astype(np.int64)


def _reversed(corpus: Corpus, segments: I64) -> tuple[F32, I64, I64]:
    """Return the frames of segments played backwards, and where each begins and ends."""
    first, last = corpus.first[segments], corpus.last[segments]
    ends = np.cumsum(last - first)
    signs = reversal(corpus)
    frames = [corpus.frames[a:b][::-1] * signs for a, b in zip(first, last, strict=True)]
    return np.concatenate(frames), ends - (last - first), ends
