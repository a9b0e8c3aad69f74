"""Arrays and metadata in one file: safetensors layout, written at once or not at all, checksummed.

Eight bytes hold the length of a JSON header, little-endian; the header names each array with its
type, shape and place; the arrays follow, little-endian. Any reader of safetensors can open it.
The header's metadata has ``format`` and ``sha256``: the digest of the whole file with its own 64
digits taken as zeros.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kwspot.errors import ModelError, OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "I32": "<i4", "I8": "|i1", "U8": "|u1"}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
_BLANK = "0" * 64
_HINT = "get the file again, or learn the keyword anew"


def write(
    path: str | Path, kind: str, arrays: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]
) -> None:
    """Write arrays and metadata to a file; what stood there before stays until all is written.

    Parameters
    ----------
    path : path
        File to write or replace.
    kind : str
        Format and version, such as ``kwspot.keyword/1``.
    arrays : mapping of str to ndarray
        Of the types float32, float64, int64, int32, int8 or uint8.
    metadata : mapping of str to str
        Anything else.

    Raises
    ------
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder, "a"), "test/1", {"x": np.arange(3)}, {"who": "me"})
    ...     arrays, metadata = read(Path(folder, "a"), "test/1")
    >>> arrays["x"].tolist(), metadata["who"]
    ([0, 1, 2], 'me')
    """
    header: dict[str, Any] = {"__metadata__": {"format": kind, "sha256": _BLANK, **metadata}}
    body = bytearray()
    for name, array in arrays.items():
        data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        place = [len(body), len(body) + len(data)]
        header[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": place,
        }
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # arrays begin at a multiple of eight
    content = len(text).to_bytes(8, "little") + text + bytes(body)
    digest = hashlib.sha256(content).hexdigest().encode()
    write_atomically(path, content.replace(_BLANK.encode(), digest, 1))


def write_atomically(path: str | Path, content: bytes) -> None:
    """Replace a file by `content`, all or nothing.

    Raises
    ------
    OutputError
        If that fails; what stood at `path` before is untouched.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "a"), b"all")
    ...     Path(folder, "a").read_bytes()
    b'all'
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="check the folder, who may write there, and the space left on the disk",
        ) from error
    finally:
        with suppress(OSError):  # the folder may be gone or shut
            temporary.unlink(missing_ok=True)


def read(path: str | Path, kind: str) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
    """Read what `write` wrote.

    Parameters
    ----------
    path : path
        The file.
    kind : str
        Format and version that are needed.

    Returns
    -------
    arrays : dict of str to ndarray
    metadata : dict of str to str

    Raises
    ------
    ModelError
        If the file cannot be opened, is of another format or version, or damaged.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be opened: {error.strerror or error}", hint="check the path"
        ) from error
    header = _header(path, content)
    metadata = header.pop("__metadata__")
    _check_kind(path, metadata, kind)
    digest = metadata.pop("sha256", "").encode()
    blank = content.replace(digest, _BLANK.encode(), 1)
    if len(digest) != len(_BLANK) or hashlib.sha256(blank).hexdigest().encode() != digest:
        raise ModelError(f"{path} is damaged: its checksum is wrong", hint=_HINT)
    # the checksum is right, so what follows is as it was written
    body = memoryview(content)[8 + int.from_bytes(content[:8], "little") :]
    return {name: _array(entry, body) for name, entry in header.items()}, metadata


def _header(path: str | Path, content: bytes) -> dict[str, Any]:
    """Parse the header, or say that this is no such file."""
    length = int.from_bytes(content[:8], "little")
    try:
        header = json.loads(content[8 : 8 + length])
        if isinstance(header["__metadata__"]["format"], str):
            return dict(header)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise ModelError(f"{path} is no kwspot file, or a damaged one", hint=_HINT)


def _check_kind(path: str | Path, metadata: dict[str, str], kind: str) -> None:
    """Refuse files of another kind, and of a version that is not known yet."""
    found = metadata["format"]
    if found == kind:
        return
    if found.partition("/")[0] == kind.partition("/")[0]:
        raise ModelError(
            f"{path} has the format {found}, and this kwspot reads {kind}",
            hint="pip install --upgrade kwspot",
        )
    raise ModelError(f"{path} has the format {found!r}, {kind} was needed", hint="check the path")


def _array(entry: dict[str, Any], body: memoryview) -> npt.NDArray[Any]:
    first, last = entry["data_offsets"]
    flat = np.frombuffer(body[first:last], _TYPES[entry["dtype"]])
    return flat.reshape(entry["shape"]).copy()
