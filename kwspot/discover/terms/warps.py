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
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_DECOYS = 1000  # segments that are played backwards
_NEAREST = 3  # places where each is sought
_HOPELESS = -0.5  # similarity of pairs of too different length
_ROUNDS = 20
_LEAST_SPREAD = 0.02
_BLOCK = 8192


def similarity(corpus: Corpus, a: I64, b: I64) -> F32:
    """Return 1 - mean cosine cost of the best warp of segments a (p,) onto b (p,).

    -1 where one is more than twice as long as the other. O(p w^2 d) for segments of w frames.
    """
    spans = corpus.first[a], corpus.last[a]
    return _warped(corpus, corpus.frames, spans, b)


@dataclass(frozen=True)
class Chance:
    """The similarity that two segments of unlike sound reach when one was chosen for likeness.

    Attributes
    ----------
    level, slope : float
        It is ``level + slope * log(seconds)``: the longer, the less alike by chance.
    spread : float
        Its deviation.
    """

    level: float
    slope: float
    spread: float

    def deviations(self, similarity: F32, seconds: F32) -> F32:
        """Return by how many deviations similarities exceed chance, for segments so long."""
        expected = self.level + self.slope * np.log(seconds)
        return ((similarity - expected) / self.spread).astype(np.float32)

    @classmethod
    def of(cls, corpus: Corpus, sketched: Sketches, rng: np.random.Generator) -> Chance:
        """Measure it: what a thousand segments find when they are played backwards.

        Notes
        -----
        Nothing that is said again is said backwards, so all that they find is chance, in the same
        voices, rooms and sounds. Where a pair agrees better forwards it is not counted: some
        sounds are the same both ways. The median is fitted, and the spread below it, which no
        such sounds can widen. O(s).
        Source of the idea: target-decoy search of proteomics (Elias and Gygi, "Target-decoy search
        strategy", Nature Methods 4, 2007).
        """
        n = len(corpus)
        chosen = np.sort(rng.choice(n, min(n, _DECOYS), replace=False))
        backwards = sketched.backward(sketched.forward[chosen])
        found = _nearest(corpus, sketched.forward, backwards, chosen)
        pairs = np.repeat(chosen, _NEAREST)
        pairs, found = pairs[found >= 0], found[found >= 0]
        frames, first, last = _reversed(corpus, pairs)
        backward = _warped(corpus, frames, (first, last), found)
        unlike = (backward > similarity(corpus, pairs, found)) & (backward > _HOPELESS)
        if unlike.sum() < 2:
            return cls(0.5, 0.0, 0.1)
        seconds = np.log(corpus.seconds[pairs[unlike]], dtype=np.float64)
        values = backward[unlike].astype(np.float64)
        level, slope = _median_line(seconds, values)
        rest = values - level - slope * seconds
        below = rest[rest <= 0]
        spread = float(np.sqrt(np.mean(np.square(below))))
        return cls(level, slope, max(spread, _LEAST_SPREAD))


def _warped(corpus: Corpus, frames: F32, spans: tuple[I64, I64], b: I64) -> F32:
    """Return the similarity of spans of other frames and segments of the corpus."""
    from kwspot.kernels.terms import warp_pairs

    cost = np.empty(len(b), np.float32)
    longest = int((corpus.last - corpus.first).max())
    work = np.empty((2, longest + 1), np.float32)
    warp_pairs(frames, *spans, corpus.frames, corpus.first[b], corpus.last[b], work, cost)
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


def _median_line(x: F64, y: F64) -> tuple[float, float]:
    """Fit level and slope so that half of the points lie below: least absolute deviations.

    By reweighted least squares. O(n).

    Examples
    --------
    >>> x = np.arange(9.0)
    >>> level, slope = _median_line(x, 2 * x + 1 + 100 * (x == 4))
    >>> round(level, 2), round(slope, 2)
    (1.0, 2.0)
    """
    design = np.stack([np.ones_like(x), x], axis=1)
    weight = np.ones_like(x)
    level, slope = 0.0, 0.0
    for _ in range(_ROUNDS):
        weighted = design * weight[:, None]
        level, slope = np.linalg.lstsq(weighted.T @ design, weighted.T @ y, rcond=None)[0].tolist()
        weight = 1 / np.maximum(np.abs(y - level - slope * x), 1e-2)
    return level, slope
