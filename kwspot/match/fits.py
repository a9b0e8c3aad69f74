"""The places of a recording that templates fit best, one for each sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.match.agreement import stream_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_SHARED = 0.3  # overlap, of the shorter, from which on two fits are about the same sound


class Fits(NamedTuple):
    """Frames `start` up to `end` of a recording and the cost of templates there, each (m,)."""

    start: I64
    end: I64
    cost: F32

    @classmethod
    def of(cls, templates: Sequence[F32], frames: F32) -> Fits:
        """Search frames, shape (n, d), for templates, all of unit length; the cheapest fit first.

        Of fits that overlap the cheapest is taken. O(n x length of the templates + n m).

        Examples
        --------
        >>> word, rest = np.eye(4, 9, dtype=np.float32), np.eye(9, dtype=np.float32)[4:]
        >>> fits = Fits.of([word], np.concatenate([word, rest, word, rest]))
        >>> fits.start[:2].tolist(), fits.end[:2].tolist(), fits.cost[:2].tolist()
        ([0, 9], [4, 13], [0.0, 0.0])
        """
        cost, start = stream_cost(templates, frames)
        around = np.pad(cost, 1, constant_values=np.inf)
        valley = np.isfinite(cost) & (cost <= around[:-2]) & (cost <= around[2:])
        ends = np.flatnonzero(valley)
        beside = around[ends] + around[ends + 2]  # a template counts one frame around its end too
        ends = ends[np.lexsort((beside, cost[ends]))]
        fits = cls(start[ends].astype(np.int64), ends + 1, cost[ends])
        kept: list[int] = []
        for i, (first, last) in enumerate(zip(fits.start, fits.end, strict=True)):
            if not fits.take(kept).meet(first, last).any():
                kept.append(i)
        return fits.take(kept)

    def take(self, index: list[int] | Mask) -> Fits:
        """Return some of them."""
        at = np.asarray(index, None if len(index) else np.intp)
        return Fits(self.start[at], self.end[at], self.cost[at])

    def meet(self, start: int, end: int) -> Mask:
        """Tell which are about the same sound as the frames from `start` up to `end`."""
        shared = np.minimum(self.end, end) - np.maximum(self.start, start)
        met: Mask = shared > _SHARED * np.minimum(self.end - self.start, end - start)
        return met
