"""Which recordings an archive holds: the commit records of all shards, merged."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kwspot.archive.arrays import damaged
from kwspot.archive.shard import (
    FOLDER,
    Entry,
    Shard,
    record,
    record_key,
    shard_of,
    signed,
    unsigned,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kwspot.archive.store import Store

Mask = npt.NDArray[np.bool_]

MERGED = "catalogue.json"


class Catalogue:
    """All recordings of an archive, each path once.

    Of several recordings of one path, that of the latest modification counts: between two
    commits, one that has changed is there twice.

    Raises
    ------
    ArchiveError
        If a commit record is damaged.

    Attributes
    ----------
    shards : dict of str to Shard
        By id.
    entries : dict of str to Entry
        The recordings that count, by path. Both are in no order.

    Notes
    -----
    O(n) time and memory for n recordings: one listing, and one file if nothing was committed since
    the last index run ended.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.shards: dict[str, Shard] = {}
        self.entries: dict[str, Entry] = {}
        merged = unsigned(_read(store, MERGED)) or {"shards": []}
        known = {fields["shard"]: fields for fields in merged["shards"]}
        names = _listed(store)
        self._take(shard_of(known[name]) for name in names if name in known)
        self.refresh(names)

    def refresh(self, names: Sequence[str] | None = None) -> None:
        """Take in what was committed or removed since."""
        listed = _listed(self._store) if names is None else names
        new = (_load(self._store, name) for name in listed if name not in self.shards)
        self._take(shard for shard in new if shard)
        if len(self.shards) > len(listed):
            remaining = [self.shards[name] for name in listed if name in self.shards]
            self.shards, self.entries = {}, {}
            self._take(remaining)

    def _take(self, shards: Iterable[Shard]) -> None:
        for shard in shards:
            self.shards[shard.id] = shard
            for entry in shard.entries:
                other = self.entries.get(entry.path)
                if other is None or (entry.modified, entry.shard) > (other.modified, other.shard):
                    self.entries[entry.path] = entry
        for derived in ("by_id", "replaced", "seconds"):
            self.__dict__.pop(derived, None)

    def sorted(self) -> list[Entry]:
        """Return the recordings that count, by path."""
        return sorted(self.entries.values())

    @cached_property
    def by_id(self) -> dict[str, Entry]:
        """The recordings that count, by id."""
        return {entry.id: entry for entry in self.entries.values()}

    @cached_property
    def replaced(self) -> dict[str, Mask]:
        """Which recordings do not count, of each shard that holds such."""
        found: dict[str, Mask] = {}
        if sum(len(shard.entries) for shard in self.shards.values()) == len(self.entries):
            return found
        for name, shard in self.shards.items():
            old = np.array([self.entries[entry.path] != entry for entry in shard.entries])
            if old.any():
                found[name] = old
        return found

    @cached_property
    def seconds(self) -> float:
        """Length of all recordings that count."""
        return math.fsum(entry.seconds for entry in self.entries.values())

    def columns(self) -> dict[str, list[Any]]:
        """Return the recordings that count as columns, each a list; their ids come first."""
        entries = self.sorted()
        found = {name: [getattr(entry, name) for entry in entries] for name in Entry._fields}
        return {"id": [entry.id for entry in entries], **found}

    def to_pandas(self) -> Any:
        """Return the recordings that count as a `pandas.DataFrame`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        return pd.DataFrame(self.columns())

    def to_arrow(self) -> Any:
        """Return the recordings that count as a `pyarrow.Table`.

        Raises
        ------
        ImportError
            If pyarrow is not installed.
        """
        import pyarrow as pa

        return pa.table(self.columns())

    def merge(self) -> None:
        """Write all commit records into one file, so that the next to open the archive is quick."""
        content = {"shards": [record(self.shards[name]) for name in sorted(self.shards)]}
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
