"""Where samples come from: give every kind of source one form that decoders can open."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from kwspot.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

File: TypeAlias = "str | os.PathLike[str] | bytes | BinaryIO"
Source: TypeAlias = "File | tuple[npt.ArrayLike, float]"


@contextmanager
def on_disk(source: File) -> Iterator[tuple[Path, str]]:
    """Give the path of a plain file with the content of `source`, and its name for messages.

    Bytes, file objects and pipes are copied to a temporary file. Decoders could call back into
    Python instead, but no exception, Ctrl-C included, gets out of such a callback.
    """
    if isinstance(source, bytes):
        with _copy(io.BytesIO(source)) as path:
            yield path, "the bytes given"
    elif isinstance(source, str | os.PathLike):
        with _open(Path(source)) as file:
            if _is_plain(file):
                yield Path(source), str(source)
            else:
                with _copy(file) as path:
                    yield path, str(source)
    elif hasattr(source, "read"):
        name = getattr(source, "name", None)
        with _rewound(source), _copy(source) as path:
            yield path, name if isinstance(name, str) else "the file object given"
    else:
        msg = (
            "source must be a path, bytes, a binary file object or a tuple (samples, rate), "
            f"got {type(source).__name__}"
        )
        raise TypeError(msg)


def is_folder(path: Path) -> bool:
    """Tell a folder from a file, or say why neither is there."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise unreachable(path, error) from error


def unreachable(path: Path, error: OSError | ValueError) -> AudioError:
    """Say why a path leads nowhere."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return AudioError(
            f"{path} does not exist", hint="check the spelling, and the folder you are in"
        )
    reason = getattr(error, "strerror", None) or error
    return AudioError(
        f"{path} cannot be opened: {reason}", hint="check the path and who may read it"
    )


def _open(path: Path) -> BinaryIO:
    """Open a file, or say why it cannot be opened."""
    if is_folder(path):
        raise AudioError(
            f"{path} is a folder, and one recording was needed",
            hint="name the recordings in it; kwspot.audio.find lists them",
        )
    try:
        return path.open("rb")
    except OSError as error:
        raise unreachable(path, error) from error


def _is_plain(file: BinaryIO) -> bool:
    """Tell whether decoders can open a file by its path: no pipe, and not called .raw.

    For that ending soundfile demands rate and channels, whatever the file holds.
    """
    is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    return is_file and not file.name.lower().endswith(".raw")


@contextmanager
def _copy(file: BinaryIO) -> Iterator[Path]:
    """Copy a file, from where it stands, to a temporary one without an ending."""
    with tempfile.TemporaryDirectory(prefix="kwspot-") as folder:
        path = Path(folder, "recording")
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
        yield path


@contextmanager
def _rewound(file: BinaryIO) -> Iterator[None]:
    """Put a file back to where it stands, where it can seek."""
    if not file.seekable():
        yield
        return
    place = file.tell()
    try:
        yield
    finally:
        file.seek(place)
