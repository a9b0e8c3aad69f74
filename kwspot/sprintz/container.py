"""Files of compressed chunks: what they are, checksums, and reading some rows only."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kwspot.errors import CodecError

from . import archive
from .scratch import (
    DTYPES,
    MAX_COLUMNS,
    PADDING,
    REST,
    Array,
    Decoding,
    Encoding,
    bound,
    bytes_of,
    checked_matrix,
    is_fire,
    read_only,
    unsigned,
)
from .stream import broken

if TYPE_CHECKING:
    import numpy.typing as npt

MAGIC = b"KSZ\x01"
MODES = ("delta", "fire", "archive")
NUMBERS = {"delta": 0, "fire": 1, "archive": 3}  # of modes in files; 2 is the archive's first form
PREFIX = struct.Struct("<4sBBHQIIII")  # magic, type, mode, 0, rows, columns, chunk, chunks, 0
SUM = struct.Struct("<q")
CHUNK_BYTES = {"delta": 1 << 18, "fire": 1 << 18, "archive": 1 << 20}  # by default, about


def compress(x: npt.ArrayLike, *, mode: str = "delta", chunk_rows: int | None = None) -> bytes:
    """Compress a matrix into a file that `decompress` and `Reader` understand by itself.

    Parameters
    ----------
    x : array_like, shape (n, d), int8, uint8, int16 or uint16
        One row a sample; 1 to 4095 columns.
    mode : {"delta", "fire", "archive"}
        "delta" is the fastest, "fire" smaller where columns run in slopes, "archive" about a
        sixth smaller and several times slower; it needs ``kwspot[archive]``.
    chunk_rows : int, optional
        Rows a chunk, the least that is read at once; by default about 256 KiB of values, 1 MiB in
        the archive mode.

    Returns
    -------
    bytes
        The file; FORMAT.md describes it.

    Raises
    ------
    ValueError, TypeError
        If x is not such a matrix, or mode or chunk_rows is out of range.
    MissingExtra
        If the archive mode's package is not installed.

    Notes
    -----
    O(n d) time.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.add.outer(np.arange(4000), np.arange(40)).astype(np.uint8)
    >>> len(compress(x, mode="fire")), x.nbytes
    (47852, 160000)
    """
    matrix = checked_matrix(x)
    rows, columns = matrix.shape
    if mode not in MODES:
        msg = f"expected mode 'delta', 'fire' or 'archive', got {mode!r}"
        raise ValueError(msg)
    chunk = default_chunk(columns, matrix.itemsize, mode) if chunk_rows is None else chunk_rows
    if not 1 <= chunk < 1 << 32:
        msg = f"expected chunk_rows of 1 or more, got {chunk_rows}"
        raise ValueError(msg)
    chunks = -(-rows // chunk)
    index = np.zeros((chunks, 3), np.int64)
    encode = _encode_archive if mode == "archive" else _encode_streams
    body = encode(read_only(unsigned(matrix)), chunk, columns, index, mode)
    kind = DTYPES.index(matrix.dtype)
    prefix = PREFIX.pack(MAGIC, kind, NUMBERS[mode], 0, rows, columns, chunk, chunks, 0)
    head = prefix + index.astype("<i8").tobytes()
    return b"".join([head, SUM.pack(_checksum(head)), body, bytes(PADDING)])


def decompress(data: Any, out: Array | None = None) -> Array:
    """Expand a file that `compress` wrote.

    Parameters
    ----------
    data : bytes-like
        The file.
    out : numpy.ndarray, shape (n, d), optional
        Where to put the values: C-contiguous, of the file's type.

    Returns
    -------
    numpy.ndarray, shape (n, d), int8, uint8, int16 or uint16
        The values; `out` if it was given.

    Raises
    ------
    CodecError
        If data is damaged, cut short or no such file. Every chunk is checked.
    ValueError
        If out does not fit.
    MissingExtra
        If the file is in the archive mode and its package is not installed.

    Notes
    -----
    O(n d) time. Nothing is allocated that the file does not account for.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(600, dtype=np.int16).reshape(200, 3)
    >>> bool((decompress(compress(x)) == x).all())
    True
    """
    reader = Reader(data)
    if out is None:
        return reader[:]
    if out.shape != reader.shape or out.dtype != reader.dtype or not out.flags.c_contiguous:
        msg = f"out must be C-contiguous {reader.dtype} of shape {reader.shape}"
        raise ValueError(msg)
    reader.read_into(0, out)
    return out


class Kind(NamedTuple):
    """What a file holds: its mode's number, type, columns, and rows of a chunk."""

    mode: int
    dtype: np.dtype[Any]
    columns: int
    chunk: int


