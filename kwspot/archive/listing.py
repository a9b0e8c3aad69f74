"""From queries to candidates by the codes of segments, without a look at the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.archive import segments
from kwspot.archive.places import Pieces, Places, Wanted, hear, opened, sifted
from kwspot.quantise.ranking import ID_BITS, NO_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.archive.archive import Archive
    from kwspot.archive.places import Address, Ids, Target
    from kwspot.keyword import Keyword

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_FLAGS = 128  # words of scratch that the search kernel needs


@dataclass(frozen=True, eq=False)
class Query:
    """The examples of keywords as they are compared with codes.

    Attributes
    ----------
    tables : ndarray, shape (t, bytes * 32), uint8
        For each example of each keyword, what every codeword costs.
    length : ndarray, shape (t,), int64
        Length in frames of the segments that it is compared with.
    keyword : ndarray, shape (t,), int64
        Number of the keyword.
    """

    tables: U8
    length: I64
    keyword: I64

    @classmethod
    def of(cls, keywords: Sequence[Keyword], front_end: str) -> Query | None:
        """Prepare keywords; None if the segments of this front end are not encoded."""
        model = segments.model(front_end)
        if model is None:
            return None
        templates = [keyword.stream_templates() for keyword in keywords]
        every = [template for whole in templates for template in whole]
        lengths = np.array(segments.lengths(front_end))
        ratio = np.abs(np.log([len(one) for one in every])[:, None] - np.log(lengths))
        owner = np.repeat(np.arange(len(keywords)), [len(whole) for whole in templates])
        entries = model.tables(every).entries.reshape(len(every), -1)
        return cls(entries, lengths[ratio.argmin(axis=1)], owner)


@dataclass(frozen=True, eq=False)
class Listed:
    """Segments of a shard that are most like each example.

    Attributes
    ----------
    shard : str
    keys : ndarray, shape (t, k), int64
        Cost by code and row, in rising order: see `kwspot.quantise.ranking`.
    """

    shard: str
    keys: I64

    @property
    def costs(self) -> I64:
        """Cost by code, shape (t, k); very large where there are no more."""
        return self.keys >> ID_BITS


def listed(
    where: Address, shards: Sequence[str], query: Query, wanted: Wanted, count: int
) -> list[Listed]:
    """List the segments of each shard whose codes are most like each example.

    Parameters
    ----------
    where : Address
        Of the archive.
    shards : sequence of str
        Which parts of it.
    query : Query
        What to look for.
    wanted : Wanted
        In which recordings.
    count : int
        How many segments of a shard for each example.

    Returns
    -------
    list of Listed

    Notes
    -----
    O(segments x examples), 16 bytes each. A function of its arguments and what is stored.
    """
    archive = opened(where)
    return [Listed(shard, _keys(archive, shard, query, wanted, count)) for shard in shards]


def _keys(archive: Archive, shard: str, query: Query, wanted: Wanted, count: int) -> I64:
    from kwspot.kernels.bolt_search import search

    _, chosen = wanted.choose(archive, shard)
    frames = archive.catalogue.shards[shard].frames
    keys = np.full((len(query.tables), count), NO_KEY)
    flags, front_end = np.empty(_FLAGS, np.uint64), archive.front_end.name
    groups = (0,) * (query.tables.shape[1] // 256)
    for length in sorted(set(query.length.tolist())):
        codes = archive.rows(shard, f"codes-{length}")[:].reshape(-1)
        rows = segments.counts(frames, length, front_end)
        allowed = np.empty(0, np.bool_) if chosen.all() else np.repeat(chosen, rows)
        asked = np.flatnonzero(query.length == length)
        found = keys[asked]
        search(codes, query.tables[asked], found, flags, allowed, int(rows.sum()), groups)
        keys[asked] = found
    return keys


def nearest(lists: Sequence[Listed], depth: int) -> list[Listed]:
    """Keep of all shards' segments those that are most like each example: about `depth` each.

    Segments as good as the last one all stay, so that the order of shards changes nothing.
    """
    together = np.concatenate([one.costs for one in lists], axis=1)
    rank = min(depth, together.shape[1]) - 1
    limit = np.partition(together, rank, axis=1)[:, rank, None]
    kept = []
    for one in lists:
        keys = np.where((one.costs <= limit) & (one.keys != NO_KEY), one.keys, NO_KEY)
        if (keys != NO_KEY).any():
            kept.append(Listed(one.shard, keys))
    return kept


def look_closer(
    where: Address,
    targets: Sequence[Target],
    query: Query,
    candidates: Sequence[Listed],
    count: int,
) -> Places:
    """Estimate what keywords cost around segments that were listed for their examples.

    Parameters
    ----------
    where : Address
        Of the archive.
    targets : sequence of Target
        All that are sought.
    query : Query
        The same as when they were listed.
    candidates : sequence of Listed
        Segments of some shards.
    count : int
        How many places of each keyword to return; more if they are nearly as good.

    Returns
    -------
    Places
        For `settle`.
    """
    archive = opened(where)
    parts = []
    for number, target in enumerate(targets):
        asked = np.flatnonzero(query.keyword == number)
        longest = max(len(template) for template in target.keyword.stream_templates())
        columns = [_pieces(archive, query, one, asked, longest) for one in candidates]
        pieces = Pieces(*map(np.concatenate, zip(*columns, strict=True)))
        if len(pieces.entry):
            parts.append(sifted(hear(archive, pieces), pieces, target, number, count))
    return Places.joined(parts)


def _pieces(
    archive: Archive, query: Query, one: Listed, asked: I64, longest: int
) -> tuple[Ids, I64, I64, I64, I64]:
    """Return the columns of the pieces around the segments of a shard listed for some examples."""
    frames, front_end = archive.catalogue.shards[one.shard].frames, archive.front_end.name
    keys = one.keys[asked]
    spans = [
        _spans(keys[query.length[asked] == length], frames, length, front_end)
        for length in sorted(set(query.length[asked].tolist()))
    ]
    entry, first, last = _merged(np.concatenate(spans), frames, longest)
    return np.full(len(entry), one.shard), entry, first, last, first


def _spans(keys: I64, frames: I64, length: int, front_end: str) -> I64:
    """Return recording, first frame and end of the segments of keys, shape (k, 3)."""
    rows = keys[keys != NO_KEY] & ((1 << ID_BITS) - 1)
    ends = np.cumsum(segments.counts(frames, length, front_end))
    entry = np.searchsorted(ends, rows, side="right")
    number = rows - np.concatenate([[0], ends])[entry]
    first, last = segments.spans(frames[entry], number, length, front_end)
    return np.stack([entry, first, last], axis=1)


def _merged(spans: I64, frames: I64, longest: int) -> tuple[I64, I64, I64]:
    """Join spans, shape (k, 3), that meet once they are widened by half the longest example."""
    around = longest // 2 + 2
    order = np.lexsort((spans[:, 1], spans[:, 0]))
    entry, first, last = spans[order].T
    first = np.maximum(first - around, 0)
    last = np.minimum(last + around, frames[entry])
    base = entry * (int(frames.max(initial=0)) + 1)  # so that recordings stay apart
    reached = np.maximum.accumulate(last + base)
    new = np.ones(len(entry), np.bool_)
    new[1:] = first[1:] + base[1:] > reached[:-1]
    begin = np.flatnonzero(new)
    stop = np.append(begin[1:], len(entry)) - 1
    return entry[begin], first[begin], (reached - base)[stop]
