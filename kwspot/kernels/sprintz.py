"""Whole Sprintz streams and sequences of chunks: what `kwspot.sprintz` calls."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from .checksum import sum_bytes
from .compile import inlined, jit
from .sprintz_decode import OVERFULL, TRUNCATED, decode
from .sprintz_encode import encode

DAMAGED, MISFIT = -3, -4


@inlined
def encode_stream(x, columns, fire, out, state, errors, widths, plan, slow, bounce):
    """Write the stream of x (n,) uint8 or uint16, rows one after the other; return its bytes.

    out (bound,) uint8. O(n).
    """
    groups, position, at = encode(
        x, columns, fire, out, state, errors, widths, plan, slow, bounce
    )
    tail = x.size - at
    for i in range(4):
        out[i] = (groups >> (8 * i)) & 255
    for i in range(2):
        out[4 + i] = (tail >> (8 * i)) & 255
        out[6 + i] = (columns >> (8 * i)) & 255
    for i in range(at, x.size):
        value = np.int64(x[i])
        for _ in range(x.itemsize):
            out[position] = value & 255
            value >>= 8
            position += 1
    return position


@inlined
def decode_stream(stream, size, columns, fire, out, work, table, state, slow, bounce, spare):
    """Fill ``out[: out.size - spare]`` from a stream of `size` bytes; 0, or what is wrong with it.

    stream (size + PADDING or more,) uint8; the last `spare` items of out may be overwritten. O(n).
    """
    if size < 8:
        return TRUNCATED
    groups, tail, found = np.int64(0), np.int64(0), np.int64(0)
    for i in range(4):
        groups |= np.int64(stream[i]) << (8 * i)
    for i in range(2):
        tail |= np.int64(stream[4 + i]) << (8 * i)
        found |= np.int64(stream[6 + i]) << (8 * i)
    coded = out.size - spare - tail
    if found != columns:
        return MISFIT
    if coded < 0:
        return OVERFULL
    position = decode(
        stream, size, groups, columns, fire, out, coded, work, table, state, slow, bounce
    )
    if position < 0:
        return position
    if position + tail * out.itemsize != size:
        return TRUNCATED
    for i in range(tail):
        value = np.int64(0)
        for byte in range(out.itemsize):
            value |= np.int64(stream[position]) << (8 * byte)
            position += 1
        out[coded + i] = value
    return 0


@jit
def encode_chunks(
    x, chunk, columns, fire, out, index, rest, state, errors, widths, plan, slow, bounce
):
    """Write the streams of every `chunk` items of x one after the other; return their bytes.

    index (chunks, 3) int64 gets offset, length and checksum of each. O(n).
    """
    position = 0
    for c in range(index.shape[0]):
        part = x[c * chunk : min((c + 1) * chunk, x.size)]
        length = encode_stream(
            part, columns, fire, out[position:], state, errors, widths, plan, slow, bounce
        )
        index[c, 0], index[c, 1] = position, length
        index[c, 2] = sum_bytes(out, position, length, rest)
        position += length
    return position


@jit
def decode_chunks(
    data, index, chunk, columns, fire, check, out, rest, work, table, state, slow, bounce
):
    """Fill out (n,) from chunks of `chunk` items; return (chunk, what is wrong) or (-1, 0).

    index as in `encode_chunks`, offsets counting from the start of data, which has PADDING bytes
    behind every chunk. Checksums are compared if `check`. O(n).
    """
    for c in range(index.shape[0]):
        offset, length = index[c, 0], index[c, 1]
        if check and sum_bytes(data, offset, length, rest) != index[c, 2]:
            return c, DAMAGED
        first = c * chunk
        last = min(first + chunk, out.size)
        # the next chunk, written after this one, is free to be overwritten
        spare = min(64, out.size - last)
        status = decode_stream(
            data[offset:], length, columns, fire, out[first : last + spare],
            work, table, state, slow, bounce, spare,
        )  # fmt: skip
        if status != 0:
            return c, status
    return -1, 0
