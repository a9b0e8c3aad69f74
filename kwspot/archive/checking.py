"""Verify every byte of an archive, and mend it from what is left or from the audio."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from kwspot.archive import packs
from kwspot.archive.arrays import Rows, array_file, chunk_key, group_file
from kwspot.archive.catalogue import MERGED, Catalogue
from kwspot.archive.indexing import ABANDONED, listen, look, write_shard
from kwspot.archive.root import ROOT, SHARDS, read_root, root_file
from kwspot.archive.shard import (
    FOLDER,
    record_key,
    shard_file,
    shard_of,
    signed,
    uncommit,
    unsigned,
)
from kwspot.archive.store import store_at
from kwspot.audio import digest
from kwspot.errors import ArchiveError, KwspotError
from kwspot.features import front_end as front_end_named

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from kwspot.archive.arrays import Stored
    from kwspot.archive.packing import I8
    from kwspot.archive.shard import Entry, Shard
    from kwspot.archive.store import Store
    from kwspot.features import FrontEnd

_WRONG = "its checksum is wrong"


class Finding(NamedTuple):
    """A file of an archive that is not what was written."""

    key: str
    why: str


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes
    ----------
    files : int
        How many files were compared with their checksums.
    findings : tuple of Finding
        Files that were damaged. They have been mended, but for what is lost.
    lost : tuple of str
        Recordings that are no more in the archive: nor is their audio there any more.
    swept : tuple of str
        Files that writers left behind which did not end well; they are removed.
    """

    files: int
    findings: tuple[Finding, ...]
    lost: tuple[str, ...]
    swept: tuple[str, ...]


def check(
    url: str | os.PathLike[str], *, progress: Callable[[float], None] | None = None
) -> Checked:
    """Compare every file of an archive with its checksum, and mend what is damaged.

    Parameters
    ----------
    url : path or str
        The archive.
    progress : callable, optional
        Told the fraction that is done.

    Returns
    -------
    Checked
        What was found.

    Raises
    ------
    ArchiveError
        If there is no archive, or nothing tells any more what front end made it.

    Notes
    -----
    What is computed from the features is computed anew; features that cannot be decoded are made
    again where the audio is still what was indexed. O(n) time; others may go on to write.

    Examples
    --------
    >>> import tempfile
    >>> from kwspot.archive import Archive
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     archive = Archive.create(folder, front_end="cepstra")
    ...     check(folder).findings
    ()
    """
    store = store_at(url)
    inspection = _Inspection(store)
    shards = inspection.records()
    ear = front_end_named(_front_end(store, shards))
    for done, shard in enumerate(shards, 1):
        inspection.shard(shard, ear)
        if progress:
            progress(done / len(shards))
    inspection.rest(ear.name)
    inspection.packs(ear)
    inspection.sweep()
    return inspection.result()


