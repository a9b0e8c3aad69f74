"""Where in a shard keywords may be: from estimates to exact costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive.archive import Archive
from kwspot.archive.arrays import Rows
from kwspot.archive.exact import Windows, fit
from kwspot.archive.hits import Found
from kwspot.archive.packing import packing
from kwspot.archive.states import STRIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kwspot.archive.shard import Entry
    from kwspot.keyword import Keyword

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Ids = npt.NDArray[np.bytes_]  # a quarter of what they are as text, to be sent to a cluster
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Wanted:
    """Which recordings are searched.

    Attributes
    ----------
    paths : tuple of str
        Patterns as of a shell, of which a path must fit one; all paths fit if there are none.
    since : str
        Recordings that were indexed earlier, ISO 8601 in UTC, are left out.
    """

    paths: tuple[str, ...] = ()
    since: str = ""

    def choose(self, archive: Archive, shard: str) -> tuple[tuple[Entry, ...], Mask]:
        """Return the entries of a shard, and which of them count and are wanted."""
        known = archive.catalogue.shards[shard]
        chosen = np.full(len(known.entries), not (self.since and known.indexed < self.since))
        if shard in archive.catalogue.replaced:
            chosen &= ~archive.catalogue.replaced[shard]
        if self.paths:
            fits = re.compile("|".join(map(translate, self.paths))).match
            chosen &= [fits(entry.path) is not None for entry in known.entries]
        return known.entries, chosen

    def all_of(self, archive: Archive) -> bool:
        """Tell whether every recording of an archive is wanted and counts."""
        return self == Wanted() and not archive.catalogue.replaced


@dataclass(frozen=True, eq=False)
class Pieces:
    """Runs of rows of shards.

    Attributes
    ----------
    shard : ndarray, shape (p,), bytes
        Id of the shard; pieces of one shard stand together.
    entry : ndarray, shape (p,), int64
        Number of the recording in the shard.
    first, last : ndarray, shape (p,), int64
        Frames of that recording.
    fresh : ndarray, shape (p,), int64
        First frame that is not only there for those after it.
    """

    shard: Ids
    entry: I64
    first: I64
    last: I64
    fresh: I64

    @classmethod
    def of(cls, shard: str, entry: I64, first: I64, last: I64, fresh: I64) -> Pieces:
        """Make pieces of one shard."""
        return cls(np.full(len(entry), shard.encode()), entry, first, last, fresh)

    def part(self, begin: int, end: int) -> Pieces:
        """Return those from one up to another."""
        columns = self.entry, self.first, self.last, self.fresh
        return Pieces(self.shard[begin:end], *(column[begin:end] for column in columns))

    def by_shard(self) -> list[tuple[str, slice]]:
        """Return each shard, and which pieces are of it."""
        if not len(self.shard):
            return []
        new = np.flatnonzero(self.shard[1:] != self.shard[:-1]) + 1
        borders = pairwise([0, *new.tolist(), len(self.shard)])
        return [(self.shard[begin].decode(), slice(begin, end)) for begin, end in borders]


@dataclass(frozen=True, eq=False)
class Places:
    """Valleys of the estimated cost.

    Attributes
    ----------
    shard : ndarray, shape (k,), bytes
        Id of the shard.
    keyword, entry, end : ndarray, shape (k,), int64
        Number of the keyword, of the recording in the shard, and the frame where the word ends.
    cost : ndarray, shape (k,), float32
        See `kwspot.archive.abreast.Estimate`.
    """

    shard: Ids
    keyword: I64
    entry: I64
    end: I64
    cost: F32

    def take(self, chosen: Mask | I64) -> Places:
        """Return some of them: which, or their numbers."""
        return Places(*(column[chosen] for column in self._columns()))

    def divided(self, size: int) -> Iterator[Places]:
        """Yield so many at a time, those of one keyword and shard after each other."""
        order = np.lexsort((self.entry, self.shard, self.keyword))
        return (self.take(order[at : at + size]) for at in range(0, len(order), size))

    def distinct(self, reach: int, count: int) -> I64:
        """Return the numbers of the best places, in order, but for those beside better ones.

        Parameters
        ----------
        reach : int
            Frames within which two places of a recording are beside each other.
        count : int
            How many to return at most.
        """
        kept: list[int] = []
        beside: dict[tuple[str, int], list[int]] = {}
        order = np.argsort(self.cost, kind="stable")
        for some in (order[at : at + count] for at in range(0, len(order), count)):
            columns = (column[some].tolist() for column in (self.shard, self.entry, self.end))
            for number, shard, entry, end in zip(some.tolist(), *columns, strict=True):
                others = beside.setdefault((shard, entry), [])
                if all(abs(end - other) > reach for other in others):
                    others.append(end)
                    kept.append(number)
                if len(kept) == count:
                    return np.array(kept, np.int64)
        return np.array(kept, np.int64)

    @classmethod
    def joined(cls, parts: Sequence[Places]) -> Places:
        """Join several."""
        ids, none = np.empty(0, "S1"), np.empty(0, np.int64)
        empty = cls(ids, none, none, none, np.empty(0, np.float32))
        columns = (part._columns() for part in (empty, *parts))
        return cls(*map(np.concatenate, zip(*columns, strict=True)))

    def _columns(self) -> tuple[Any, ...]:
        return self.shard, self.keyword, self.entry, self.end, self.cost


class Address(NamedTuple):
    """Where an archive is, and a hash of the shards that it had when a search began."""

    url: str
    version: str


_ARCHIVES: dict[Address, Archive] = {}
_KEPT = 8  # archives that stay open
_WINDOWS = 256  # places whose frames are in memory at once


def address(archive: Archive) -> Address:
    """Tell how functions that may run elsewhere find an archive as it is now."""
    shards = "".join(shard.id for shard in archive.shards)
    known = Address(archive.url, sha256(shards.encode()).hexdigest())
    _keep(known, archive)
    return known


def opened(where: Address) -> Archive:
    """Open an archive, once in each process for all searches of the same state."""
    if where not in _ARCHIVES:
        _keep(where, Archive.open(where.url))
    return _ARCHIVES[where]


def _keep(where: Address, archive: Archive) -> None:
    while len(_ARCHIVES) >= _KEPT and where not in _ARCHIVES:
        del _ARCHIVES[next(iter(_ARCHIVES))]
    _ARCHIVES[where] = archive


def read(archive: Archive, pieces: Pieces) -> tuple[F32, I64, F64]:
    """Return the frames of pieces, where each begins, and the state before it: see `Abreast.of`.

    Those that begin between two stored states take the nearer.
    """
    groups = pieces.by_shard()
    states = np.empty((len(pieces.entry), archive.front_end.dimensions + 3))
    row, source = np.empty_like(pieces.first), np.empty_like(pieces.first)
    for number, (name, those) in enumerate(groups):
        shard, entry, first = (
            archive.catalogue.shards[name],
            pieces.entry[those],
            pieces.first[those],
        )
        features_before, states_before = shard.before
        row[those], source[those] = features_before[entry] + first, number
        border = np.minimum((first + STRIDE // 2) // STRIDE, (shard.frames[entry] - 1) // STRIDE)
        states[those] = archive.rows(name, "states").take(states_before[entry] + border)
    features = [archive.rows(name, "features") for name, _ in groups]
    packed = Rows.gather(features, source, row, row + pieces.last - pieces.first)
    piece = np.concatenate([[0], np.cumsum(pieces.last - pieces.first)])
    return packing(archive.front_end).unpack(packed), piece, states


def settle(where: Address, keywords: Mapping[int, Keyword], places: Places) -> list[Found]:
    """Find what keywords exactly cost around places, as `kwspot.spot` would.

    Parameters
    ----------
    where : Address
        Of the archive.
    keywords : mapping of int to Keyword
        Those that are sought there, by their numbers.
    places : Places
        Where to look.

    Returns
    -------
    list of Found
        The best fit around each place.

    Notes
    -----
    O(length of the templates) for each place, twice, and up to 1024 frames of normalising.
    """
    archive, found = opened(where), []
    for number in np.unique(places.keyword).tolist():
        mine = places.take(places.keyword == number)
        order = np.lexsort((mine.end, mine.entry, mine.shard))
        for at in range(0, len(order), _WINDOWS):
            some = mine.take(order[at : at + _WINDOWS])
            found += _compared(archive, keywords[number], number, some)
    return found


def _compared(archive: Archive, keyword: Keyword, number: int, places: Places) -> list[Found]:
    """Return the best fit of a keyword around each place."""
    lengths = [len(one) for one in keyword.stream_templates()]
    rivals = [len(rival.within()) for rival in keyword.rivals]
    before, reach = 2 * max(lengths + rivals) + 2, max(3, int(np.median(lengths)) // 4)
    catalogue = archive.catalogue.shards
    rows = zip(places.shard.tolist(), places.entry.tolist(), strict=True)
    entries = [catalogue[shard.decode()].entries[entry] for shard, entry in rows]
    whole = np.array([entry.frames for entry in entries])
    low, high = np.maximum(places.end - 1 - reach, 0), np.minimum(places.end + reach, whole)
    first = np.maximum(low - before, 0)
    stored = first // STRIDE * STRIDE
    pieces = Pieces(places.shard, places.entry, stored, np.minimum(high + 2, whole), stored)
    windows = Windows(*read(archive, pieces), first - stored, low - stored, high - stored)
    fits = fit(keyword, windows, archive.front_end)
    ends, starts = (stored + fits.end + 1).tolist(), (stored + fits.start).tolist()
    return [
        Found(cost, entry.path, end, start, number, archive.url)
        for cost, entry, end, start in zip(fits.cost.tolist(), entries, ends, starts, strict=True)
    ]
