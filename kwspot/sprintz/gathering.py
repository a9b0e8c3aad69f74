"""Rows of many files, expanded together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .container import NUMBERS, Reader
from .scratch import PADDING, REST, Array, Decoding, bytes_of, unsigned
from .stream import broken

if TYPE_CHECKING:
    from collections.abc import Sequence

I64 = npt.NDArray[np.int64]

_BITS = 32  # of a chunk's number


def gather(readers: Sequence[Reader], source: I64, first: I64, last: I64) -> Array:
    """Expand ranges of rows of several files, each chunk once.

    Parameters
    ----------
    readers : sequence of Reader
        Files of the same columns and type.
    source : ndarray, shape (k,), int64
        Number of the file that a range is of.
    first, last : ndarray, shape (k,), int64
        Where each begins, and its end; none is empty or goes beyond the last row.

    Returns
    -------
    ndarray, shape (n, d), of the type that was compressed
        The ranges one after the other.

    Raises
    ------
    CodecError
        If a chunk is damaged.

    Notes
    -----
    O(d) for each row of the chunks that are touched; one call of a kernel for all files, which many
    small ones need: they take 20 times as long one by one.

    Examples
    --------
    >>> from kwspot.sprintz import compress
    >>> rows = np.arange(900, dtype=np.uint16).reshape(300, 3)
    >>> files = [Reader(compress(rows + more, chunk_rows=64)) for more in (0, 1)]
    >>> gather(files, np.array([1, 0]), np.array([299, 2]), np.array([300, 4]))[:, 0].tolist()
    [898, 6, 9]
    """
    from kwspot.kernels.rows import copy_ranges

    if len({reader.kind for reader in readers}) > 1 or readers[0].kind.mode >= 2:
        runs = zip(source.tolist(), first.tolist(), last.tolist(), strict=True)
        parts = [readers[number][a:b] for number, a, b in runs]
        return np.concatenate([readers[0][:0], *parts])
    chunk = readers[0].kind.chunk
    begin = first // chunk
    touched = (last - 1) // chunk - begin + 1
    before = np.cumsum(touched) - touched
    chunks = np.repeat(begin - before, touched) + np.arange(touched.sum())
    keys, slot = np.unique((np.repeat(source, touched) << _BITS) | chunks, return_inverse=True)
    wide, place = _expanded(readers, keys >> _BITS, keys & ((1 << _BITS) - 1))
    found = np.empty((int((last - first).sum()), wide.shape[1]), wide.dtype)
    width, places = wide.shape[1] * wide.itemsize, place[slot]
    copy_ranges(bytes_of(wide), width, chunk, places, first, last, found.view(np.uint8).reshape(-1))
    return found


def _expanded(readers: Sequence[Reader], source: I64, chunk: I64) -> tuple[Array, I64]:
    """Expand chunks, and tell the place of each among them; short ones come last."""
    kind = readers[0].kind
    short = (chunk + 1) * kind.chunk > np.array([len(reader) for reader in readers])[source]
    place = np.empty(len(chunk), np.int64)
    order = np.argsort(short, kind="stable")
    place[order] = np.arange(len(order))
    wide = np.empty((len(chunk) * kind.chunk, kind.columns), kind.dtype)
    whole = int(len(short) - short.sum())
    _decode(readers, source[order[:whole]], chunk[order[:whole]], wide[: whole * kind.chunk])
    for number in order[whole:].tolist():
        reader, start = readers[source[number]], int(chunk[number]) * kind.chunk
        to = int(place[number]) * kind.chunk
        reader.read_into(start, wide[to : to + len(reader) - start])
    return wide, place


def _decode(readers: Sequence[Reader], source: I64, chunk: I64, out: Array) -> None:
    """Expand whole chunks, in the order of their files."""
    from kwspot.kernels.sprintz import decode_chunks

    kind, parts, tables = readers[0].kind, [np.empty(0, np.uint8)], [np.empty((0, 3), np.int64)]
    numbers, starts = np.unique(source, return_index=True)
    ends = np.append(starts, len(source))[1:]
    for number, a, b in zip(numbers.tolist(), starts.tolist(), ends.tolist(), strict=True):
        packed, table = readers[number].packed(chunk[a:b])
        parts += packed
        tables.append(table)
    table = np.concatenate(tables)
    table[:, 0] = np.cumsum(table[:, 1]) - table[:, 1]
    joined = np.concatenate([*parts, np.zeros(PADDING, np.uint8)])
    scratch = Decoding.of(kind.columns, unsigned(out).dtype)
    where, status = decode_chunks(
        joined, table, kind.chunk * kind.columns, kind.columns, kind.mode == NUMBERS["fire"], True,
        unsigned(out), np.empty(REST, np.uint8), *scratch.arrays(),
    )  # fmt: skip
    if status != 0:
        raise broken(f"chunk {chunk[where]} of file {source[where]}", status)
