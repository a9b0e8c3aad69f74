"""Bring an archive up to date with the files on disk: what is new, changed, or gone."""

from __future__ import annotations

import os
import random
import time
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
from kwspot.archive.packs import merge
from kwspot.archive.shard import uncommit
from kwspot.audio import find
from kwspot.errors import KwspotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kwspot.archive.catalogue import Catalogue
    from kwspot.archive.shard import Entry, Shard
    from kwspot.archive.store import Store
    from kwspot.features import FrontEnd
    from kwspot.workers import Run

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
    total = sum(item.size for item in survey.items.values()) or 1
    reports, done, seconds = [Report(failures=tuple(survey.failures))], 0, 0.0
    found = run(index_batch, _tasks(store, catalogue, ear, work))
    for batch, report in zip(work, found, strict=True):
        reports.append(report)
        done += sum(item.size for item in batch)
        seconds += report.seconds
        progress(done / total, seconds)
    catalogue.refresh()
    gone = survey.gone(catalogue)
    tidy(store, catalogue, ear, set(gone))
    catalogue.merge()
    merge(store, catalogue.shards, ear)
    return Report.joined([*reports, Report(removed=tuple(gone))])


def _tasks(
    store: Store, catalogue: Catalogue, ear: FrontEnd, work: Iterable[tuple[Item, ...]]
) -> Iterator[tuple[str, str, tuple[Item, ...], dict[str, Entry]]]:
    """Yield what `index_batch` takes for each batch, with what is indexed by then."""
    looked = time.monotonic()
    for batch in work:
        if time.monotonic() - looked > _PATIENCE:
            catalogue.refresh()
            looked = time.monotonic()
        entries = catalogue.entries
        known = {item.path: entries[item.path] for item in batch if item.path in entries}
        yield store.url, ear.name, batch, known


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
