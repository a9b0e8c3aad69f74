"""From queries to candidates by the codes of segments, without a look at the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive import segments
from kwspot.archive.outline import Marked, Outline
from kwspot.archive.places import Pieces, Wanted, opened
from kwspot.quantise.ranking import ID_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.archive.archive import Archive
    from kwspot.archive.packs import Pack
    from kwspot.archive.places import Address, Mask
    from kwspot.keyword import Keyword

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
U64 = npt.NDArray[np.uint64]

_FLAGS = 128  # words of scratch that the search kernel needs
_SHIFTS = (-0.6, -0.2, 0.2, 0.6)  # of a hop: a word begins anywhere between two segments
_SAMPLE = 2048  # pairs of blocks of a pack by which is judged how near the nearest are
_STRETCH = 1.25  # by which a word may be longer than the longest example
_SLACK = 8  # frames by which it may end before or after the segment that ends it


@dataclass(frozen=True, eq=False)
class Query:
    """Keywords as they are compared with codes.

    Attributes
    ----------
    middles : tuple of ndarray, shape (shifts * examples, w), float32
        For each keyword, the middle of each example, shifted a little, as a unit vector.
    outlines : tuple of Outline
        For each keyword, its examples as sequences of short segments.
    length : ndarray, shape (k,), int64
        Length in frames of the segments that are compared with the middles.
    longest : ndarray, shape (k,), int64
        Frames of the longest example.
    """

    middles: tuple[F32, ...]
    outlines: tuple[Outline, ...]
    length: I64
    longest: I64

    @classmethod
    def of(cls, keywords: Sequence[Keyword], front_end: str) -> Query | None:
        """Prepare keywords; None if the segments of this front end are not encoded."""
        model = segments.model(front_end)
        if model is None:
            return None
        known = np.array(segments.lengths(front_end))
        length, longest, middles, outlines = [], [], [], []
        for keyword in keywords:
            templates = keyword.stream_templates()
            typical = np.median([len(one) for one in templates])
            length.append(int(known[known <= max(typical, known[0])][-1]))
            longest.append(max(len(one) for one in templates))
            hop = segments.hop(length[-1], front_end)
            vectors = [
                model.middle(template, length[-1], round(shift * hop))
                for template in templates
                for shift in _SHIFTS
            ]
            middles.append(np.stack(vectors))
            outlines.append(Outline.of(templates, model, int(known[0])))
        return cls(tuple(middles), tuple(outlines), np.array(length), np.array(longest))

    def alone(self) -> list[Query]:
        """Return a query for each keyword."""
        each = [slice(k, k + 1) for k in range(len(self.middles))]
        return [
            Query(self.middles[k], self.outlines[k], self.length[k], self.longest[k]) for k in each
        ]


class Depth(NamedTuple):
    """How many segments of a pack are looked at.

    Attributes
    ----------
    near : float
        Share of its segments whose codes are most like the middle of an example, that are compared
        with the outlines.
    places : int
        How many places are listed.
    """

    near: float
    places: int


def listed(
    where: Address, packs: Sequence[Pack], query: Query, wanted: Wanted, depth: Depth
) -> list[list[I64]]:
    """List where in each pack the codes are most like each keyword.

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
    depth : Depth
        How many segments of a pack for each keyword.

    Returns
    -------
    list of list of ndarray, shape (c,), int64
        For each pack and keyword, cost and row of the shortest segments, in which the word ends:
        see `kwspot.quantise.ranking`.

    Notes
    -----
    O(segments x keywords). A function of its arguments and what is stored.
    """
    archive = opened(where)
    return [_keys(archive, pack, query, wanted, depth) for pack in packs]


def _keys(archive: Archive, pack: Pack, query: Query, wanted: Wanted, depth: Depth) -> list[I64]:
    front_end = archive.front_end.name
    model, shortest = segments.model(front_end), segments.lengths(front_end)[0]
    assert model is not None
    frames, chosen = archive.packs.contents(pack).frames, _chosen(archive, pack, wanted)
    hop, rows = segments.hop(shortest, front_end), segments.counts(frames, shortest, front_end)
    found = []
    for number, outline in enumerate(query.outlines):
        length, longest = int(query.length[number]), int(query.longest[number])
        marked = segments.counts(frames, length, front_end)
        allowed = np.empty(0, np.bool_) if chosen is None else np.repeat(chosen, marked)
        tables = model.bolt.byte_tables(query.middles[number]).entries
        codes, share = archive.packs.codes(pack, length), depth.near
        marks = _near(codes, tables.reshape(len(tables), -1), allowed, int(marked.sum()), share)
        beside = max(longest - length, 0) / 2
        where = Marked(
            marks,
            marked,
            rows,
            segments.hop(length, front_end) // hop,
            int(np.ceil(beside / hop)) + 1,
            int(np.ceil((length + beside - shortest) / hop)) + 1,
        )
        found.append(outline.find(model, archive.packs.codes(pack, shortest), where, depth.places))
    return found


def _near(codes: U8, tables: U8, allowed: Mask, rows: int, share: float) -> U64:
    """Mark, bit by bit, about this share of all rows, of those that are allowed the nearest."""
    from kwspot.kernels.bolt_near import mark_near

    marks, groups = np.empty(rows // 64 + 1, np.uint64), (0,) * (tables.shape[1] // 256)
    bound = _bound(codes, tables, allowed, rows, share)
    mark_near(codes, tables, bound, np.empty(_FLAGS, np.uint64), allowed, rows, marks, groups)
    return marks


def _bound(codes: U8, tables: U8, allowed: Mask, rows: int, share: float) -> int:
    """Estimate, by a sample, up to which sum this share of all rows is near."""
    from kwspot.kernels.bolt import scan_exact

    pairs = codes.reshape(-1, 2 * tables.shape[1])
    chosen = np.arange(0, len(pairs), max(1, len(pairs) // _SAMPLE))
    sample, sums = np.ascontiguousarray(pairs[chosen]), np.empty(64 * len(chosen), np.uint16)
    least = np.full(len(sums), np.iinfo(np.uint16).max)
    for table in tables:
        scan_exact(sample, table, sums, (0,) * (tables.shape[1] // 256))
        np.minimum(least, sums, out=least)
    row = (64 * chosen[:, None] + np.arange(64)).reshape(-1)
    counts = row < rows
    seen = int(counts.sum())
    if allowed.size:
        counts[counts] = allowed[row[counts]]
    rank = round(share * seen)
    if rank >= counts.sum():
        return int(np.iinfo(np.uint16).max)
    return int(np.partition(least[counts], rank)[rank])


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


def pieces(archive: Archive, packs: Sequence[Pack], ranked: Ranked, longest: int) -> Pieces:
    """Return the parts of recordings in which words end with segments, joined where they meet.

    Parameters
    ----------
    archive : Archive
        Whose segments they are.
    packs : sequence of Pack
        Those that are numbered in `ranked`.
    ranked : Ranked
        The shortest segments.
    longest : int
        Frames of the longest example.
    """
    none, front_end = np.empty(0, np.int64), archive.front_end.name
    found, length = [(np.empty(0, "S1"), none, none, none, none)], segments.lengths(front_end)[0]
    before = round(_STRETCH * longest) + _SLACK
    for number in np.unique(ranked.pack).tolist():
        contents = archive.packs.contents(packs[number])
        ends = np.cumsum(segments.counts(contents.frames, length, front_end))
        rows = np.sort(ranked.row[ranked.pack == number])
        own = np.searchsorted(ends, rows, side="right")
        of_recording = np.concatenate([[0], ends])[own]
        frames = contents.frames[own]
        _, end = segments.spans(frames, rows - of_recording, length, front_end)
        first, last = np.maximum(end - before, 0), np.minimum(end + _SLACK, frames)
        one, other = _runs(own, first, last)
        ids = np.array(packs[number].shards, np.bytes_)[contents.shard[own[one]]]
        found.append((ids, contents.entry[own[one]], first[one], last[other], first[one]))
    return Pieces(*map(np.concatenate, zip(*found, strict=True)))


def _runs(own: I64, first: I64, last: I64) -> tuple[I64, I64]:
    """Return the first and the last of each run of spans of one recording that meet.

    All have shape (s,), in the order of recordings and, within one, of time.
    """
    new = np.ones(len(own), np.bool_)
    new[1:] = (own[1:] != own[:-1]) | (first[1:] > last[:-1])
    begin = np.flatnonzero(new)
    return begin, np.append(begin[1:], len(own)) - 1
