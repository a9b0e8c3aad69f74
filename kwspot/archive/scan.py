"""The exhaustive search: every frame of an archive, without an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.archive.abreast import Abreast, Estimate, lead
from kwspot.archive.places import Pieces, Places, Wanted, opened, read
from kwspot.archive.states import STRIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.archive.places import Address, Mask
    from kwspot.archive.shard import Entry
    from kwspot.keyword import Keyword

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

# By how much a place may be cheaper than is estimated. Measured in 20 minutes of speech, 10
# keywords: 0.021 at most among the best 300 places of each, 0.044 among the best 1000. So it is no
# proven bound.
MARGIN = 0.03
_PIECE = 64 * STRIDE  # frames of a long recording that are in memory at once


def survey(
    where: Address, shard: str, keywords: Sequence[Keyword], wanted: Wanted, count: int
) -> Places:
    """Estimate what keywords cost at every frame of a shard, and return the best places.

    Parameters
    ----------
    where : Address
        Of the archive.
    shard : str
        Which part of it.
    keywords : sequence of Keyword
        What to look for.
    wanted : Wanted
        In which recordings.
    count : int
        How many places of each keyword to return; more if they are nearly as good.

    Returns
    -------
    Places
        For `settle`.

    Notes
    -----
    O(frames x total length of the templates), memory for about 20 minutes of features. A function
    of its arguments and what is stored, to be run anywhere.
    """
    archive = opened(where)
    entries, chosen = wanted.choose(archive, shard)
    ahead = lead(keywords)
    seekers = [Seeker(Estimate(one), number, count) for number, one in enumerate(keywords)]
    for pieces in _batches(shard, entries, chosen):
        streams = Abreast.of(*read(archive, pieces), archive.front_end, ahead)
        for seeker in seekers:
            seeker.look(streams, pieces)
    return Places.joined([part for seeker in seekers for part in seeker.found])


class Seeker:
    """The best places of a keyword in what was seen of an archive.

    Parameters
    ----------
    estimate : Estimate
        Of the keyword.
    number : int
        Which of the keywords it is.
    count : int
        How many places are wanted; more are kept if they are nearly as good.
    """

    def __init__(self, estimate: Estimate, number: int, count: int) -> None:
        self._estimate, self._number, self._count = estimate, number, count
        self._best: F32 = np.empty(0, np.float32)
        self.found: list[Places] = []

    def look(self, streams: Abreast, pieces: Pieces) -> None:
        """Take the next pieces."""
        cost, reach = self._estimate.costs(streams), self._estimate.reach
        low = _valleys(cost, streams.piece, reach, self._limit(cost, reach))
        piece = np.searchsorted(streams.piece, low, side="right") - 1
        end = low - streams.piece[piece] + pieces.first[piece] + 1
        new = end > pieces.fresh[piece]
        low, piece, end = low[new], piece[new], end[new]
        self._best = np.sort(np.concatenate([self._best, cost[low]]))[: self._count]
        number = np.full(len(low), self._number)
        self.found.append(Places(pieces.shard[piece], number, pieces.entry[piece], end, cost[low]))

    def _limit(self, cost: F32, reach: int) -> float:
        """Return a cost above which no place is among the best."""
        if len(self._best) == self._count:
            return float(self._best[-1]) + MARGIN
        rank = min(len(cost) - 1, 4 * reach * self._count)
        return float(np.partition(cost, rank)[rank])


def _valleys(cost: F32, piece: I64, reach: int, limit: float) -> I64:
    """Return the frames, in order, that cost least of those of their piece within `reach`."""
    low = np.flatnonzero(cost <= limit)
    own = np.searchsorted(piece, low, side="right") - 1
    least = cost[low]
    bottom = np.ones(len(low), np.bool_)
    for away in range(1, reach + 1):
        for near in (low - away, low + away):
            inside = np.clip(near, piece[own], piece[own + 1] - 1)
            bottom &= least <= cost[inside]
    return low[bottom]


def _batches(shard: str, entries: Sequence[Entry], chosen: Mask) -> Iterator[Pieces]:
    """Yield pieces of recordings that fit in memory; each has what comes before it as well."""
    batch: list[tuple[int, int, int, int]] = []
    held = 0
    for number in np.flatnonzero(chosen).tolist():
        frames = entries[number].frames
        for fresh in range(0, frames, _PIECE):
            first, last = max(0, fresh - STRIDE), min(frames, fresh + _PIECE)
            if batch and held + last - first > _PIECE:
                yield Pieces.of(shard, *np.array(batch).T)
                batch, held = [], 0
            batch.append((number, first, last, fresh))
            held += last - first
    if batch:
        yield Pieces.of(shard, *np.array(batch).T)
