"""From queries to candidates by the codes of segments, without a look at the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive import segments
from kwspot.archive.places import Pieces, Wanted, opened
from kwspot.quantise.ranking import ID_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.archive.archive import Archive
    from kwspot.archive.packs import Pack
    from kwspot.archive.places import Address, Mask
    from kwspot.keyword import Keyword

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

_FLAGS = 128  # words of scratch that the search kernel needs for each table
_SHIFTS = (-0.6, -0.2, 0.2, 0.6)  # of a hop: a word begins anywhere between two segments


@dataclass(frozen=True, eq=False)
class Query:
    """Keywords as they are compared with codes: the middle of each example, shifted a little.

    Attributes
    ----------
    tables : tuple of ndarray, shape (shifts * examples, bytes * 32), uint8
        For each keyword, what every codeword costs.
    length : ndarray, shape (k,), int64
        Length in frames of the segments that are compared.
    around : ndarray, shape (k,), int64
        Frames on either side of a segment in which the rest of the word may be.
    """

    tables: tuple[U8, ...]
    length: I64
    around: I64

    @classmethod
    def of(cls, keywords: Sequence[Keyword], front_end: str) -> Query | None:
        """Prepare keywords; None if the segments of this front end are not encoded."""
        model = segments.model(front_end)
        if model is None:
            return None
        known = np.array(segments.lengths(front_end))
        length, around, tables = [], [], []
        for keyword in keywords:
            templates = keyword.stream_templates()
            middle = np.median([len(one) for one in templates])
            length.append(int(known[known <= max(middle, known[0])][-1]))
            around.append(max(len(one) for one in templates) // 2 + 2)
            hop = segments.hop(length[-1], front_end)
            vectors = [
                model.middle(template, length[-1], round(shift * hop))
                for template in templates
                for shift in _SHIFTS
            ]
            entries = model.bolt.byte_tables(np.stack(vectors)).entries
            tables.append(entries.reshape(len(vectors), -1))
        return cls(tuple(tables), np.array(length), np.array(around))

    def alone(self) -> list[Query]:
        """Return a query for each keyword."""
        each = range(len(self.tables))
        return [
            Query(self.tables[k : k + 1], self.length[k : k + 1], self.around[k : k + 1])
            for k in each
        ]


def listed(
    where: Address, packs: Sequence[Pack], query: Query, wanted: Wanted, count: int
) -> list[list[I64]]:
    """List the segments of each pack whose codes are most like each keyword.

    Parameters
    ----------
    where : Address
        Of the archive.
    packs : sequence of Pack
        Which parts of it.
    query : Query
        What to look for.
    wanted : Wanted
        In which recordings.
    count : int
        How many segments of a pack for each keyword.

    Returns
    -------
    list of list of ndarray, shape (c,), int64
        For each pack and keyword, cost by code and row: see `kwspot.quantise.ranking`.

    Notes
    -----
    O(segments x keywords), 8 bytes each. A function of its arguments and what is stored.
    """
    archive = opened(where)
    return [_keys(archive, pack, query, wanted, count) for pack in packs]


def _keys(archive: Archive, pack: Pack, query: Query, wanted: Wanted, count: int) -> list[I64]:
    from kwspot.kernels.bolt_pool import SUMS, search_any

    found, pool, counts = [], np.empty(2 * count, np.int64), np.empty(SUMS, np.int64)
    frames, chosen = archive.packs.contents(pack).frames, _chosen(archive, pack, wanted)
    for length, tables in zip(query.length.tolist(), query.tables, strict=True):
        rows = segments.counts(frames, length, archive.front_end.name)
        allowed = np.empty(0, np.bool_) if chosen is None else np.repeat(chosen, rows)
        codes, groups = archive.packs.codes(pack, length), (0,) * (tables.shape[1] // 256)
        flags = np.empty((len(tables), _FLAGS), np.uint64)
        used = search_any(codes, tables, pool, flags, counts, allowed, int(rows.sum()), groups)
        found.append(pool[:used].copy())
    return found


def _chosen(archive: Archive, pack: Pack, wanted: Wanted) -> Mask | None:
    """Return which recordings of a pack are wanted, None if all are."""
    if wanted.all_of(archive):
        return None
    return np.concatenate([wanted.choose(archive, shard)[1] for shard in pack.shards])


class Ranked(NamedTuple):
    """Segments in the order in which they are to be looked at closer.

    Attributes
    ----------
    cost, pack, row : ndarray, shape (c,), int64
        Cost by code, number of the pack, and row in it.
    """

    cost: I64
    pack: I64
    row: I64

    @classmethod
    def of(cls, keys: Sequence[I64], depth: int) -> Ranked:
        """Rank the segments that were listed in each pack for one keyword.

        At least `depth` are kept if there are so many, and all that cost as much as the last, so
        that it does not matter how they were divided into packs.
        """
        pack = np.repeat(np.arange(len(keys)), [len(some) for some in keys])
        every = np.concatenate(keys)
        cost = every >> ID_BITS
        if len(every) > depth:
            near = cost <= np.partition(cost, depth)[depth]
            cost, pack, every = cost[near], pack[near], every[near]
        order = np.argsort(cost, kind="stable")
        return cls(cost[order], pack[order], every[order] & ((1 << ID_BITS) - 1))

    def part(self, first: int, last: int) -> Ranked:
        """Return those of these ranks, and what costs as much as the last, but not the first."""
        begin, end = (self._rank(at) for at in (first, last))
        return Ranked(self.cost[begin:end], self.pack[begin:end], self.row[begin:end])

    def _rank(self, at: int) -> int:
        if not 0 < at < len(self.cost):
            return min(max(at, 0), len(self.cost))
        return int(np.searchsorted(self.cost, self.cost[at - 1], side="right"))


def pieces(
    archive: Archive, packs: Sequence[Pack], ranked: Ranked, length: int, around: int
) -> Pieces:
    """Return the parts of recordings around segments, joined where they meet.

    Parameters
    ----------
    archive : Archive
        Whose segments they are.
    packs : sequence of Pack
        Those that are numbered in `ranked`.
    ranked : Ranked
        Segments.
    length : int
        Of the segments, in frames.
    around : int
        Frames by which they are widened.
    """
    none = np.empty(0, np.int64)
    found = [(np.empty(0, "S1"), none, none, none, none)]
    for number in np.unique(ranked.pack).tolist():
        contents = archive.packs.contents(packs[number])
        ends = np.cumsum(segments.counts(contents.frames, length, archive.front_end.name))
        rows = np.sort(ranked.row[ranked.pack == number])
        own = np.searchsorted(ends, rows, side="right")
        before = np.concatenate([[0], ends])[own]
        frames = contents.frames[own]
        first, last = segments.spans(frames, rows - before, length, archive.front_end.name)
        first, last = np.maximum(first - around, 0), np.minimum(last + around, frames)
        begin, end = _runs(own, first, last)
        ids = np.array(packs[number].shards, np.bytes_)[contents.shard[own[begin]]]
        found.append((ids, contents.entry[own[begin]], first[begin], last[end], first[begin]))
    return Pieces(*map(np.concatenate, zip(*found, strict=True)))


def _runs(own: I64, first: I64, last: I64) -> tuple[I64, I64]:
    """Return the first and the last of each run of spans of one recording that meet.

    All have shape (s,), in the order of recordings and, within one, of time.
    """
    new = np.ones(len(own), np.bool_)
    new[1:] = (own[1:] != own[:-1]) | (first[1:] > last[:-1])
    begin = np.flatnonzero(new)
    return begin, np.append(begin[1:], len(own)) - 1
