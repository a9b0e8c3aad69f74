"""Where the files of an archive lie: a folder, or anything that fsspec reaches."""

from __future__ import annotations

import mmap
import os
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from kwspot.errors import ArchiveError, KwspotError, MissingExtra, OutputError
from kwspot.tensorfile import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

U8 = npt.NDArray[np.uint8]


class Store(Protocol):
    """Files by their key, a relative path with slashes. Every write is all or nothing.

    Attributes
    ----------
    kept : int
        How many files a reader may keep that `map` returned.
    """

    kept: int

    @property
    def url(self) -> str:
        """What `store_at` makes the same store of, in this process or another."""
        ...

    def read(self, key: str) -> bytes:
        """Return the content of a file, or raise FileNotFoundError."""
        ...

    def map(self, key: str) -> U8:
        """Return the content of a file, mapped into memory where that can be done."""
        ...

    def write(self, key: str, content: bytes) -> None:
        """Write or replace a file, or raise OutputError."""
        ...

    def names(self, folder: str) -> list[str]:
        """List what is directly in a folder, sorted; nothing if there is none."""
        ...

    def files(self, folder: str = "") -> Iterator[tuple[str, float]]:
        """Yield every file below a folder: its key, and how many seconds ago it was written."""
        ...

    def remove(self, key: str) -> None:
        """Remove a file, or a folder and all that is in it; nothing if it is not there."""
        ...


def store_at(url: str | os.PathLike[str]) -> Store:
    """Return the store at a path, or at a URL such as ``s3://bucket/archive``.

    Raises
    ------
    MissingExtra
        If it is a URL and fsspec is not installed.
    ArchiveError
        If fsspec knows no such kind of URL, or lacks the package for it.

    Examples
    --------
    >>> store_at("memory://archive").names("catalogue")
    []
    """
    place = os.fspath(url).removeprefix("file://")
    if "://" not in place:
        return FolderStore(place)
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtra(f"an archive at {place}", "archive") from error
    try:
        system, root = url_to_fs(place)
    except (ImportError, ValueError) as error:
        raise ArchiveError(
            f"{place} cannot be reached: {error}", hint="install what it names, or check the URL"
        ) from error
    return ObjectStore(place, system, root)


def _most_mapped() -> int:
    """Return how many files may stay mapped: a quarter of all that this process may open."""
    try:
        import resource
    except ImportError:  # Windows
        return 128
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max(16, min(allowed // 4, 4096)) if allowed > 0 else 4096


class FolderStore:
    """Files below a folder of this machine."""

    def __init__(self, root: str) -> None:
        self.url = os.path.abspath(root)  # noqa: PTH100 - a Path would lose nothing but time
        self._root = Path(self.url)
        self.kept = _most_mapped()

    def read(self, key: str) -> bytes:
        """Return the content of a file, or raise FileNotFoundError."""
        return (self._root / key).read_bytes()

    def map(self, key: str) -> U8:
        """Map a file into memory."""
        # numpy.memmap and pathlib take ten times as long, and a search maps thousands of files
        file = os.open(f"{self.url}/{key}", os.O_RDONLY)
        try:
            if not os.fstat(file).st_size:  # nothing can be mapped
                return np.empty(0, np.uint8)
            return np.frombuffer(mmap.mmap(file, 0, access=mmap.ACCESS_READ), np.uint8)
        finally:
            os.close(file)

    def write(self, key: str, content: bytes) -> None:
        """Write or replace a file, or raise OutputError."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)

    def names(self, folder: str) -> list[str]:
        """List what is directly in a folder, sorted, without what is still being written."""
        try:
            found = os.listdir(self._root / folder)  # noqa: PTH208 - ten times as fast
        except FileNotFoundError:
            return []
        return sorted(name for name in found if not name.startswith("."))

    def files(self, folder: str = "") -> Iterator[tuple[str, float]]:
        """Yield every file below a folder: its key, and how many seconds ago it was written."""
        now = time.time()
        for place, _, names in os.walk(self._root / folder):
            for name in names:
                path = Path(place, name)
                with suppress(FileNotFoundError):  # it was being written
                    yield path.relative_to(self._root).as_posix(), now - path.stat().st_mtime

    def remove(self, key: str) -> None:
        """Remove a file, or a folder and all that is in it; nothing if it is not there."""
        path = self._root / key
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


class ObjectStore:
    """Objects below an address that fsspec reaches; putting one is all or nothing.

    Raises
    ------
    ArchiveError, OutputError
        By every method, if what is there cannot be reached, or an object not be written.
    """

    def __init__(self, url: str, system: Any, root: str) -> None:
        self.url = url
        self._system, self._root = system, root.rstrip("/")
        self.kept = 64  # they are in memory as a whole

    def read(self, key: str) -> bytes:
        """Return the content of an object, or raise FileNotFoundError."""
        with self._reached():
            return bytes(self._system.cat_file(self._path(key)))

    def map(self, key: str) -> U8:
        """Read an object."""
        return np.frombuffer(self.read(key), np.uint8)

    def write(self, key: str, content: bytes) -> None:
        """Put an object."""
        with self._reached(OutputError, passed=()):
            self._system.pipe_file(self._path(key), content)

    def names(self, folder: str) -> list[str]:
        """List what is directly below a prefix, sorted."""
        with suppress(FileNotFoundError), self._reached():
            self._system.invalidate_cache()
            found = self._system.ls(self._path(folder), detail=False)
            return sorted(path.rstrip("/").rpartition("/")[2] for path in found)
        return []

    def files(self, folder: str = "") -> Iterator[tuple[str, float]]:
        """Yield every object below a prefix: its key, and how many seconds ago it was written."""
        with self._reached():
            self._system.invalidate_cache()
            found = self._system.find(self._path(folder), detail=True)
        now = time.time()
        for path, about in found.items():
            written = about.get("LastModified") or about.get("created")
            yield path[len(self._root) + 1 :], now - written.timestamp() if written else np.inf

    def remove(self, key: str) -> None:
        """Remove an object, or all below a prefix; nothing if it is not there."""
        with suppress(FileNotFoundError), self._reached(OutputError):
            self._system.rm(self._path(key), recursive=True)

    @contextmanager
    def _reached(
        self,
        kind: type[KwspotError] = ArchiveError,
        passed: tuple[type[Exception], ...] = (FileNotFoundError,),
    ) -> Iterator[None]:
        """Say what went wrong; every package behind fsspec has errors of its own."""
        try:
            yield
        except passed:
            raise
        except Exception as error:
            raise kind(
                f"{self.url} cannot be reached: {error}",
                hint="check the URL, the connection, and who may use it",
            ) from error

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}".rstrip("/")