class Reader:
    """Read rows of a file that `compress` wrote, without expanding the rest.

    Parameters
    ----------
    data : bytes-like
        The file; a memory map will do. Only the head is read at once.

    Raises
    ------
    CodecError
        If the head is damaged, cut short or of no such file.

    Examples
    --------
    >>> import numpy as np
    >>> reader = Reader(compress(np.arange(900, dtype=np.uint16).reshape(300, 3), chunk_rows=64))
    >>> reader.shape, reader[100:102].tolist()
    ((300, 3), [[300, 301, 302], [303, 304, 305]])
    """

    def __init__(self, data: Any) -> None:
        self._data = bytes_of(data)
        head = self._data[: PREFIX.size].tobytes()
        if len(head) < PREFIX.size or head[:4] != MAGIC:
            raise _not_ours("it does not begin like one")
        _, kind, mode, zero, rows, columns, chunk, chunks, last = PREFIX.unpack(head)
        start = PREFIX.size + 24 * chunks
        if self._data.size < start + SUM.size + PADDING:
            raise _not_ours("it is cut short")
        if SUM.unpack(self._data[start : start + SUM.size].tobytes())[0] != _checksum(
            self._data[:start]
        ):
            raise _not_ours("the checksum of its head does not agree")
        if kind >= len(DTYPES) or mode > 3 or zero or last or not 1 <= columns <= MAX_COLUMNS:
            raise _not_ours("it is of a newer version")
        if not chunk or chunks != -(-rows // chunk):
            raise _not_ours("its number of chunks is wrong")
        self._mode, self.dtype = mode, DTYPES[kind]
        self.shape: tuple[int, int] = (rows, columns)
        self._chunk: int = chunk
        table = self._data[PREFIX.size : start].view("<i8").reshape(-1, 3).astype(np.int64)
        self._index, self._body = table, self._data[start + SUM.size :]
        self._check_index()

    def _check_index(self) -> None:
        """Refuse chunks that do not lie in the file, or that cannot hold so many rows."""
        offsets, lengths = self._index[:, 0], self._index[:, 1]
        room = self._body.size - PADDING
        ends = np.cumsum(lengths)
        inside = (offsets >= 0) & (lengths >= 0) & (offsets <= room) & (lengths <= room - offsets)
        if not inside.all() or (offsets[1:] != ends[:-1]).any() or offsets[:1].any():
            raise _not_ours("a chunk lies outside of it")
        rows = np.full(len(lengths), self._chunk)
        rows[-1:] = self.shape[0] - self._chunk * (len(lengths) - 1)
        if (rows > lengths * self._densest()).any():
            raise _not_ours("a chunk is too short for its rows")

    def _densest(self) -> int:
        """Bound the rows that a byte can stand for, so that a small file stays small in memory."""
        if self._mode >= 2:  # zstd repeats at most 128 KiB for 4 bytes; a byte holds two codes
            return (1 << 18) // self.shape[1] + 1
        # a group holds at most two runs of 32767 blocks, of 2 bytes each behind its header
        return 2 * 8 * 32767 // (self.shape[1] // 2 + 4) + 1

    def __len__(self) -> int:
        """Count the rows."""
        return self.shape[0]

    @property
    def kind(self) -> Kind:
        """What is the same in all files that `gathering.gather` can expand together."""
        return Kind(self._mode, self.dtype, self.shape[1], self._chunk)

    def packed(self, chunks: Array) -> tuple[list[Array], Array]:
        """Return chunks as they are stored, and what the index says of them.

        Parameters
        ----------
        chunks : ndarray, shape (k,), int64
            Their numbers, from 0; at least one.

        Returns
        -------
        list of ndarray, shape (m,), uint8
            Their bytes: those of chunks that follow each other are in one piece.
        ndarray, shape (k, 3), int64
            The rows of the index.
        """
        table = self._index[chunks]
        pieces: list[list[int]] = []
        for start, length in table[:, :2].tolist():
            if pieces and start == pieces[-1][1]:
                pieces[-1][1] += length
            else:
                pieces.append([start, start + length])
        return [self._body[start:end] for start, end in pieces], table

    def __getitem__(self, rows: slice) -> Array:
        """Expand a range of rows, shape (rows, d)."""
        start, stop, step = rows.indices(self.shape[0])
        if step != 1:
            msg = f"expected a slice of step 1, got {step}"
            raise ValueError(msg)
        count, columns = max(0, stop - start), self.shape[1]
        first = start // self._chunk * self._chunk
        last = min(self.shape[0], -(-stop // self._chunk) * self._chunk) if count else first
        wide = np.empty((last - first) * columns, self.dtype)
        self._read(first, wide)
        begin = (start - first) * columns if count else 0
        return wide[begin : begin + count * columns].reshape(count, columns)

    def read_into(self, start: int, out: Array) -> None:
        """Fill an array with the rows from the first of a chunk on.

        Parameters
        ----------
        start : int
            Number of that row.
        out : ndarray, shape (rows, d), of the file's type
            What to fill.
        """
        self._read(start, out.reshape(-1))

    def _read(self, start: int, out: Array) -> None:
        columns, chunk = self.shape[1], self._chunk
        first = start // chunk
        self._decode(self._index[first : first + -(-out.size // (chunk * columns))], out)

    def _decode(self, part: Array, out: Array) -> None:
        columns, chunk = self.shape[1], self._chunk
        flat = unsigned(out)
        if self._mode >= 2:
            return self._read_archive(part, flat)
        from kwspot.kernels.sprintz import decoder

        scratch = Decoding.of(columns, flat.dtype)
        rest = np.empty(REST, np.uint8)
        decode_chunks = decoder(columns, flat.itemsize)
        where, status = decode_chunks(
            self._body, part, chunk * columns, columns, self._mode == NUMBERS["fire"], True,
            flat, rest, *scratch.arrays(),
        )  # fmt: skip
        if status != 0:
            raise broken(f"chunk at byte {part[where, 0]}", status)
        return None

    def _read_archive(self, index: Array, out: Array) -> None:
        from kwspot.kernels.checksum import checksum

        expand, rest = archive.decompressor(), np.empty(REST, np.uint8)
        columns, size = self.shape[1], self._chunk * self.shape[1]
        largest = min(size, out.size) * out.itemsize
        room = np.empty(archive.ROOM * largest + archive.ROOM_MORE, np.uint8)
        decode = archive.decode_bytes if self._mode == 2 else archive.decode
        for number, (offset, length, expected) in enumerate(index.tolist()):
            if checksum(self._body, offset, length, rest) != expected:
                raise broken(f"chunk at byte {offset}", -3)
            target = out[number * size : (number + 1) * size]
            decode(self._body[offset : offset + length], columns, target, expand, room)


def default_chunk(columns: int, itemsize: int, mode: str) -> int:
    """Choose the rows of a chunk."""
    rows = max(64, CHUNK_BYTES[mode] // (columns * itemsize))
    if mode != "archive":
        return rows
    length = max(1, rows // archive.LANES)
    # stretches an even number of cache lines apart would crowd into the same part of the cache
    while length > 1 and length * columns * itemsize // 64 % 2 == 0:
        length -= 1
    return length * archive.LANES


def _encode_streams(x: Array, chunk: int, columns: int, index: Array, mode: str) -> bytes:
    from kwspot.kernels.sprintz import encoder

    size = chunk * columns
    chunks, left = divmod(x.size, size)
    room = chunks * bound(chunk, columns, x.itemsize) + bound(left // columns, columns, x.itemsize)
    out = np.empty(room, np.uint8)
    rest = np.empty(REST, np.uint8)
    scratch = Encoding.of(columns, x.dtype).arrays()
    encode_chunks = encoder(columns, x.itemsize)
    used = encode_chunks(x, size, columns, is_fire(mode), out, index, rest, *scratch)
    return out[:used].tobytes()


def _encode_archive(x: Array, chunk: int, columns: int, index: Array, mode: str) -> bytes:
    del mode
    squeeze, parts, position = archive.compressor(), [], 0
    for number in range(len(index)):
        part = archive.encode(x[number * chunk * columns :][: chunk * columns], columns, squeeze)
        index[number] = position, len(part), _checksum(part)
        parts.append(part)
        position += len(part)
    return b"".join(parts)


def _checksum(data: Any) -> int:
    from kwspot.kernels.checksum import checksum

    view = bytes_of(data)
    total: int = checksum(view, 0, view.size, np.empty(REST, np.uint8))
    return total


def _not_ours(why: str) -> CodecError:
    return CodecError(
        f"this is no file of compressed time series: {why}",
        hint="give the whole file that kwspot.sprintz.compress wrote",
    )
