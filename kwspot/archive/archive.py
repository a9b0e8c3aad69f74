"""The archive: what a user opens, adds to, reads and searches."""

from __future__ import annotations

import math
import os
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kwspot.archive.adding import add
from kwspot.archive.arrays import Rows
from kwspot.archive.catalogue import Catalogue
from kwspot.archive.packing import packing
from kwspot.archive.packs import Packs
from kwspot.archive.root import ROOT, read_root, write_root
from kwspot.archive.shard import Entry, Shard
from kwspot.archive.states import STRIDE, normalise
from kwspot.archive.store import store_at
from kwspot.audio import cut
from kwspot.errors import ArchiveError, DoubtfulResult
from kwspot.features import front_end as front_end_named
from kwspot.workers import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kwspot.archive.hits import Hits
    from kwspot.archive.indexing import Report
    from kwspot.archive.store import Store
    from kwspot.features import FrontEnd
    from kwspot.keyword import Keyword
    from kwspot.workers import Run

F32 = npt.NDArray[np.float32]
I8 = npt.NDArray[np.int8]

_SHARD_BYTES = 64 << 20  # about an hour of FLAC at 16 kHz


class Archive:
    """Recordings that were indexed: their features, and what is needed to search them.

    Made by `Archive.create` and `Archive.open`. Holds what the catalogue said when it was opened,
    or when `add` ended; others may write to the same archive meanwhile.

    Attributes
    ----------
    store : Store
        Where the files lie.
    front_end : FrontEnd
        What made the features.
    catalogue : Catalogue
        Which recordings there are.

    Examples
    --------
    >>> import tempfile
    >>> import soundfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(f"{folder}/noise.wav", np.random.default_rng(0).normal(size=8000), 8000)
    ...     archive = Archive.create(f"{folder}/archive", front_end="cepstra")
    ...     added = archive.add(f"{folder}/noise.wav").seconds
    ...     len(archive), added, archive.features(f"{folder}/noise.wav", 0.2, 0.5).shape
    (1, 1.0, (15, 26))
    """

    def __init__(self, store: Store, front_end: FrontEnd) -> None:
        self.store, self.front_end = store, front_end
        self._scale = packing(front_end)
        self.catalogue = Catalogue(store)
        self._open_rows = lru_cache(store.kept)(self._rows_of)
        self._packs = Packs(store, {})

    @classmethod
    def create(cls, url: str | os.PathLike[str], *, front_end: str = "auto") -> Archive:
        """Make a new, empty archive; or open one of the same front end, if it is there.

        Parameters
        ----------
        url : path or str
            A folder, new or empty, or a URL that fsspec knows, such as
            ``s3://bucket/name``.
        front_end : str
            What to hear by: see `kwspot.features.front_ends`. Keywords to search for must be
            learned with the same.

        Raises
        ------
        ArchiveError
            If something else is there, or features of this front end cannot be archived.
        MissingExtra
            If a package is missing for the front end or the URL.
        OutputError
            If it cannot be written.
        ValueError
            If there is no front end of that name.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     len(Archive.create(folder, front_end="cepstra"))
        0
        """
        store = store_at(url)
        ear = front_end_named(front_end)
        packing(ear)  # refuses what cannot be stored
        write_root(store, ear.name)
        return cls(store, ear)

    @classmethod
    def open(cls, url: str | os.PathLike[str]) -> Archive:
        """Open an archive.

        Parameters
        ----------
        url : path or str
            Where it is: a folder, or a URL that fsspec knows.

        Raises
        ------
        ArchiveError
            If there is none, or it is damaged or of a newer version.
        MissingExtra
            If a package is missing for its front end or the URL.

        Notes
        -----
        O(n) time for n recordings, about 10 us each.
        """
        store = store_at(url)
        return cls(store, front_end_named(read_root(store)))

    @staticmethod
    def exists(url: str | os.PathLike[str]) -> bool:
        """Return whether there is an archive, at a `url` as `open` takes it."""
        return ROOT in store_at(url).names("")

    @property
    def url(self) -> str:
        """Where it is."""
        return self.store.url

    @property
    def shards(self) -> tuple[Shard, ...]:
        """What was committed, sorted by id."""
        return tuple(shard for _, shard in sorted(self.catalogue.shards.items()))

    @property
    def packs(self) -> Packs:
        """The codes of all segments, as they lay together when it was first asked."""
        if not self._packs.of(self.catalogue.shards):
            self._packs = Packs(self.store, self.catalogue.shards)
        return self._packs

    def __len__(self) -> int:
        """Count the recordings."""
        return len(self.catalogue.entries)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the recordings, sorted by path."""
        return iter(self.catalogue.sorted())

    def __getitem__(self, recording: str | os.PathLike[str]) -> Entry:
        """Return a recording by its path, or by its id.

        Raises
        ------
        ArchiveError
            If it is not there.
        """
        path = os.path.abspath(recording)  # noqa: PTH100 - nor does `find` follow links
        entry = self.catalogue.entries.get(path) or self.catalogue.by_id.get(str(recording))
        if entry is None:
            raise ArchiveError(
                f"{recording} is not in the archive {self.url}",
                hint="index it, or check the path: `for recording in archive` lists them",
            )
        return entry

    def add(
        self,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        jobs: int = 1,
        run: Run | None = None,
        progress: Callable[[float, float], None] | None = None,
        shard_bytes: int = _SHARD_BYTES,
    ) -> Report:
        """Bring the archive up to date with recordings, and folders of them.

        A file of the same size and age as when it was indexed is passed over, and one whose
        content is the same; one that has changed is indexed anew, and one that is gone from a
        folder is taken out.

        Parameters
        ----------
        paths : path or iterable of paths
            Files and folders, as `kwspot.audio.find` takes them.
        jobs : int
            Batches to work on at a time, on threads.
        run : Run, optional
            Who does the work instead: see `kwspot.scale.cluster`.
        progress : callable, optional
            Told the fraction done, and how many seconds of sound were added.
        shard_bytes : int
            Files are committed together up to about so many bytes, 1024 files at most.

        Returns
        -------
        Report
            What became of each file. Those that cannot be read are in ``failures``.

        Raises
        ------
        OutputError
            If the archive cannot be written; what is in it stays as it is.
        ArchiveError
            If a recording is to be taken out beside which others are damaged.

        Notes
        -----
        O(n) time for n samples, at 1000 to 2000 times real time with cepstra. Whenever it is
        stopped, all but the batches under way is kept, and the next run goes on. Several may add
        to the same archive.
        """
        if isinstance(paths, str | os.PathLike):
            paths = [paths]
        return add(
            self.store,
            self.catalogue,
            self.front_end,
            paths,
            run=run or threads(jobs),
            shard_bytes=shard_bytes,
            progress=progress or (lambda _fraction, _seconds: None),
        )

    def search(self, keywords: Sequence[Keyword], **options: Any) -> Hits:
        """Find keywords by the codes of segments: `kwspot.archive.search.search` here alone."""
        from kwspot.archive.search import search

        return search([self], keywords, **options)

    def scan(self, keywords: Sequence[Keyword], **options: Any) -> Hits:
        """Find keywords in every frame, else as `kwspot.archive.search.search` here alone."""
        from kwspot.archive.search import scan

        return scan([self], keywords, **options)

    def features(
        self,
        recording: Entry | str | os.PathLike[str],
        start: float = 0.0,
        end: float | None = None,
    ) -> F32:
        """Return the features of a recording, or of a part of it.

        Parameters
        ----------
        recording : Entry, path or id
            Which one.
        start, end : float
            Seconds; by default all of it. Frames are given that lie in this span in part.

        Returns
        -------
        ndarray, shape (n, d), float32
            What the front end gave, rounded to 255 steps.

        Raises
        ------
        ArchiveError
            If it is not there, or damaged.

        Notes
        -----
        O(n d) time for what is read.
        """
        entry = recording if isinstance(recording, Entry) else self[recording]
        period = self.front_end.period
        first = max(0, math.floor(start / period + 1e-6))
        last = entry.frames if end is None else math.ceil(end / period - 1e-6)
        return self.frames(entry, first, min(last, entry.frames))

    def audio(
        self,
        recording: Entry | str | os.PathLike[str],
        start: float = 0.0,
        end: float | None = None,
    ) -> tuple[F32, float]:
        """Read the sound of a recording, from where it was when it was indexed.

        Parameters
        ----------
        recording : Entry, path or id
            Which one.
        start, end : float
            Seconds; by default all of it.

        Returns
        -------
        samples : ndarray, shape (n, channels), float32
            As they were recorded.
        rate : float
            In Hz.

        Raises
        ------
        AudioError
            If it is there no more, or nothing of it lies in this span.

        Warns
        -----
        DoubtfulResult
            If the file has changed since.

        Notes
        -----
        O(n) time for n samples up to `end`.
        """
        entry = recording if isinstance(recording, Entry) else self[recording]
        (samples,), rate = cut(entry.path, [(start, entry.seconds if end is None else end)])
        about = os.stat(entry.path)  # noqa: PTH116
        if (about.st_size, about.st_mtime_ns) != (entry.size, entry.modified):
            warnings.warn(
                f"{entry.path} has changed since it was indexed", DoubtfulResult, stacklevel=2
            )
        return samples, rate

    def packed(self, entry: Entry, first: int, last: int) -> I8:
        """Return frames of a recording as they are stored.

        Parameters
        ----------
        entry : Entry
            The recording.
        first, last : int
            Half-open range of its frames.

        Returns
        -------
        ndarray, shape (n, d), int8
        """
        rows = self.rows(entry.shard, "features")
        found: I8 = rows[entry.offset + first : entry.offset + max(first, last)]
        return found

    def frames(self, entry: Entry, first: int, last: int) -> F32:
        """Return frames of a recording, shape (n, d), float32; parameters as for `packed`."""
        return self._scale.unpack(self.packed(entry, first, last))

    def normalised(self, entry: Entry, prior: F32, first: int, last: int) -> F32:
        """Return frames, shape (n, d), float32, as a spotter hears them in the whole recording.

        Parameters
        ----------
        prior : ndarray, shape (d,), float32
            The mean that the spotter expects; the others as for `packed`.
        """
        before = first // STRIDE
        row = self.catalogue.shards[entry.shard].state_rows[entry.path] + before
        state = self.rows(entry.shard, "states")[row : row + 1][0]
        frames = self.frames(entry, before * STRIDE, last)
        return normalise(frames, prior, self.front_end, state)[first - before * STRIDE :]

    def rows(self, shard: str, array: str) -> Rows:
        """Return an array of a shard, to read rows of.

        Parameters
        ----------
        shard, array : str
            Its id, and the array's name.

        Raises
        ------
        ArchiveError
            If it is damaged, or the shard was replaced since the archive was opened.
        """
        return self._open_rows(shard, array)

    def _rows_of(self, shard: str, array: str) -> Rows:
        known = self.catalogue.shards.get(shard)
        if known is None:
            raise ArchiveError(
                f"{self.url} holds no shard {shard}: the recording was indexed anew, or taken out",
                hint="open the archive again, and look for the recording by its path",
            )
        return Rows(self.store, known.key(array), known.arrays[array])
