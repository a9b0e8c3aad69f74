"""Sequences of Sprintz streams: the kernels that `kwspot.sprintz` calls.

There are two of each, as the layouts share little but their order of groups: `encoder` and
`decoder` tell which one is meant. What they share is written once, with the layout a constant:
numba leaves out what a constant rules out before it compiles any of it.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import Any

import numpy as np

from .checksum import sum_stretch
from .compile import inlined, jit
from .memory import clear_bytes, copy_bytes, load_word, store_word
from .sprintz_decode import decode_rows, plan_group
from .sprintz_encode import encode
from .sprintz_low import decode_low, is_low

TRUNCATED, OVERFULL, DAMAGED, MISFIT = -1, -2, -3, -4


def encoder(columns: int, item_bytes: int) -> Any:
    """Choose `encode_chunks` or `encode_low_chunks`."""
    return encode_low_chunks if is_low(columns, item_bytes) else encode_chunks


def decoder(columns: int, item_bytes: int) -> Any:
    """Choose `decode_chunks` or `decode_low_chunks`."""
    return decode_low_chunks if is_low(columns, item_bytes) else decode_chunks


@jit
def encode_chunks(
    x, chunk, columns, fire, out, index, rest, state, errors, widths, fields, plan, slow, bounce
):
    """Write the streams of every `chunk` items of x one after the other; return their bytes.

    x (n,) uint8 or uint16, rows one after the other; out (`bound` for each chunk,) uint8; index
    (chunks, 3) int64 gets offset, length and checksum of each. O(n).
    """
    return _encode_each(
        x, chunk, columns, fire, out, index, rest,
        state, errors, widths, fields, plan, slow, bounce, False,
    )  # fmt: skip


@jit
def encode_low_chunks(
    x, chunk, columns, fire, out, index, rest, state, errors, widths, fields, plan, slow, bounce
):
    """Do as `encode_chunks` for columns in the low layout. O(n)."""
    return _encode_each(
        x, chunk, columns, fire, out, index, rest,
        state, errors, widths, fields, plan, slow, bounce, True,
    )  # fmt: skip


@inlined
def _encode_each(
    x, chunk, columns, fire, out, index, rest,
    state, errors, widths, fields, plan, slow, bounce, low,
):  # fmt: skip
    start: Any = np.int64(0)
    for c in range(index.shape[0]):
        part = x[c * chunk : (c + 1) * chunk]
        target = out[start:]
        groups, length, at = encode(
            part, columns, fire, target, state, errors, widths, fields, plan, slow, bounce, low
        )
        left = part.size - at
        store_word(target, 0, groups | (left << 32) | (columns << 48))
        copy_bytes(target, length, part, at * x.itemsize, left * x.itemsize)
        length += left * x.itemsize
        index[c, 0], index[c, 1] = start, length
        index[c, 2] = sum_stretch(out, start, length, rest)
        start += length
    return start


@jit
def decode_chunks(
    data, index, chunk, columns, fire, check, out, rest, work, table, state, slow, bounce
):
    """Fill out (n,) from chunks of `chunk` items; return (chunk, what is wrong) or (-1, 0).

    data (bytes,) uint8 has PADDING bytes behind every chunk; index as in `encode_chunks`, offsets
    count from its start. Checksums are compared if `check`. O(n).
    """
    return _decode_each(
        data, index, chunk, columns, fire, check, out, rest,
        work, table, state, slow, bounce, False,
    )  # fmt: skip


@jit
def decode_low_chunks(
    data, index, chunk, columns, fire, check, out, rest, work, table, state, slow, bounce
):
    """Do as `decode_chunks` for columns in the low layout. O(n)."""
    return _decode_each(
        data, index, chunk, columns, fire, check, out, rest,
        work, table, state, slow, bounce, True,
    )  # fmt: skip


@inlined
def _decode_each(
    data, index, chunk, columns, fire, check, out, rest, work, table, state, slow, bounce, low
):
    for c in range(index.shape[0]):
        offset, size = index[c, 0], index[c, 1]
        if check and sum_stretch(data, offset, size, rest) != index[c, 2]:
            return c, DAMAGED
        first = c * chunk
        last = first + chunk if first + chunk < out.size else out.size
        # the next chunk, written after this one, is free to be overwritten
        target = out[first : last + 64]
        status = decode_stream(
            data[offset:], size, columns, fire, target, last - first,
            work, table, state, slow, bounce, low,
        )  # fmt: skip
        if status != 0:
            return c, status
    return -1, 0


@inlined
def decode_stream(stream, size, columns, fire, out, items, work, table, state, slow, bounce, low):
    """Fill ``out[:items]`` from a stream of `size` bytes; return 0, or what is wrong with it.

    What lies behind `items` may be overwritten. work, table, state, slow, bounce: see `Decoding`.
    O(items).
    """
    zero: Any = np.int64(
        0
    )  # a bare 0 would be a type of its own: each helper would be compiled twice
    status, position, at = zero, zero + 8, zero
    head = load_word(stream, 0) if size >= 8 else 0
    groups, tail = head & 0xFFFFFFFF, (head >> 32) & 0xFFFF
    coded, block = items - tail, 8 * columns
    header_bytes = (2 * columns * 3 + 7) // 8
    if out.itemsize == 2:
        header_bytes = columns
    clear_bytes(state, state.size)
    clear_bytes(slow, slow.size * 8)
    if size < 8:
        status = TRUNCATED
    elif (head >> 48) & 0xFFFF != columns:
        status = MISFIT
    elif coded < 0:
        status = OVERFULL
    number, group, total, next_total, header = zero + 2, zero, zero, zero, zero
    while status == 0:
        if number == 2:
            if group == groups:
                break
            number, group, header = 0, group + 1, position
            position += header_bytes
            if position > size:
                status = TRUNCATED
                break
            totals = plan_group(stream, header, columns, table, work, out)
            total, next_total = totals & 0xFFFFFFFF, totals >> 32
        repeat, row_bytes, payload = 1, (total + 7) >> 3, position
        if total > 0:
            position += total if low else 8 * row_bytes
        else:  # a run: one byte, or two
            run = load_word(stream, position)
            long = (run >> 7) & 1
            repeat = (run & 127) | (long * ((run >> 8) & 255) << 7)
            position += 1 + long
        if position > size:
            status = TRUNCATED
        elif at + repeat * block > coded:
            status = OVERFULL
        else:
            for _ in range(repeat):
                safe = at + block + 64 <= out.size
                if low:
                    decode_low(stream, header, number, columns, payload, fire, out, at, slow, work)
                else:
                    decode_rows(
                        stream, payload, row_bytes, work, number, state,
                        columns, fire, out, at, bounce, safe,
                    )  # fmt: skip
                    if not safe:
                        copy_bytes(out, at * out.itemsize, bounce, 0, block * out.itemsize)
                at += block
            number, total = number + 1, next_total
    if status == 0:
        if at != coded or position + tail * out.itemsize != size:
            return TRUNCATED
        copy_bytes(out, coded * out.itemsize, stream, position, tail * out.itemsize)
    return status
