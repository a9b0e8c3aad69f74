"""The exhaustive search: every frame of an archive, without an index."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.archive.abreast import Abreast, Estimate, lead
from kwspot.archive.places import Pieces, Places, Wanted, address, opened, read
from kwspot.archive.states import STRIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.archive.archive import Archive
    from kwspot.archive.places import Address
    from kwspot.keyword import Keyword
    from kwspot.workers import Run

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

# By how much a place may be cheaper than is estimated. Measured in 8 hours of speech, 10 keywords:
# among the best 400 places of each by more than 0.005 in 24 cases, and by 0.031 at most; the best
# 100 of each are all found with 0.02. So it is no proven bound.
MARGIN = 0.03
_PIECE = 64 * STRIDE  # frames of a long recording that are in memory at once
_TASK = 9 * _PIECE  # frames for one keyword, three hours: far more work than to send it elsewhere


def scanned(
    archive: Archive,
    shards: Sequence[str],
    keywords: Sequence[Keyword],
    wanted: Wanted,
    count: int,
    run: Run,
) -> list[Places]:
    """Estimate what keywords cost at every frame of shards, and return the best places.

    Parameters
    ----------
    archive : Archive
        Where to look.
    shards : sequence of str
        Which parts of it.
    keywords, wanted, count
        As for `survey`.
    run : Run
        Who does the work.
    """
    where = address(archive)
    shares = _shares(archive, shards, max(1, _TASK // len(keywords)))
    tasks = [(where, some, keywords, wanted, count) for some in shares]
    return list(run(survey, tasks))


def _shares(archive: Archive, shards: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Divide shards into tasks of about so many frames."""
    ends = np.cumsum([archive.catalogue.shards[shard].frames.sum() for shard in shards])
    borders = np.flatnonzero(np.diff(ends // most, prepend=0))
    for first, last in pairwise([0, *(borders + 1).tolist(), len(shards)]):
        if first < last:
            yield shards[first:last]


def survey(
    where: Address, shards: Sequence[str], keywords: Sequence[Keyword], wanted: Wanted, count: int
) -> Places:
    """Estimate what keywords cost at every frame of some shards, and return the best places.

    Parameters
    ----------
    where : Address
        Of the archive.
    shards : sequence of str
        Which parts of it.
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
    ahead = lead(keywords)
    seekers = [Seeker(Estimate(one), number, count) for number, one in enumerate(keywords)]
    for pieces in chain.from_iterable(_batches(archive, shard, wanted) for shard in shards):
        streams = Abreast.of(*read(archive, pieces), archive.front_end, ahead)
        for seeker in seekers:
            seeker.look(streams, pieces)
    return Places.joined([seeker.found for seeker in seekers])


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
        self._parts: list[Places] = []

    @property
    def found(self) -> Places:
        """The best places of all that was looked at, and those nearly as good."""
        places = Places.joined(self._parts)
        if len(self._best) < self._count:
            return places
        return places.take(places.cost <= self._best[-1] + np.float32(MARGIN))

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
        places = Places(pieces.shard[piece], number, pieces.entry[piece], end, cost[low])
        self._parts.append(places)

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


def _batches(archive: Archive, shard: str, wanted: Wanted) -> Iterator[Pieces]:
    """Yield pieces of recordings that fit in memory; each has what comes before it as well."""
    entries, chosen = wanted.choose(archive, shard)
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
