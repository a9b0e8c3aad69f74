"""One file of named arrays: safetensors' layout, with a checksum that no flipped byte escapes.

==================  ===========================================================================
8 bytes             length h of the header, little-endian
h bytes             JSON: name -> ``{"dtype", "shape", "data_offsets"}``, and ``__metadata__`` with
                    ``format`` (kind and version) and ``settings`` (JSON in a string); padded with
                    spaces so that the data start at a multiple of 64 bytes
data                the arrays, little-endian, C order, one after the other
``checksums``       an array of U32: the CRC-32 of every 16 KiB of data, in order
``seal``            two U32: the CRC-32 of everything before the data, and that of ``checksums``
==================  ===========================================================================

The seals are checked on opening, the data piece by piece when they are first read, so a mapped
file opens in no time whatever its size, and yet no damaged byte is ever used.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kwspot.errors import ModelError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PIECE = 1 << 14
_ALIGN = 64
_NAMES = {"f2": "F16", "f4": "F32", "f8": "F64", "i8": "I64", "u1": "U8", "u4": "U32"}
_TYPES = {name: np.dtype("<" + code) for code, name in _NAMES.items()}


def write(
    path: str | Path, kind: str, settings: Mapping[str, Any], arrays: Mapping[str, Any]
) -> None:
    """Write arrays to a file, whole or not at all.

    Parameters
    ----------
    path : str or Path
        Where to; an existing file is replaced in one step when the new one is complete.
    kind : str
        Kind and version, such as ``"kwspot.bolt/1"``.
    settings : mapping
        Whatever JSON can hold.
    arrays : mapping of str to ndarray
        Of float16, 32, 64, int64, uint8 or uint32. Those that fill whole cache lines come first,
        so that they start on one.

    Raises
    ------
    OutputError
        If the file cannot be written.

    Notes
    -----
    O(size). Source: the safetensors format (Hugging Face, 2022); the checksums are our own and
    look like two more arrays to other readers.
    """
    ordered = sorted(
        arrays.items(), key=lambda item: (item[1].nbytes % _ALIGN != 0, -item[1].itemsize)
    )
    head, total = _header(kind, settings, dict(ordered))
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(head)
                sums = _write_data(file, [array for _, array in ordered])
                table = np.array(sums, "<u4").tobytes()
                file.write(table + np.array([zlib.crc32(head), zlib.crc32(table)], "<u4").tobytes())
                size = file.tell()
            if size != len(head) + total:  # an array changed while it was written
                raise OSError("the file has the wrong size")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"could not write {target}: {reason}",
            hint="check the folder, its rights and free space",
        ) from error


def _header(kind: str, settings: Mapping[str, Any], arrays: dict[str, Any]) -> tuple[bytes, int]:
    data = sum(array.nbytes for array in arrays.values())
    pieces = -(-data // _PIECE)
    metadata = {"format": kind, "settings": json.dumps(settings, sort_keys=True)}
    header: dict[str, Any] = {"__metadata__": metadata}
    tails = {"checksums": np.empty(pieces, "<u4"), "seal": np.empty(2, "<u4")}
    at = 0
    for name, array in {**arrays, **tails}.items():
        kind_name = _NAMES[array.dtype.newbyteorder("<").str[1:]]
        stop = at + array.nbytes
        header[name] = {"dtype": kind_name, "shape": array.shape, "data_offsets": [at, stop]}
        at = stop
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % _ALIGN)
    return len(text).to_bytes(8, "little") + text, at


def _write_data(file: Any, arrays: list[Any]) -> list[int]:
    """Write arrays back to back and return the checksum of every piece of the whole."""
    sums, current, filled = [], 0, 0
    for array in arrays:
        little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        raw = memoryview(little.reshape(-1).view(np.uint8).data)
        file.write(raw)
        at = 0
        while at < len(raw):
            part = raw[at : at + _PIECE - filled]
            current, filled, at = zlib.crc32(part, current), filled + len(part), at + len(part)
            if filled == _PIECE:
                sums.append(current)
                current, filled = 0, 0
    return sums + [current] * (filled > 0)


class StoredArrays:
    """The arrays of a file written by `write`, mapped into memory and checked as they are read.

    Parameters
    ----------
    path : str or Path
        The file.
    kind : str
        Kind and version that it must have.

    Attributes
    ----------
    settings : dict
        As given to `write`.

    Raises
    ------
    ModelError
        If the file cannot be read, is of another kind or version, or is damaged.

    Notes
    -----
    Opening reads the header and the checksums only; reading checks a byte once.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(folder + "/x", "demo/1", {"a": 1}, {"x": np.arange(3)})
    ...     stored = StoredArrays(folder + "/x", "demo/1")
    ...     stored.settings, stored.array("x").tolist()
    ({'a': 1}, [0, 1, 2])
    """

    def __init__(self, path: str | Path, kind: str) -> None:
        self._path = Path(path)
        try:
            self._raw: npt.NDArray[np.uint8] = np.memmap(self._path, np.uint8, mode="r")
        except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
            raise self._damaged(f"cannot be read ({error})") from error
        self._start = self._check_head()
        try:
            self._read_header(kind)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise self._damaged("has a header that makes no sense") from error
        self._checked = np.zeros(len(self._sums), np.bool_)

    def _check_head(self) -> int:
        size = self._raw.size
        length = int.from_bytes(self._raw[:8].tobytes(), "little")
        if size < 16 or length > size - 16:
            raise self._damaged("is cut short, or no kwspot file")
        seal = np.frombuffer(self._raw[-8:].tobytes(), "<u4")
        self._table_seal = int(seal[1])
        if zlib.crc32(self._raw[: 8 + length].data) != seal[0]:
            raise self._damaged("is damaged at its start, or no kwspot file")
        return 8 + length

    def _read_header(self, kind: str) -> None:
        self._entries = json.loads(self._raw[8 : self._start].tobytes())
        metadata = self._entries.pop("__metadata__")
        if metadata["format"] != kind:
            raise ModelError(
                f"{self._path} is {metadata['format']}, but {kind} is needed",
                hint="use the kwspot version that wrote it, or build the file again",
            )
        self.settings: dict[str, Any] = json.loads(metadata["settings"])
        self._data = int(self._entries["checksums"]["data_offsets"][0])
        table = self._raw[self._start + self._data : -8].tobytes()
        if zlib.crc32(table) != self._table_seal:
            raise self._damaged("has damaged checksums")
        self._sums = np.frombuffer(table, "<u4")
        if len(self._sums) != -(-self._data // _PIECE):
            raise ValueError("the checksums do not cover the data")

    def _damaged(self, what: str) -> ModelError:
        return ModelError(f"{self._path} {what}", hint="restore it from a copy, or build it again")

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def peek(self, name: str) -> npt.NDArray[Any]:
        """Return an array unchecked: for its shape and type."""
        return self._view(name)

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return a whole array, read-only, after checking all of it.

        Raises
        ------
        ModelError
            If there is no such array or it is damaged.
        """
        view = self._view(name)
        start = self._entries[name]["data_offsets"][0]
        self._check(range(start // _PIECE, -(-(start + view.nbytes) // _PIECE)))
        return view

    def rows(self, name: str, numbers: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Return a copy of some rows of an array, checking no more than the pieces they touch.

        Raises
        ------
        ModelError
            If there is no such array or one of the pieces is damaged.
        """
        view = self._view(name)
        size = view.nbytes // max(len(view), 1)
        first = self._entries[name]["data_offsets"][0] + numbers * size
        pieces = [first // _PIECE + step for step in range(size // _PIECE + 2)]
        last = (first + max(size, 1) - 1) // _PIECE
        self._check(np.unique(np.concatenate([np.minimum(piece, last) for piece in pieces])))
        return view[numbers]

    def _check(self, pieces: Iterable[int]) -> None:
        for piece in pieces:
            if not self._checked[piece]:
                stop = min((piece + 1) * _PIECE, self._data)
                part = self._raw[self._start + piece * _PIECE : self._start + stop]
                if zlib.crc32(part.data) != self._sums[piece]:
                    raise self._damaged(f"is damaged near byte {self._start + piece * _PIECE}")
                self._checked[piece] = True

    def _view(self, name: str) -> npt.NDArray[Any]:
        try:
            entry = self._entries[name]
            start, stop = entry["data_offsets"]
            if not 0 <= start <= stop <= self._data:
                raise ValueError("outside the data")
            raw = self._raw[self._start + start : self._start + stop]
            view = np.ndarray(entry["shape"], _TYPES[entry["dtype"]], raw.data)
            if view.nbytes != stop - start:
                raise ValueError("another size than its shape says")
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged(f"has no usable array {name!r}") from error
        view.flags.writeable = False
        return view
