"""Where in a shard keywords may be: from estimates to exact costs."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive.archive import Archive
from kwspot.archive.hits import Found
from kwspot.archive.packing import packing
from kwspot.archive.sieve import MARGIN, Heard, Sieve
from kwspot.archive.states import STRIDE
from kwspot.match.agreement import Contest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.archive.shard import Entry
    from kwspot.keyword import Keyword

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
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
        known, live = archive.catalogue.shards[shard], archive.catalogue.entries
        early = bool(self.since) and known.indexed < self.since
        chosen = np.zeros(len(known.entries), np.bool_)
        for number, entry in enumerate(known.entries):
            counts = live.get(entry.path) == entry and not early
            chosen[number] = counts and self._fits(entry.path)
        return known.entries, chosen

    def _fits(self, path: str) -> bool:
        return not self.paths or any(fnmatchcase(path, pattern) for pattern in self.paths)


class Target(NamedTuple):
    """What is sought, and the cost around which it is to be estimated best."""

    keyword: Keyword
    share: float


@dataclass(frozen=True, eq=False)
class Pieces:
    """Runs of rows of a shard.

    Attributes
    ----------
    entry : ndarray, shape (p,), int64
        Number of the recording in the shard.
    first, last : ndarray, shape (p,), int64
        Frames of that recording.
    fresh : ndarray, shape (p,), int64
        First frame that is not only there for those after it.
    """

    entry: I64
    first: I64
    last: I64
    fresh: I64


@dataclass(frozen=True, eq=False)
class Places:
    """Valleys of the estimated cost in a shard.

    Attributes
    ----------
    shard : str
    keyword, entry, end : ndarray, shape (k,), int64
        Number of the keyword, of the recording in the shard, and the frame where the word ends.
    cost : ndarray, shape (k,), float32
        See `Sieve`.
    """

    shard: str
    keyword: I64
    entry: I64
    end: I64
    cost: F32

    def take(self, chosen: Mask) -> Places:
        """Return some of them."""
        return Places(
            self.shard,
            self.keyword[chosen],
            self.entry[chosen],
            self.end[chosen],
            self.cost[chosen],
        )

    @classmethod
    def joined(cls, shard: str, parts: Sequence[Places]) -> Places:
        """Join parts of one shard."""
        none = np.empty(0, np.int64)
        return cls(
            shard,
            np.concatenate([none, *(part.keyword for part in parts)]),
            np.concatenate([none, *(part.entry for part in parts)]),
            np.concatenate([none, *(part.end for part in parts)]),
            np.concatenate([np.empty(0, np.float32), *(part.cost for part in parts)]),
        )


class Address(NamedTuple):
    """Where an archive is, and a hash of the shards that it had when a search began."""

    url: str
    version: str


_ARCHIVES: dict[Address, Archive] = {}
_KEPT = 8  # archives that stay open


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


def hear(archive: Archive, shard: str, pieces: Pieces) -> Heard:
    """Read pieces of a shard. Those that begin between two stored states take the nearer."""
    known = archive.catalogue.shards[shard]
    entries = known.entries
    rows, states = archive.rows(shard, "features"), archive.rows(shard, "states")
    offset = np.array([entry.offset for entry in entries])[pieces.entry]
    begin, end = pieces.first + offset, pieces.last + offset
    low = int(begin.min())
    # Unpacking what lies between costs less than a call for each piece.
    packed = rows[low : int(end.max())]
    if (begin[1:] != end[:-1]).any():
        spans = zip((begin - low).tolist(), (end - low).tolist(), strict=True)
        packed = np.concatenate([packed[a:b] for a, b in spans])
    borders = np.array([entry.frames for entry in entries])[pieces.entry]
    border = np.minimum((pieces.first + STRIDE // 2) // STRIDE, (borders - 1) // STRIDE)
    before = np.array([known.state_rows[entry.path] for entry in entries])[pieces.entry]
    state = np.asarray(states[:])[before + border]
    piece = np.concatenate([[0], np.cumsum(pieces.last - pieces.first)])
    return Heard.of(packing(archive.front_end).unpack(packed), piece, state, archive.front_end)


def valleys(cost: F32, heard: Heard, pieces: Pieces, length: int, count: int) -> tuple[I64, I64]:
    """Return the pieces and the rows of the best valleys of a cost, and of those nearly as good.

    Parameters
    ----------
    cost : ndarray, shape (n,), float32
        Estimated cost at each row.
    heard, pieces : Heard, Pieces
        What the rows are.
    length : int
        Frames of a typical template: valleys are a quarter of it apart.
    count : int
        How many are wanted.

    Returns
    -------
    piece, row : ndarray, shape (k,), int64
        Those whose cost is at most that of the best `count`, plus a margin.
    """
    reach = max(2, length // 4)
    rank = min(len(cost) - 1, 4 * reach * count)
    low = np.flatnonzero(cost <= np.partition(cost, rank)[rank])
    piece = np.searchsorted(heard.piece, low, side="right") - 1
    begin, end = heard.piece[piece], heard.piece[piece + 1]
    near = low[:, None] + np.arange(-reach, reach + 1)
    around = cost[np.clip(near, begin[:, None], end[:, None] - 1)]
    fresh = low - begin + pieces.first[piece] >= pieces.fresh[piece]
    bottom = (cost[low] <= around.min(axis=1)) & fresh
    low, piece = low[bottom], piece[bottom]
    if len(low) > count:
        limit = np.partition(cost[low], count - 1)[count - 1] + MARGIN
        low, piece = low[cost[low] <= limit], piece[cost[low] <= limit]
    return piece, low


def sifted(
    heard: Heard, pieces: Pieces, shard: str, target: Target, number: int, count: int
) -> Places:
    """Estimate what a keyword costs in pieces of a shard, and return the best places."""
    cost = Sieve(target.keyword, target.share).costs(heard)
    length = int(np.median([len(one) for one in target.keyword.stream_templates()]))
    piece, row = valleys(cost, heard, pieces, length, count)
    end = row - heard.piece[piece] + pieces.first[piece] + 1
    return Places(shard, np.full(len(row), number), pieces.entry[piece], end, cost[row])


def settle(where: Address, keywords: Sequence[Keyword], places: Places) -> list[Found]:
    """Find what keywords exactly cost around places of one shard, as `kwspot.spot` would.

    Parameters
    ----------
    where : Address
        Of the archive.
    keywords : sequence of Keyword
        All that are sought.
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
    archive = opened(where)
    entries = archive.catalogue.shards[places.shard].entries
    found = []
    for number in np.unique(places.keyword).tolist():
        exact = _Exact(keywords[number])
        mine = places.keyword == number
        for entry, end in zip(places.entry[mine].tolist(), places.end[mine].tolist(), strict=True):
            found.append(exact(archive, entries[entry], number, end))
    return found


class _Exact:
    """A keyword, ready to be compared with places."""

    def __init__(self, keyword: Keyword) -> None:
        self._prior = keyword.prior
        self._templates = keyword.stream_templates()
        self._rivals = [rival.within() for rival in keyword.rivals]
        self._margin = keyword.calibration.weights.margin
        self._longest = max(len(one) for one in (*self._templates, *self._rivals))
        self._reach = max(3, int(np.median([len(one) for one in self._templates])) // 4)

    def __call__(self, archive: Archive, entry: Entry, number: int, end: int) -> Found:
        low = max(0, end - 1 - self._reach)
        high = min(entry.frames, end + self._reach)
        first = max(0, low - 2 * self._longest - 2)
        heard = archive.normalised(entry, self._prior, first, min(entry.frames, high + 2))
        contest = Contest(self._templates, self._rivals, self._margin)
        parts = contest.feed(heard), contest.finish()
        cost, start = (np.concatenate(part) for part in zip(*parts, strict=True))
        at = low - first + int(np.argmin(cost[low - first : high - first]))
        begin = first + int(start[at])
        return Found(float(cost[at]), entry.path, first + at + 1, begin, number, archive.url)
