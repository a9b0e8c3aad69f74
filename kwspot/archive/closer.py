"""From codes to places: ever more of them are looked at closer, until the best stay the same."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.archive import segments
from kwspot.archive.abreast import Abreast, Estimate, lead
from kwspot.archive.listing import Depth, Query, Ranked, listed, pieces
from kwspot.archive.places import Places, address, opened, read
from kwspot.archive.scan import Seeker, scanned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.archive.archive import Archive
    from kwspot.archive.packs import Pack
    from kwspot.archive.places import Address, Pieces, Wanted
    from kwspot.keyword import Keyword
    from kwspot.workers import Run

I64 = npt.NDArray[np.int64]

_NEAR = 200_000  # segments whose surroundings are compared with outlines; more, as the fourth root
_LONG = 1000 * 3600  # of its seconds, of an archive that is longer than this
_DEPTHS = (0, 4_000, 8_000, 16_000, 32_000)  # places that are looked at, step by step
_NEWS = 0.01  # of the best may be new in the last step
_MOST = 8  # places that are compared exactly at most, of which one is wanted
_SKEW, _LEAST = 4, 256  # places of one pack, if each had its share; and at least
_FEW = 4 * 3600  # seconds of an archive of which every frame is looked at, which is as soon done
_SMALL = 16  # shards in no pack that are one task
_PIECES = 1000  # that are in memory at once
_SHARES = 16  # into which a step is divided, about, lest a cluster have more to send than to do
_SPARE = 16  # places of a task beyond those that are wanted


def look(
    archive: Archive, keywords: Sequence[Keyword], top: int, wanted: Wanted, run: Run
) -> list[Places] | None:
    """Estimate what keywords cost where codes are like those of their examples.

    Parameters
    ----------
    archive : Archive
        Where to look.
    keywords : sequence of Keyword
        What to look for.
    top : int
        How many places of each keyword are wanted.
    wanted : Wanted
        In which recordings.
    run : Run
        Who does the work.

    Returns
    -------
    list of Places, or None
        For `settle`; None if there are no codes, or so few recordings that a scan is as fast.
    """
    if archive.catalogue.seconds <= _FEW:
        return None
    query = Query.of(keywords, archive.front_end.name)
    if query is None:
        return None
    where, packs = address(archive), archive.packs.every
    found = scanned(archive, archive.packs.bare, keywords, wanted, top + _SPARE, run)
    keys = _keys(where, packs, query, wanted, _depth(archive), run)
    if packs:
        seekers = [
            _Seeker(
                archive,
                query,
                keyword,
                number,
                Ranked.of(keys[number], _DEPTHS[-1]),
                top,
            )
            for number, keyword in enumerate(keywords)
        ]
        for first, last in pairwise(_DEPTHS):
            _deepen(where, [seeker for seeker in seekers if seeker.news], first, last, run)
        found += [seeker.best for seeker in seekers]
    return found


def _keys(
    where: Address, packs: Sequence[Pack], query: Query, wanted: Wanted, depth: Depth, run: Run
) -> list[list[I64]]:
    """List segments for each keyword and pack; each keyword is a task if there are few packs."""
    parts = list(_tasks(packs))
    queries = query.alone() if len(parts) < _SHARES else [query]
    tasks = [(where, some, one, wanted, depth) for one in queries for some in parts]
    found = list(chain.from_iterable(run(listed, tasks)))
    rows = [found[at : at + len(packs)] for at in range(0, len(found), max(len(packs), 1))]
    return [list(keys) for row in rows for keys in zip(*row, strict=True)]


def _depth(archive: Archive) -> Depth:
    """Tell how much of each pack is looked at."""
    hop = segments.hop(0, archive.front_end.name) * archive.front_end.period
    each = max(_LEAST, _SKEW * _DEPTHS[-1] // max(len(archive.packs.every), 1))
    seconds = archive.catalogue.seconds
    share = _NEAR * max(1.0, seconds / _LONG) ** 0.25 * hop / seconds
    return Depth(min(1.0, share), min(_DEPTHS[-1], each))


def _tasks(packs: Sequence[Pack]) -> Iterator[Sequence[Pack]]:
    """Divide packs into tasks: those of many shards by themselves."""
    large = sum(len(pack.shards) > 1 for pack in packs)
    yield from ([pack] for pack in packs[:large])
    yield from (packs[at : at + _SMALL] for at in range(large, len(packs), _SMALL))


def _deepen(where: Address, seekers: Sequence[_Seeker], first: int, last: int, run: Run) -> None:
    """Look closer at the segments of some ranks."""
    wanted = [(seeker, seeker.pieces(first, last)) for seeker in seekers]
    size = max(_PIECES, sum(len(some.entry) for _, some in wanted) // _SHARES)
    tasks = [
        (where, seeker.keyword, seeker.number, part, seeker.most)
        for seeker, some in wanted
        for part in _divided(some, -(-len(some.entry) // max(1, len(some.entry) // size)))
    ]
    found = list(run(look_closer, tasks))
    for seeker in seekers:
        mine = [
            places for task, places in zip(tasks, found, strict=True) if task[2] == seeker.number
        ]
        seeker.take(mine)


def _divided(pieces: Pieces, size: int) -> Iterator[Pieces]:
    """Divide pieces into parts of about so many, each recording as a whole."""
    new = (pieces.shard[1:] != pieces.shard[:-1]) | (pieces.entry[1:] != pieces.entry[:-1])
    starts = np.concatenate([[0], np.flatnonzero(new) + 1])[: len(pieces.entry)]
    task = starts // size
    begin = starts[np.flatnonzero(np.diff(task, prepend=-1))]
    return (pieces.part(a, b) for a, b in pairwise([*begin.tolist(), len(pieces.entry)]))


def look_closer(where: Address, keyword: Keyword, number: int, some: Pieces, count: int) -> Places:
    """Estimate what a keyword costs in pieces of recordings.

    Parameters
    ----------
    where : Address
        Of the archive.
    keyword : Keyword
        What is sought.
    number : int
        Which of the keywords it is.
    some : Pieces
        Where to look.
    count : int
        How many places to return; more if they are nearly as good.

    Returns
    -------
    Places
        For `settle`.
    """
    archive, ahead = opened(where), lead([keyword])
    seeker = Seeker(Estimate(keyword), number, count)
    for part in _divided(some, _PIECES):
        seeker.look(Abreast.of(*read(archive, part), archive.front_end, ahead), part)
    return seeker.found


class _Seeker:
    """What is known of the best places of one keyword."""

    def __init__(
        self,
        archive: Archive,
        query: Query,
        keyword: Keyword,
        number: int,
        ranked: Ranked,
        top: int,
    ) -> None:
        self._archive, self._ranked, self._top = archive, ranked, top
        self._longest = int(query.longest[number])
        lengths = [len(one) for one in keyword.stream_templates()]
        self._reach = int(np.median(lengths)) // 2
        self.keyword, self.number = keyword, number
        self.most = _MOST * (top + _SPARE)
        self.best, self.news = Places.joined([]), True

    def pieces(self, first: int, last: int) -> Pieces:
        """Return where the segments of these ranks are."""
        packs, some = self._archive.packs.every, self._ranked.part(first, last)
        return pieces(self._archive, packs, some, self._longest)

    def take(self, found: Sequence[Places]) -> None:
        """Take places that are new; where few of them are among the best, the search is over."""
        before = len(self.best.end)
        every = Places.joined([self.best, *found])
        chosen = every.distinct(self._reach, self.most)
        fresh = int((chosen[: self._top] >= before).sum())
        self.best, self.news = every.take(chosen), fresh > _NEWS * self._top
