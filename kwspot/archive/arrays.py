"""Arrays of an archive as files: zarr version 3, one chunk each."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot import sprintz
from kwspot.errors import ArchiveError, CodecError
from kwspot.sprintz.gathering import gather

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kwspot.archive.store import U8, Store

Array = npt.NDArray[Any]
I64 = npt.NDArray[np.int64]

SPRINTZ = {"name": "kwspot.sprintz", "configuration": {"mode": "delta"}}
_CHUNK = 512  # rows that are decoded at least: 5 us, and 0.3 % larger than with 2048
_BYTES = {"name": "bytes", "configuration": {"endian": "little"}}


class Stored(NamedTuple):
    """What a commit record tells of an array: its form, and its chunk's length and SHA-256."""

    shape: tuple[int, ...]
    type: str
    packed: bool
    length: int
    sha256: str


def group_file(attributes: Mapping[str, Any]) -> bytes:
    """Return the ``zarr.json`` of a group."""
    return _json({"zarr_format": 3, "node_type": "group", "attributes": dict(attributes)})


def array_file(stored: Stored) -> bytes:
    """Return the ``zarr.json`` of an array that is one chunk."""
    return _json(
        {
            "zarr_format": 3,
            "node_type": "array",
            "shape": stored.shape,
            "data_type": stored.type,
            "chunk_grid": {
                "name": "regular",
                "configuration": {"chunk_shape": [max(length, 1) for length in stored.shape]},
            },
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": 0,
            "codecs": [SPRINTZ if stored.packed else _BYTES],
            "attributes": {},
        }
    )


def write_array(store: Store, key: str, array: Array, *, packed: bool) -> Stored:
    """Write an array below `key`: compressed if it is (n, d), or so that it can be mapped."""
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    content = sprintz.compress(array, chunk_rows=_CHUNK) if packed else array.tobytes()
    checksum = sha256(content).hexdigest()
    stored = Stored(array.shape, array.dtype.name, packed, len(content), checksum)
    store.write(chunk_key(key, stored), content)
    store.write(f"{key}/zarr.json", array_file(stored))
    return stored


def chunk_key(key: str, stored: Stored) -> str:
    """Return where the one chunk of an array lies."""
    return "/".join([key, "c", *("0" for _ in stored.shape)])


def read_chunk(store: Store, key: str, stored: Stored) -> U8:
    """Map the chunk of an array into memory, or say that it is not whole.

    Raises
    ------
    ArchiveError
        If it is missing, or of another length than it was.
    """
    try:
        chunk = store.map(chunk_key(key, stored))
    except FileNotFoundError as error:
        raise damaged(store, key, "it is missing") from error
    if len(chunk) != stored.length:
        raise damaged(store, key, f"{len(chunk)} bytes instead of {stored.length}")
    return chunk


class Rows:
    """Rows of an array, read when they are asked for.

    Raises
    ------
    ArchiveError
        If the chunk is missing or damaged; a compressed one is checked as it is read.
    """

    def __init__(self, store: Store, key: str, stored: Stored) -> None:
        self._store, self._key = store, key
        chunk = read_chunk(store, key, stored)
        self._rows: Any
        if stored.packed:
            try:
                self._rows = sprintz.Reader(chunk)
            except CodecError as error:
                raise damaged(store, key, str(error)) from error
        else:
            self._rows = chunk.view(np.dtype(stored.type).newbyteorder("<")).reshape(stored.shape)

    def __getitem__(self, rows: slice) -> Array:
        """Return a range of rows."""
        try:
            return np.asarray(self._rows[rows])
        except CodecError as error:
            raise damaged(self._store, self._key, str(error)) from error

    def take(self, rows: I64) -> Array:
        """Return some rows of an array that is not compressed."""
        return np.asarray(self._rows[rows])

    @staticmethod
    def gather(arrays: Sequence[Rows], source: I64, first: I64, last: I64) -> Array:
        """Return ranges of rows of compressed arrays; see `kwspot.sprintz.gathering.gather`."""
        try:
            return gather([one._rows for one in arrays], source, first, last)
        except CodecError:
            for number, a, b in zip(source.tolist(), first.tolist(), last.tolist(), strict=True):
                arrays[number][a:b]  # tells which is damaged
            raise


def damaged(store: Store, key: str, why: str) -> ArchiveError:
    """Say that part of an archive is not what was written."""
    return ArchiveError(
        f"{store.url}: {key} is damaged: {why}",
        hint=f"mend it: kwspot index --check -o {store.url}",
    )


def _json(fields: Mapping[str, Any]) -> bytes:
    return (json.dumps(fields, indent=1) + "\n").encode()
