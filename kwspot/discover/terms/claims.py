"""Which term a place belongs to: what it is clearly most like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from kwspot.discover.terms.corpus import Corpus

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_SAME = 0.5  # overlap over union at which two segments tell of one thing
_CLEAR = 0.85  # deviations by which evidence must exceed other evidence to be clearly better


@dataclass(frozen=True, eq=False)
class Claims:
    """What is known of the place of each segment.

    Attributes
    ----------
    corpus : Corpus
        The segments.
    nested : bool
        Whether there may be terms within longer ones.
    owner : ndarray, shape (s,), int64
        Number of the term with the best claim to the place, -1 for none.
    evidence : ndarray, shape (s,), float32
        Its evidence.
    """

    corpus: Corpus
    nested: bool
    owner: I64
    evidence: F32

    @classmethod
    def none(cls, corpus: Corpus, *, nested: bool) -> Claims:
        """Return no claims."""
        n = len(corpus)
        return cls(corpus, nested, np.full(n, -1), np.full(n, -np.inf, np.float32))

    def stake(self, segments: I64, evidence: F32, number: int) -> None:
        """Write down what a term claims, unless a claim to the same place has more evidence.

        Segments tell of the same if they share half of their union or, unless there may be nested
        ones, half of the shorter. O(m) for m segments of a term, times how many overlap.
        """
        at = self.corpus
        longest = int((at.end - at.start).max())
        for j, strength in zip(segments.tolist(), evidence.tolist(), strict=True):
            start, end = at.start[j], at.end[j]
            a, b = np.searchsorted(at.start, [start - longest, end])
            starts, ends = at.start[a:b], at.end[a:b]
            shared = np.minimum(ends, end) - np.maximum(starts, start)
            union = np.maximum(ends, end) - np.minimum(starts, start)
            whole = union if self.nested else np.minimum(ends - starts, end - start)
            same = (shared > _SAME * whole) & (self.evidence[a:b] < strength)
            self.owner[a:b][same] = number
            self.evidence[a:b][same] = strength

    def lost(self, segments: I64, evidence: F32) -> npt.NDArray[np.bool_]:
        """Tell to which segments another has a clearly better claim than this evidence."""
        return np.asarray(self.evidence[segments] > evidence + np.float32(_CLEAR))

    def rivalled(self, segments: I64, evidence: F32) -> npt.NDArray[np.bool_]:
        """Tell to which segments another has a claim that this evidence does not clearly exceed."""
        return np.asarray(self.evidence[segments] >= evidence - np.float32(_CLEAR))
