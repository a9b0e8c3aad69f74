"""From files to a committed shard: one call for each batch of files, on any machine."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive import segments
from kwspot.archive.arrays import write_array
from kwspot.archive.packing import packing
from kwspot.archive.shard import Entry, Shard, commit, shard_file, shard_id
from kwspot.archive.states import states
from kwspot.archive.store import store_at
from kwspot.audio import digest, streamed
from kwspot.errors import AudioError, KwspotError
from kwspot.features import front_end as front_end_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kwspot.archive.packing import I8
    from kwspot.archive.store import Store
    from kwspot.features import FrontEnd

Array = npt.NDArray[Any]
F32 = npt.NDArray[np.float32]

MOST = 1024  # recordings in a shard
_BLOCK_SECONDS = 10  # of sound, whose features are computed at once
ABANDONED = 3600.0  # seconds after which nobody will commit what was written


class Item(NamedTuple):
    """A file to index, as the file system tells of it: bytes, and nanoseconds since 1970."""

    path: str
    size: int
    modified: int


class Failure(NamedTuple):
    """A file that could not be indexed, or only in part: what was found and what to do."""

    path: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Report:
    """What became of files.

    Attributes
    ----------
    added : tuple of Entry
        Recordings that are new, or have changed.
    unchanged : tuple of str
        Paths whose content is indexed already.
    removed : tuple of str
        Paths that are gone, and so are their recordings.
    failures : tuple of Failure
        Files of which nothing could be indexed.
    doubts : tuple of Failure
        Files of which only a part could be.
    bytes : int
        Length of what was written for them.
    """

    added: tuple[Entry, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    doubts: tuple[Failure, ...] = ()
    bytes: int = 0

    @property
    def seconds(self) -> float:
        """Length of the sound that was added."""
        return sum(entry.seconds for entry in self.added)

    @classmethod
    def joined(cls, reports: Iterable[Report]) -> Report:
        """Make one report of several; its paths are sorted.

        Parameters
        ----------
        reports : iterable of Report
            Of several batches.
        """
        several = list(reports)
        return cls(
            tuple(sorted(entry for report in several for entry in report.added)),
            tuple(sorted(path for report in several for path in report.unchanged)),
            tuple(sorted(path for report in several for path in report.removed)),
            tuple(sorted(failure for report in several for failure in report.failures)),
            tuple(sorted(doubt for report in several for doubt in report.doubts)),
            sum(report.bytes for report in several),
        )


def look(path: str | os.PathLike[str]) -> Item:
    """Return the size and age of a file, under its absolute path.

    Raises
    ------
    OSError
        If there is none.
    """
    place = os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow links
    about = os.stat(place)  # noqa: PTH116
    return Item(place, about.st_size, about.st_mtime_ns)


def batches(items: Sequence[Item], most_bytes: int) -> list[tuple[Item, ...]]:
    """Divide files into batches, each to become a shard; a large file is one alone.

    The same files always come together, so that a run that was cut short goes on with the same
    shards.

    Examples
    --------
    >>> [len(batch) for batch in batches([Item(str(i), 400, 0) for i in range(5)], 1000)]
    [2, 2, 1]
    """
    found: list[list[Item]] = []
    room = 0
    for item in items:
        if not found or item.size > room or len(found[-1]) == MOST:
            found.append([])
            room = most_bytes
        found[-1].append(item)
        room -= item.size
    return [tuple(batch) for batch in found]


def index_batch(
    url: str, front_end: str, batch: Sequence[Item], known: Mapping[str, Entry]
) -> Report:
    """Index files and commit them as one shard.

    Parameters
    ----------
    url : str
        The archive.
    front_end : str
        Name of its front end.
    batch : sequence of Item
        The files.
    known : mapping of str to Entry
        Those of paths that are indexed already; with the same size and age, or the same content,
        they are passed over.

    Returns
    -------
    Report
        What became of each file; none makes this fail.

    Raises
    ------
    KwspotError
        If the archive cannot be written.

    Notes
    -----
    A pure function of the files' content and paths, but for the time that it writes down: whoever
    does it again writes the same. O(n) time for n samples; memory for the features of all.
    """
    ear = front_end_named(front_end)
    entries: list[Entry] = []
    parts: list[I8] = []
    unchanged, failures, doubts = [], [], []
    for item in batch:
        before = known.get(item.path)
        if before is not None and (item.size, item.modified) == (before.size, before.modified):
            unchanged.append(item.path)
            continue
        try:
            content = digest(item.path)
            if before is not None and before.digest == content:
                unchanged.append(item.path)
                continue
            entry, packed, doubt = listen(item, content, ear)
        except KwspotError as error:
            failures.append(Failure(item.path, str(error), error.hint))
            continue
        doubts += doubt
        entries.append(entry)
        parts.append(packed)
    written = 0
    if entries:
        shard = write_shard(store_at(url), entries, parts, ear)
        entries = list(shard.entries)
        written = sum(stored.length for stored in shard.arrays.values())
    return Report(tuple(entries), tuple(unchanged), (), tuple(failures), tuple(doubts), written)


def listen(item: Item, content: str, ear: FrontEnd) -> tuple[Entry, I8, list[Failure]]:
    """Compute the features of a file; also tell what is doubtful about it.

    Raises
    ------
    AudioError, MissingExtra
        If it cannot be read, or changes meanwhile.
    """
    doubts: list[str] = []
    with streamed(item.path, rate=ear.rate, doubt=doubts.append) as (rate, pieces):
        packed, samples = _packed(_blocks(pieces, _BLOCK_SECONDS * ear.rate), ear)
    if look(item.path) != item:
        raise AudioError(
            f"{item.path} changed while it was read", hint="index it again when it is complete"
        )
    state = "damaged" if doubts else "whole"
    seconds = round(samples / ear.rate, 6)
    entry = Entry(
        item.path, content, item.size, item.modified, float(rate), seconds, len(packed), state
    )
    return entry, packed, [Failure(item.path, doubt) for doubt in doubts]


def _packed(blocks: Iterator[F32], ear: FrontEnd) -> tuple[I8, int]:
    """Return the packed features of samples that come in blocks, and how many samples came."""
    scale = packing(ear)
    first, second = next(blocks), next(blocks, None)
    if second is None:  # what is short is quicker at once, and the same
        return scale.pack(ear(first)), len(first)
    stream = ear.stream()
    samples, parts = 0, []
    for block in chain([first, second], blocks):
        samples += len(block)
        parts.append(scale.pack(stream.feed(block)))
    parts.append(scale.pack(stream.finish()))
    return np.concatenate(parts), samples


def _blocks(pieces: Iterable[F32], size: int) -> Iterator[F32]:
    """Join pieces to blocks of `size` samples or a little more."""
    waiting: list[F32] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield np.concatenate(waiting)
            waiting, length = [], 0
    if waiting:
        yield np.concatenate(waiting)


def write_shard(
    store: Store,
    entries: Sequence[Entry],
    parts: Sequence[I8],
    ear: FrontEnd,
    *,
    indexed: str | None = None,
) -> Shard:
    """Write packed features of recordings and all that is computed from them, and commit it."""
    offsets = np.cumsum([0, *(len(part) for part in parts)])
    name = shard_id(entries)
    placed = tuple(
        entry._replace(shard=name, offset=int(offset))
        for entry, offset in zip(entries, offsets, strict=False)
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    empty = Shard(name, indexed or now, ear.name, placed, {})
    arrays = {
        array: write_array(store, empty.key(array), rows, packed=array == "features")
        for array, rows in _arrays(parts, ear).items()
    }
    shard = replace(empty, arrays=arrays)
    store.write(shard.key("zarr.json"), shard_file(shard))
    commit(store, shard)
    return shard


def _arrays(parts: Sequence[I8], ear: FrontEnd) -> dict[str, Array]:
    """Compute everything that a shard holds from its packed features."""
    scale = packing(ear)
    memories, codes = [], []
    for part in parts:
        frames = scale.unpack(part)
        memories.append(states(frames, ear))
        codes.append(segments.encode(frames, ear.name))
    laid = {segments.array(length): rows for length, rows in segments.layout(codes).items()}
    return {"features": np.concatenate(parts), "states": np.concatenate(memories), **laid}
