"""Which recordings an archive holds: commit records, one for each shard, and all of them merged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import accumulate, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from kwspot.archive.arrays import Stored, damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kwspot.archive.store import Store

FOLDER = "catalogue"
MERGED = "catalogue.json"
_HEAD, _DIGITS = b'{"sha256":"', 64
_COLUMNS = ("path", "digest", "size", "modified", "rate", "seconds", "frames", "state")


class Entry(NamedTuple):
    """One recording of an archive.

    Attributes
    ----------
    path : str
        Where the recording was when it was indexed, absolute.
    digest : str
        SHA-256 of the file.
    size, modified : int
        Of the file: bytes, and nanoseconds since 1970.
    rate : float
        Sampling rate of the recording, Hz.
    seconds : float
        Length that was indexed.
    frames : int
        Feature frames.
    state : {"whole", "damaged"}
        Of a damaged one, only the beginning could be read.
    shard : str
        The shard that holds it.
    offset : int
        Its first frame in that shard.
    """

    path: str
    digest: str
    size: int
    modified: int
    rate: float
    seconds: float
    frames: int
    state: str
    shard: str = ""
    offset: int = 0

    @property
    def id(self) -> str:
        """What tells this recording from all others: a hash of its content and its path."""
        path = self.path.encode("utf-8", "surrogateescape")
        return sha256(self.digest.encode() + b"\0" + path).hexdigest()[:32]


@dataclass(frozen=True)
class Shard:
    """Recordings that were indexed and committed together; it never changes.

    Attributes
    ----------
    id : str
        A hash of the ids of its recordings.
    indexed : str
        When, ISO 8601 in UTC.
    entries : tuple of Entry
        In the order of their rows in the arrays. Those whose path has since been indexed again,
        or doubly by two writers, count no more: see `Catalogue`.
    arrays : mapping of str to Stored
    """

    id: str
    indexed: str
    entries: tuple[Entry, ...]
    arrays: Mapping[str, Stored]

    def key(self, array: str = "") -> str:
        """Return where its arrays lie, or one of them."""
        return f"shards/{self.id}/{array}".rstrip("/")

    @cached_property
    def frames(self) -> int:
        """Count the frames of all its recordings."""
        return sum(entry.frames for entry in self.entries)


def shard_id(entries: Iterable[Entry]) -> str:
    """Name a shard after its recordings, in their order."""
    return sha256("".join(entry.id for entry in entries).encode()).hexdigest()[:32]


def commit(store: Store, shard: Shard) -> None:
    """Make a shard, of which all arrays are written, part of the archive."""
    store.write(record_key(shard.id), signed(record(shard)))


def uncommit(store: Store, shard: str) -> None:
    """Take a shard out of the archive."""
    store.remove(record_key(shard))
    store.remove(f"shards/{shard}")


def record_key(shard: str) -> str:
    """Return where the commit record of a shard lies."""
    return f"{FOLDER}/{shard}.json"


def record(shard: Shard) -> dict[str, Any]:
    """Return what is written of a shard: the entries by column."""
    columns = zip(*(entry[: len(_COLUMNS)] for entry in shard.entries), strict=True)
    return {
        "shard": shard.id,
        "indexed": shard.indexed,
        "recordings": dict(zip(_COLUMNS, map(list, columns), strict=True)),
        "arrays": {name: stored._asdict() for name, stored in shard.arrays.items()},
    }


def shard_of(fields: Mapping[str, Any]) -> Shard:
    """Return the shard of a record."""
    columns = [fields["recordings"][name] for name in _COLUMNS]
    offsets = accumulate(columns[_COLUMNS.index("frames")], initial=0)
    rows = zip(*columns, repeat(fields["shard"]), offsets, strict=False)
    arrays = {
        name: Stored(**{**stored, "shape": tuple(stored["shape"])})
        for name, stored in fields["arrays"].items()
    }
    return Shard(fields["shard"], fields["indexed"], tuple(map(Entry._make, rows)), arrays)


def signed(content: Mapping[str, Any]) -> bytes:
    """Return JSON text that begins with the SHA-256 of the rest."""
    rest = b'","content":' + json.dumps(content, separators=(",", ":")).encode() + b"}\n"
    return _HEAD + sha256(rest).hexdigest().encode() + rest


def unsigned(text: bytes) -> dict[str, Any] | None:
    """Return the content of such a text, None if it is not what was written."""
    head, rest = text[: len(_HEAD) + _DIGITS], text[len(_HEAD) + _DIGITS :]
    if head != _HEAD + sha256(rest).hexdigest().encode():
        return None
    return dict(json.loads(text)["content"])


class Catalogue:
    """All recordings of an archive, each path once.

    Of several recordings of one path, that of the latest modification counts: between two
    commits, one that has changed is there twice.

    Raises
    ------
    ArchiveError
        If a commit record is damaged.

    Notes
    -----
    O(n) time and memory for n recordings: one listing, and one file if nothing was committed since
    the last index run ended.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.shards: dict[str, Shard] = {}
        merged = unsigned(_read(store, MERGED)) or {"shards": []}
        known = {fields["shard"]: fields for fields in merged["shards"]}
        names = _listed(store)
        self._take([shard_of(known[name]) for name in names if name in known])
        self.refresh(names)

    def refresh(self, names: Sequence[str] | None = None) -> None:
        """Take in what was committed or removed since."""
        listed = _listed(self._store) if names is None else names
        new = [_load(self._store, name) for name in listed if name not in self.shards]
        self._take([shard for shard in new if shard])
        if len(self.shards) > len(listed):
            kept = set(listed)
            remaining = [shard for name, shard in self.shards.items() if name in kept]
            self.shards = {}
            self._take(remaining)

    def _take(self, shards: Iterable[Shard]) -> None:
        self.shards.update((shard.id, shard) for shard in shards)
        self.shards = dict(sorted(self.shards.items()))
        self.__dict__.pop("entries", None)

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The recordings that count, by path, sorted."""
        found: dict[str, Entry] = {}
        for entry in self:
            other = found.get(entry.path)
            if other is None or (entry.modified, entry.shard) > (other.modified, other.shard):
                found[entry.path] = entry
        return dict(sorted(found.items()))

    def __iter__(self) -> Iterator[Entry]:
        """Yield all recordings, those that do not count too."""
        for shard in self.shards.values():
            yield from shard.entries

    def merge(self) -> None:
        """Write all commit records into one file, so that the next to open the archive is quick."""
        content = {"shards": [record(shard) for shard in self.shards.values()]}
        self._store.write(MERGED, signed(content))


def _listed(store: Store) -> list[str]:
    """List the shards that are committed."""
    names = store.names(FOLDER)
    return [name.removesuffix(".json") for name in names if name.endswith(".json")]


def _load(store: Store, name: str) -> Shard | None:
    """Read a commit record; None if it was removed since it was listed."""
    text = _read(store, record_key(name))
    if not text:
        return None
    fields = unsigned(text)
    if fields is None:
        raise damaged(store, record_key(name), "its checksum is wrong")
    return shard_of(fields)


def _read(store: Store, key: str) -> bytes:
    try:
        return store.read(key)
    except FileNotFoundError:
        return b""
