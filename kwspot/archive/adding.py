"""Bring an archive up to date with the files on disk: what is new, changed, or gone."""

from __future__ import annotations

import os
import random
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kwspot.archive.arrays import Rows
from kwspot.archive.indexing import (
    ABANDONED,
    Failure,
    Item,
    Report,
    batches,
    index_batch,
    look,
    write_shard,
)
from kwspot.archive.shard import uncommit
from kwspot.audio import find
from kwspot.errors import KwspotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kwspot.archive.catalogue import Catalogue
    from kwspot.archive.running import Run
    from kwspot.archive.shard import Entry, Shard
    from kwspot.archive.store import Store
    from kwspot.features import FrontEnd

_PATIENCE = 5.0  # seconds after which it is looked what other writers have committed


@dataclass
class Survey:
    """The files that paths stand for, those paths that are folders, and those of no use."""

    items: dict[str, Item] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @classmethod
    def of(cls, paths: Iterable[str | os.PathLike[str]]) -> Survey:
        """Look at the files that paths stand for."""
        survey = cls()
        for path in paths:
            try:
                found = find(path)
            except KwspotError as error:
                survey.failures.append(Failure(str(path), str(error), error.hint))
                continue
            if Path(path).is_dir():
                survey.folders.append(os.path.join(os.path.abspath(path), ""))  # noqa: PTH100, PTH118
            for file in found:
                survey.items.update(survey.look(file))
        return survey

    def look(self, file: Path) -> dict[str, Item]:
        """Look at one file; none if it vanished since it was listed."""
        try:
            item = look(file)
        except OSError as error:
            reason = f"{file} cannot be opened: {error.strerror}"
            self.failures.append(Failure(str(file), reason, "index again"))
            return {}
        return {item.path: item}

    def gone(self, catalogue: Catalogue) -> list[str]:
        """List the recordings whose files were in one of the folders and are no more."""
        below = tuple(self.folders)
        return [
            path
            for path in catalogue.entries
            if path.startswith(below) and path not in self.items and not os.path.lexists(path)
        ]


def add(
    store: Store,
    catalogue: Catalogue,
    ear: FrontEnd,
    paths: Iterable[str | os.PathLike[str]],
    *,
    run: Run,
    shard_bytes: int,
    progress: Callable[[float, float], None],
) -> Report:
    """Index what is new or changed, and take out what is gone; see `Archive.add`."""
    catalogue.refresh()
    survey = Survey.of(paths)
    work = _rotated(batches(list(survey.items.values()), shard_bytes))
    tasks = _Tasks(store.url, catalogue, ear.name, work)
    total = sum(item.size for item in survey.items.values()) or 1
    reports, seconds = [Report(failures=tuple(survey.failures))], 0.0
    for report in run(index_batch, tasks):
        reports.append(report)
        seconds += report.seconds
        progress(tasks.ended() / total, seconds)
    catalogue.refresh()
    gone = survey.gone(catalogue)
    tidy(store, catalogue, ear, set(gone))
    catalogue.merge()
    return Report.joined([*reports, Report(unchanged=tuple(tasks.unchanged), removed=tuple(gone))])


class _Tasks:
    """The arguments of one call of `index_batch` after the other.

    What is indexed already is left out, be it by another writer, who is looked for now and then.
    """

    def __init__(
        self, url: str, catalogue: Catalogue, front_end: str, work: Iterable[Sequence[Item]]
    ) -> None:
        self._url, self._catalogue, self._front_end = url, catalogue, front_end
        self._work = work
        self._looked = time.monotonic()
        self._begun: deque[int] = deque()
        self._passed = self._ended = 0
        self.unchanged: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, str, list[Item], dict[str, str]]]:
        """Yield the archive, its front end, the files, and the digests of those that are known."""
        for batch in self._work:
            if time.monotonic() - self._looked > _PATIENCE:
                self._catalogue.refresh()
                self._looked = time.monotonic()
            entries = self._catalogue.entries
            pending = [item for item in batch if not _same(item, entries.get(item.path))]
            kept = {item.path for item in batch} - {item.path for item in pending}
            self.unchanged += kept
            self._passed += sum(item.size for item in batch)
            if pending:
                self._begun.append(self._passed)
                self._passed = 0
                known = {i.path: entries[i.path].digest for i in pending if i.path in entries}
                yield self._url, self._front_end, pending, known

    def ended(self) -> int:
        """Count a task as done, and return the bytes of all files that are."""
        self._ended += self._begun.popleft()
        return self._ended


def _same(item: Item, entry: Entry | None) -> bool:
    """Tell whether a file is still the one that was indexed, without reading it."""
    return entry is not None and (item.size, item.modified) == (entry.size, entry.modified)


def _rotated(work: list[tuple[Item, ...]]) -> list[tuple[Item, ...]]:
    """Begin anywhere, so that several writers of the same files do not all do the same."""
    start = random.randrange(len(work) or 1)
    return work[start:] + work[:start]


def tidy(store: Store, catalogue: Catalogue, ear: FrontEnd, gone: set[str]) -> None:
    """Write shards anew that hold recordings which do not count, and sweep what was abandoned.

    A shard is committed without them before the old one goes, so that at no moment a recording is
    missing that counts.
    """
    for shard in list(catalogue.shards.values()):
        kept = [
            entry
            for entry in shard.entries
            if catalogue.entries.get(entry.path) == entry and entry.path not in gone
        ]
        if len(kept) < len(shard.entries):
            _without(store, shard, kept, ear)
    catalogue.refresh()
    for name in set(store.names("shards")) - {"zarr.json"} - set(catalogue.shards):
        ages = [age for _, age in store.files(f"shards/{name}")]
        if min(ages, default=np.inf) > ABANDONED:
            store.remove(f"shards/{name}")


def _without(store: Store, shard: Shard, kept: list[Entry], ear: FrontEnd) -> None:
    """Replace a shard by one with fewer recordings."""
    if kept:
        rows = Rows(store, shard.key("features"), shard.arrays["features"])
        parts = [rows[entry.offset : entry.offset + entry.frames] for entry in kept]
        write_shard(store, kept, parts, ear, indexed=shard.indexed)
    uncommit(store, shard.id)
