"""Long clips: for each unit, the units of the other clips that are most like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.discover.sounds import sharpened
from kwspot.discover.units import centred, summaries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.sounds import Sounds
    from kwspot.discover.units import Units

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

NONE = -1.0  # similarity of units that cannot be warped onto each other
_COMPARED = 8  # other clips that a unit is looked up in, at most
_BLOCK = 512  # units that are looked up at once
_RATIO = 2.0  # longest against shortest of two units that are compared
_VIA, _BEYOND = 2, 4  # likenesses in a third clip that are followed, and theirs that are tried


class Likenesses(NamedTuple):
    """Units of other clips that are like each unit, the most like ones first.

    Attributes
    ----------
    unit : ndarray, shape (n, p, LANES), int64
        For each of the n units of all clips, in each of the p clips that it is looked up in, units
        that are like it, counted over all clips; -1 where there are too few.
    similarity : ndarray, shape (n, p, LANES), float32
        1 - mean cosine cost of the warp; -1 without one.
    """

    unit: I64
    similarity: F32


def look_up(
    clips: Sequence[Clip], units: Sequence[Units], progress: Callable[[float], None]
) -> Likenesses:
    """Find the units that are most like each unit, in each of the other clips.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    units : sequence of Units
        Of each clip, n in all.
    progress : callable
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Likenesses

    Notes
    -----
    A unit is warped onto the 16 of each clip whose vectors are nearest, then onto those that its
    best likenesses in third clips are like: vectors miss what is spoken at another rhythm, but
    rarely on every way round. O(n) warps and memory, O(n^2) time for the products of vectors.
    Source: W. Dong, C. Moses and K. Li, "Efficient k-nearest neighbor graph construction for
    generic similarity measures", WWW 2011 (a neighbour of a neighbour is likely a neighbour).
    """
    lookup = _Lookup.of(clips, units)
    found = lookup.warp(lookup.nearest(lambda done: progress(0.4 * done)))
    progress(0.7)
    found = _best(found, lookup.warp(lookup.beyond(found)))
    progress(1.0)
    return found


def compared(k: int, clips: int) -> list[int]:
    """Return the clips that clip k is compared with: all, or some that are evenly spread.

    Examples
    --------
    >>> compared(1, 5)
    [0, 2, 3, 4]
    >>> compared(1, 50)
    [0, 8, 15, 22, 28, 35, 42, 49]
    """
    every = [other for other in range(clips) if other != k]
    chosen = np.linspace(0, len(every) - 1, min(_COMPARED, len(every))).round().astype(int)
    return [every[i] for i in chosen]


@dataclass(frozen=True, eq=False)
class _Lookup:
    """All units of all clips, under one count.

    Clip k owns the units first[k] up to first[k + 1] and is compared with the clips others[k].
    """

    sounds: Sequence[Sounds]
    vectors: F32
    units: Sequence[Units]
    first: I64
    others: I64

    @classmethod
    def of(cls, clips: Sequence[Clip], units: Sequence[Units]) -> _Lookup:
        first = np.cumsum([0, *(len(part) for part in units)])
        others = np.array([compared(k, len(clips)) for k in range(len(clips))])
        sounds = sharpened(clips, units)
        vectors = [
            summaries(heard.frames, clip.period, part.segments)
            for heard, clip, part in zip(sounds, clips, units, strict=True)
        ]
        return cls(sounds, centred(np.concatenate(vectors)), units, first, others)

    def nearest(self, progress: Callable[[float], None]) -> I64:
        """List the units whose vectors are nearest, shape (n, p, LANES)."""
        from kwspot.kernels.shortlist import LANES, keep_nearest

        vectors, shape = self.vectors, (len(self.vectors), self.others.shape[1], LANES)
        listed = np.full(shape, -1, np.int64)
        value = np.empty((_BLOCK, LANES), np.float32)
        length = np.concatenate([part.end - part.start for part in self.units])
        for k, others in enumerate(self.others):
            for begin in range(self.first[k], self.first[k + 1], _BLOCK):
                mine = slice(begin, min(begin + _BLOCK, self.first[k + 1]))
                for at, b in enumerate(others):
                    theirs, rows = self._owned(b), listed[mine, at]
                    product = vectors[mine] @ vectors[theirs].T
                    keep_nearest(product, length[mine], length[theirs], _RATIO, rows, value)
                    rows[rows >= 0] += theirs.start
            progress((k + 1) / len(self.units))
        return listed

    def warp(self, listed: I64) -> Likenesses:
        """Warp each unit onto those that are listed for it, shape (n, p, LANES)."""
        from kwspot.kernels.shortlist import LANES, warp_listed

        similarity = np.full(listed.shape, NONE, np.float32)
        width = max(int((part.end - part.start).max()) for part in self.units)
        answering = [heard.answering for heard in self.sounds]
        columns = np.empty((answering[0].shape[1], width * LANES), np.float32)
        work = np.empty((3, (width + 2) * LANES), np.float32)
        for k, others in enumerate(self.others):
            asking = self.sounds[k].asking
            for at, b in enumerate(others):
                warp_listed(
                    asking,
                    answering[b],
                    self.units[k].start,
                    self.units[k].end,
                    self.units[b].start,
                    self.units[b].end,
                    np.maximum(listed[self._owned(k), at] - self.first[b], -1),
                    columns,
                    work,
                    similarity[self._owned(k), at],
                )
        return _best(Likenesses(listed, similarity))

    def beyond(self, found: Likenesses) -> I64:
        """List the units that the best likenesses of a unit in third clips are like."""
        n, p, lanes = found.unit.shape
        clips = len(self.units)
        owner = np.repeat(np.arange(clips), np.diff(self.first))
        column = np.full((clips, clips), -1)  # of a clip in those of another
        np.put_along_axis(column, self.others, np.arange(p)[None], axis=1)
        known = np.where(found.similarity > NONE, found.unit, -1)
        listed = np.empty((n, p, lanes), np.int64)
        for at in range(p):
            third = np.delete(found.similarity[:, :, :_VIA], at, axis=1).reshape(n, -1)
            best_first = np.argsort(-third, axis=1, kind="stable")
            via = np.delete(known[:, :, :_VIA], at, axis=1).reshape(n, -1)
            via = np.take_along_axis(via, best_first, axis=1)
            where = column[owner[via], self.others[owner, at][:, None]]
            there = (via >= 0) & (where >= 0)
            tried = np.where(there[:, :, None], known[via, where, :_BEYOND], -1)
            by_rank = tried.transpose(0, 2, 1).reshape(n, -1)
            listed[:, at] = unseen(by_rank, found.unit[:, at], lanes)
        return listed

    def _owned(self, k: int) -> slice:
        return slice(int(self.first[k]), int(self.first[k + 1]))


def unseen(tried: I64, seen: I64, count: int) -> I64:
    """Return the first numbers of each row that are neither seen in it nor repeated.

    tried (n, t), seen (n, s); shape (n, count), -1 where there are no more and for -1.

    Examples
    --------
    >>> unseen(np.array([[4, 2, -1, 4, 7]]), np.array([[2, 3]]), 3)
    array([[ 4,  7, -1]])
    """
    both = np.concatenate([seen, tried], axis=1)
    order = np.argsort(both, axis=1, kind="stable")
    ordered = np.take_along_axis(both, order, axis=1)
    repeated = np.zeros(both.shape, np.bool_)
    np.put_along_axis(repeated, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
    fresh = np.where(repeated[:, seen.shape[1] :], -1, tried)
    kept = np.take_along_axis(fresh, np.argsort(fresh < 0, axis=1, kind="stable"), axis=1)
    short = max(0, count - kept.shape[1])
    return np.pad(kept[:, :count], ((0, 0), (0, short)), constant_values=-1)


def _best(*found: Likenesses) -> Likenesses:
    """Return the best of likenesses, as many as the first has, in descending order."""
    unit = np.concatenate([each.unit for each in found], axis=2)
    similarity = np.concatenate([each.similarity for each in found], axis=2)
    order = np.argsort(-similarity, axis=2, kind="stable")[:, :, : found[0].unit.shape[2]]
    return Likenesses(
        np.take_along_axis(unit, order, axis=2), np.take_along_axis(similarity, order, axis=2)
    )
