"""The archive: what a user opens, adds to, reads and searches."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.archive.adding import add
from kwspot.archive.arrays import Rows, group_file
from kwspot.archive.catalogue import Catalogue, Entry, Shard
from kwspot.archive.packing import packing
from kwspot.archive.states import STRIDE, count, normalise
from kwspot.archive.store import store_at
from kwspot.errors import ArchiveError
from kwspot.features import front_end as front_end_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kwspot.archive.indexing import Report
    from kwspot.archive.store import Store
    from kwspot.features import FrontEnd

F32 = npt.NDArray[np.float32]
I8 = npt.NDArray[np.int8]

FORMAT = "kwspot.archive/1"
_OPEN_SHARDS = 64  # whose files are kept open
_SHARD_BYTES = 64 << 20  # about an hour of FLAC at 16 kHz


class Archive:
    """Recordings that were indexed, with their features.

    Make one with `Archive.open` or `Archive.create`.
    """

    def __init__(self, store: Store, front_end: FrontEnd) -> None:
        self.store, self.front_end = store, front_end
        self._scale = packing(front_end)
        self.catalogue = Catalogue(store)
        self._rows = lru_cache(_OPEN_SHARDS)(self._open_rows)

    @classmethod
    def create(cls, url: str | os.PathLike[str], *, front_end: str = "auto") -> Archive:
        """Make a new, empty archive."""
        store = store_at(url)
        ear = front_end_named(front_end)
        packing(ear)
        about = {"kwspot": {"format": FORMAT, "front_end": ear.name}}
        store.write("shards/zarr.json", group_file({}))
        store.write("zarr.json", group_file(about))
        return cls(store, ear)

    @classmethod
    def open(cls, url: str | os.PathLike[str]) -> Archive:
        """Open an archive."""
        store = store_at(url)
        try:
            about = json.loads(store.read("zarr.json"))["attributes"]["kwspot"]
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ArchiveError(
                f"there is no archive at {store.url}", hint="make one with kwspot index"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ArchiveError(
                f"{store.url} is no archive of kwspot, or a damaged one", hint="check the path"
            ) from error
        if about["format"] != FORMAT:
            raise ArchiveError(
                f"{store.url} has the format {about['format']}, and this kwspot reads {FORMAT}",
                hint="pip install --upgrade kwspot",
            )
        return cls(store, front_end_named(about["front_end"]))

    def __len__(self) -> int:
        """Count the recordings."""
        return len(self.catalogue.entries)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the recordings, sorted by path."""
        return iter(self.catalogue.entries.values())

    @property
    def shards(self) -> tuple[Shard, ...]:
        """What is stored together, sorted by id."""
        return tuple(self.catalogue.shards.values())

    def add(
        self,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        jobs: int = 1,
        progress: Callable[[float, float], None] | None = None,
        shard_bytes: int = _SHARD_BYTES,
    ) -> Report:
        """Index recordings, and folders of them."""
        if isinstance(paths, str | os.PathLike):
            paths = [paths]
        return add(
            self.store,
            self.catalogue,
            self.front_end,
            paths,
            jobs=jobs,
            shard_bytes=shard_bytes,
            progress=progress or (lambda _fraction, _seconds: None),
        )

    def __getitem__(self, recording: str) -> Entry:
        """Return a recording by its path."""
        return self.catalogue.entries[os.path.abspath(recording)]  # noqa: PTH100

    def features(self, recording: Entry | str, start: float = 0.0, end: float | None = None) -> F32:
        """Return the features of a recording, or of a part of it."""
        entry = self[recording] if isinstance(recording, str) else recording
        period = self.front_end.period
        first = max(0, int(start / period + 1e-6))
        last = entry.frames if end is None else min(entry.frames, int(np.ceil(end / period - 1e-6)))
        return self.frames(entry, first, last)

    def packed(self, entry: Entry, first: int, last: int) -> I8:
        """Return the packed frames from `first` up to `last` of a recording."""
        rows = self._rows(entry.shard, "features")
        return np.asarray(rows[entry.offset + first : entry.offset + max(first, last)], np.int8)

    def frames(self, entry: Entry, first: int, last: int) -> F32:
        """Return the frames from `first` up to `last` of a recording, shape (n, d)."""
        return self._scale.unpack(self.packed(entry, first, last))

    def normalised(self, entry: Entry, prior: F32, first: int, last: int) -> F32:
        """Return frames as a spotter that expects `prior` hears them in the whole recording."""
        before = first // STRIDE
        members = self.catalogue.shards[entry.shard].entries
        row = sum(count(other.frames) for other in members if other.offset < entry.offset)
        state = self._rows(entry.shard, "states")[row + before : row + before + 1][0]
        frames = self.frames(entry, before * STRIDE, last)
        return normalise(frames, prior, self.front_end, state)[first - before * STRIDE :]

    def _open_rows(self, shard: str, array: str) -> Rows:
        known = self.catalogue.shards[shard]
        return Rows(self.store, known.key(array), known.arrays[array])
