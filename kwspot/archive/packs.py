"""The codes of many shards in few large files, so that a search need not open thousands."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive import segments
from kwspot.archive.arrays import Rows, Stored, group_file, read_chunk, write_array
from kwspot.archive.packing import packing
from kwspot.archive.shard import signed, unsigned
from kwspot.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kwspot.archive.shard import Shard
    from kwspot.archive.store import Store
    from kwspot.features import FrontEnd

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

FOLDER, ROOT = "packs", "packs/zarr.json"
MOST = 128  # shards of a pack, as their names happen to be spread


class Pack(NamedTuple):
    """Shards whose codes are searched together.

    Attributes
    ----------
    folder : str
        Where its arrays lie: its own, or that of a shard that is in no pack.
    shards : tuple of str
        In the order of their rows.
    arrays : tuple of (str, Stored)
        One for each length of segments.
    """

    folder: str
    shards: tuple[str, ...]
    arrays: tuple[tuple[str, Stored], ...]

    def placed(self) -> list[tuple[str, Stored]]:
        """Return where each array lies, and what it is."""
        return [(f"{self.folder}/{name}", stored) for name, stored in self.arrays]


@dataclass(frozen=True, eq=False)
class Contents:
    """The recordings of a pack, in the order of their rows.

    Attributes
    ----------
    shard, entry : ndarray, shape (r,), int64
        Number of the shard in the pack, and of the recording in the shard.
    frames : ndarray, shape (r,), int64
    """

    shard: I64
    entry: I64
    frames: I64

    @classmethod
    def of(cls, shards: Iterable[Shard]) -> Contents:
        """List the recordings of shards."""
        frames = [shard.frames for shard in shards]
        counts = [len(some) for some in frames]
        entry = [np.arange(count) for count in counts]
        shard = np.repeat(np.arange(len(counts)), counts)
        return cls(shard, np.concatenate(entry), np.concatenate(frames))


class Packs:
    """The codes of an archive's segments, as they lay together when it was asked.

    Parameters
    ----------
    store : Store
        Where the archive is.
    shards : mapping of str to Shard
        What was committed.

    Attributes
    ----------
    every : tuple of Pack
        Each shard that has codes is in one of them; the large ones come first.
    bare : tuple of str
        Shards without codes, which an earlier version wrote, until the next index run.
    """

    def __init__(self, store: Store, shards: Mapping[str, Shard]) -> None:
        self._store, self._shards = store, dict(shards)
        self.every, self.bare = _cover(store, shards)
        self._chunk = lru_cache(store.kept)(self._read)
        self.contents = lru_cache(store.kept)(self._list)

    def of(self, shards: Mapping[str, Shard]) -> bool:
        """Tell whether they are of these shards."""
        return self._shards.keys() == shards.keys()

    def codes(self, pack: Pack, length: int) -> U8:
        """Return the codes of segments of one length, flat, as they are laid out for search.

        Raises
        ------
        ArchiveError
            If they are damaged.
        """
        name = segments.array(length)
        return self._chunk(pack.folder, pack.shards, name, dict(pack.arrays)[name])

    def _read(self, folder: str, shards: tuple[str, ...], name: str, stored: Stored) -> U8:
        try:
            return read_chunk(self._store, f"{folder}/{name}", stored)
        except ArchiveError:
            if not folder.startswith(FOLDER) or self._store.names(folder):
                raise
        # another writer has merged it with others meanwhile: its shards have the same
        length = int(name.rpartition("-")[2])
        members = [self._shards[one] for one in shards]
        parts = [_stored(self._store, shard, length) for shard in members]
        return segments.rejoined(parts, _counts(members, length)).reshape(-1)

    def _list(self, pack: Pack) -> Contents:
        return Contents.of(self._shards[name] for name in pack.shards)


def merge(store: Store, shards: Mapping[str, Shard], front_end: FrontEnd) -> None:
    """Bring the packs of an archive up to date with its shards.

    What belongs together follows from the names of the shards, and so does the name of a pack:
    whoever merges the same shards writes the same, and packs that are there stay.

    Parameters
    ----------
    store : Store
        Where the archive is.
    shards : mapping of str to Shard
        All that was committed.
    front_end : FrontEnd
        Of the archive.

    Notes
    -----
    O(rows) for packs whose shards have changed.
    """
    if not segments.lengths(front_end.name):
        return
    wanted = {}
    for group in groups(shards):
        members = [shards[name] for name in group]
        if len(members) > 1 or not _has_codes(members[0]):
            wanted[pack_id(group)] = members
    there = set(names(store))
    for name, members in wanted.items():
        if name not in there or read_pack(store, name) is None:
            _write(store, name, members, front_end)
    for name in there - set(wanted):
        remove(store, name)


def names(store: Store) -> list[str]:
    """List the packs of an archive, also those that are being written."""
    return [name for name in store.names(FOLDER) if name != "zarr.json"]


def remove(store: Store, name: str) -> None:
    """Remove a pack; its shards hold the same."""
    store.remove(f"{FOLDER}/{name}/zarr.json")
    store.remove(f"{FOLDER}/{name}")


def groups(shards: Iterable[str]) -> list[tuple[str, ...]]:
    """Divide shards into packs, by how their names begin.

    Examples
    --------
    >>> [len(group) for group in groups(f"{number:032x}" for number in range(100))]
    [100]
    """
    every = sorted(shards)
    bits = max(0, (len(every) - 1) // MOST).bit_length()
    found = defaultdict(list)
    for name in every:
        found[int(name[:8], 16) >> (32 - bits)].append(name)
    return [tuple(group) for group in found.values()]


def pack_id(shards: Iterable[str]) -> str:
    """Name a pack after its shards, in their order."""
    return sha256("".join(shards).encode()).hexdigest()[:32]


def read_pack(store: Store, name: str) -> Pack | None:
    """Return a pack, None if it was not written to its end or what tells of it is damaged."""
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        attributes = json.loads(store.read(f"{FOLDER}/{name}/zarr.json"))["attributes"]
        text = signed(attributes["content"])
        fields = unsigned(text)
        if fields is not None and json.loads(text) == attributes:
            arrays = sorted(
                (array, Stored(**{**stored, "shape": tuple(stored["shape"])}))
                for array, stored in fields["arrays"].items()
            )
            return Pack(f"{FOLDER}/{name}", tuple(fields["shards"]), tuple(arrays))
    return None


def pack_file(pack: Pack) -> bytes:
    """Return the ``zarr.json`` of a pack, which is written last and makes it count."""
    arrays = {name: stored._asdict() for name, stored in pack.arrays}
    return group_file(json.loads(signed({"shards": pack.shards, "arrays": arrays})))


def _cover(store: Store, shards: Mapping[str, Shard]) -> tuple[tuple[Pack, ...], tuple[str, ...]]:
    """Choose packs and single shards, so that each shard is in one; also tell which cannot be."""
    packs = [read_pack(store, name) for name in (names(store) if shards else [])]
    chosen: list[Pack] = []
    covered: set[str] = set()
    for pack in sorted(filter(None, packs), key=lambda pack: (-len(pack.shards), pack.folder)):
        own = set(pack.shards)
        if own <= shards.keys() and not own & covered:
            chosen.append(pack)
            covered |= own
    rest = [shards[name] for name in sorted(shards.keys() - covered)]
    for shard in rest:
        if _has_codes(shard):
            arrays = [(name, stored) for name, stored in shard.arrays.items() if _coded(name)]
            chosen.append(Pack(shard.key(), (shard.id,), tuple(arrays)))
    return tuple(chosen), tuple(shard.id for shard in rest if not _has_codes(shard))


def _coded(array: str) -> bool:
    return array.startswith(segments.array(0)[:-1])


def _has_codes(shard: Shard) -> bool:
    return any(map(_coded, shard.arrays))


def _write(store: Store, name: str, members: Sequence[Shard], front_end: FrontEnd) -> None:
    """Write a pack: the arrays first, then what makes it count."""
    folder = f"{FOLDER}/{name}"
    parts, arrays = [_own(store, shard, front_end) for shard in members], []
    for length in segments.lengths(front_end.name):
        codes = segments.rejoined([part[length] for part in parts], _counts(members, length))
        array = segments.array(length)
        arrays.append((array, write_array(store, f"{folder}/{array}", codes, packed=False)))
    store.write(ROOT, group_file({}))
    pack = Pack(folder, tuple(shard.id for shard in members), tuple(arrays))
    store.write(f"{folder}/zarr.json", pack_file(pack))


def _own(store: Store, shard: Shard, front_end: FrontEnd) -> dict[int, U8]:
    """Return the codes of a shard, as it holds them, or computed from its features."""
    if _has_codes(shard):
        return {
            length: _stored(store, shard, length) for length in segments.lengths(shard.front_end)
        }
    rows, scale = Rows(store, shard.key("features"), shard.arrays["features"]), packing(front_end)
    parts = [
        segments.encode(
            scale.unpack(rows[entry.offset : entry.offset + entry.frames]), front_end.name
        )
        for entry in shard.entries
    ]
    return segments.layout(parts)


def _stored(store: Store, shard: Shard, length: int) -> U8:
    """Return the codes of a shard."""
    name = segments.array(length)
    return Rows(store, shard.key(name), shard.arrays[name])[:]


def _counts(shards: Iterable[Shard], length: int) -> list[int]:
    """Return how many rows of codes there are in each shard."""
    return [int(segments.counts(shard.frames, length, shard.front_end).sum()) for shard in shards]