class _Inspection:
    """One check under way."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.files = 0
        self.findings: list[Finding] = []
        self.lost: list[str] = []
        self.swept: list[str] = []

    def result(self) -> Checked:
        """Return what was found."""
        return Checked(
            self.files, tuple(self.findings), tuple(sorted(self.lost)), tuple(sorted(self.swept))
        )

    def records(self) -> list[Shard]:
        """Check the commit records, each of which has a copy with the arrays of its shard."""
        found = []
        for file in self.store.names(FOLDER):
            key = f"{FOLDER}/{file}"
            self.files += 1
            fields = unsigned(self._read(key))
            if fields is None:
                self.findings.append(Finding(key, _WRONG))
                fields = self._copy(file.removesuffix(".json"))
            if fields is None:
                uncommit(self.store, file.removesuffix(".json"))
                self.lost.append(f"all recordings of {key}")
                continue
            if signed(fields) != self._read(key):
                self.store.write(key, signed(fields))
            found.append(shard_of(fields))
        return found

    def _copy(self, name: str) -> dict[str, Any] | None:
        """Return the copy of a commit record, None if it is damaged too."""
        with suppress(ValueError, KeyError, TypeError):
            attributes = json.loads(self._read(f"shards/{name}/zarr.json"))["attributes"]
            content = attributes["content"]
            if json.loads(signed(content)) == attributes:
                return dict(content)
        return None

    def rest(self, front_end: str) -> None:
        """Check the files that there is one of."""
        for key, expected in ((ROOT, root_file(front_end)), (SHARDS, group_file({}))):
            self._compare(key, expected)
        merged = self._read(MERGED)
        self.files += bool(merged)
        if merged and unsigned(merged) is None:
            self.findings.append(Finding(MERGED, _WRONG))
            self.store.remove(MERGED)
        Catalogue(self.store).merge()

    def packs(self, ear: FrontEnd) -> None:
        """Check the packs, and write anew what is damaged or missing."""
        for name in packs.names(self.store):
            pack, key = packs.read_pack(self.store, name), f"{packs.FOLDER}/{name}/zarr.json"
            if pack is None and not self._read(key):
                continue  # somebody is writing it, or was killed
            self.files += 1
            broken = pack is None
            if broken:
                self.findings.append(Finding(key, _WRONG))
            for key, stored in pack.placed() if pack else ():
                broken |= self._array(key, stored)
            if broken:
                packs.remove(self.store, name)
        packs.merge(self.store, Catalogue(self.store).shards, ear)
        if packs.names(self.store):
            self._compare(packs.ROOT, group_file({}))

    def _array(self, key: str, stored: Stored) -> bool:
        """Check the files of an array; tell whether its chunk is damaged."""
        self._compare(f"{key}/zarr.json", array_file(stored))
        self.files += 1
        if sha256(self._read(chunk_key(key, stored))).hexdigest() == stored.sha256:
            return False
        self.findings.append(Finding(chunk_key(key, stored), _WRONG))
        return True

    def _compare(self, key: str, expected: bytes) -> None:
        """Check a file whose content is known, and write it again if need be."""
        self.files += 1
        if self._read(key) != expected:
            self.findings.append(Finding(key, _WRONG))
            self.store.write(key, expected)

    def shard(self, shard: Shard, ear: FrontEnd) -> None:
        """Check the files of a shard."""
        self._compare(shard.key("zarr.json"), shard_file(shard))
        broken = False
        for name, stored in shard.arrays.items():
            broken |= self._array(shard.key(name), stored)
        if broken:
            self._mend(shard, ear)

    def _mend(self, shard: Shard, ear: FrontEnd) -> None:
        """Write a shard again, from the features or the audio; what is lost is left out."""
        kept, parts = [], []
        for entry in shard.entries:
            part = self._stored(shard, entry)
            if part is None:
                part = _heard(entry, ear)
            if part is None:
                self.lost.append(entry.path)
            else:
                kept.append(entry)
                parts.append(part)
        name = write_shard(self.store, kept, parts, ear, indexed=shard.indexed).id if kept else ""
        if name != shard.id:
            uncommit(self.store, shard.id)

    def _stored(self, shard: Shard, entry: Entry) -> I8 | None:
        """Return the packed features of a recording, None if they are damaged."""
        with suppress(ArchiveError):
            rows = Rows(self.store, shard.key("features"), shard.arrays["features"])
            return rows[entry.offset : entry.offset + entry.frames]
        return None

    def sweep(self) -> None:
        """Remove what belongs to no shard and is so old that nobody is still writing it."""
        shards = Catalogue(self.store).shards.values()
        known = {ROOT, SHARDS, MERGED, *(record_key(shard.id) for shard in shards)}
        for shard in shards:
            known.add(shard.key("zarr.json"))
            for name, stored in shard.arrays.items():
                key = shard.key(name)
                known |= {f"{key}/zarr.json", chunk_key(key, stored)}
        for pack in filter(None, (packs.read_pack(self.store, n) for n in packs.names(self.store))):
            known |= {packs.ROOT, f"{pack.folder}/zarr.json"}
            for key, stored in pack.placed():
                known |= {f"{key}/zarr.json", chunk_key(key, stored)}
        for key, age in self.store.files():
            if key not in known and age > ABANDONED:
                self.store.remove(key)
                self.swept.append(key)

    def _read(self, key: str) -> bytes:
        """Return the content of a file, nothing if it is missing."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return self.store.read(key)
        return b""


def _front_end(store: Store, shards: list[Shard]) -> str:
    """Return the front end of an archive, which every commit record tells too."""
    try:
        return read_root(store)
    except ArchiveError:
        if not shards:
            raise
        return shards[0].front_end


def _heard(entry: Entry, ear: FrontEnd) -> I8 | None:
    """Compute the features of a recording again, None if the audio is no more what it was."""
    with suppress(KwspotError, OSError):
        if digest(entry.path) == entry.digest:
            return listen(look(entry.path), entry.digest, ear)[1]
    return None
