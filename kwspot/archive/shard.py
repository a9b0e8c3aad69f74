"""What is committed at once: recordings, their arrays, and the record that makes them count."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import accumulate, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive.arrays import Stored, group_file
from kwspot.archive.states import STRIDE, count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kwspot.archive.store import Store

FOLDER = "catalogue"
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
    front_end : str
        Name of the front end of its features.
    entries : tuple of Entry
        In the order of their rows in the arrays. Those whose path has since been indexed again,
        or doubly by two writers, count no more: see `Catalogue`.
    arrays : mapping of str to Stored
    """

    id: str
    indexed: str
    front_end: str
    entries: tuple[Entry, ...]
    arrays: Mapping[str, Stored]

    def key(self, array: str = "") -> str:
        """Return where its arrays lie, or one of them."""
        return f"shards/{self.id}/{array}".rstrip("/")

    @cached_property
    def frames(self) -> npt.NDArray[np.int64]:
        """Frames of each recording, shape (r,)."""
        return np.array([entry.frames for entry in self.entries], np.int64)

    @cached_property
    def before(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows of features, and of states, before those of each recording, both of shape (r,)."""
        states = -(-self.frames // STRIDE)
        return np.cumsum(self.frames) - self.frames, np.cumsum(states) - states

    @cached_property
    def state_rows(self) -> dict[str, int]:
        """Where the states of each path's recording begin in the array ``states``."""
        rows = accumulate((count(entry.frames) for entry in self.entries), initial=0)
        return {entry.path: row for entry, row in zip(self.entries, rows, strict=False)}


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
        "front_end": shard.front_end,
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
    entries = tuple(map(Entry._make, rows))
    return Shard(fields["shard"], fields["indexed"], fields["front_end"], entries, arrays)


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


def shard_file(shard: Shard) -> bytes:
    """Return the ``zarr.json`` of a shard, in which there is a copy of its commit record."""
    return group_file(json.loads(signed(record(shard))))
