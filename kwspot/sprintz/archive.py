"""The high-ratio mode: average predictor, then the entropy stage of zstd."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from kwspot.errors import CodecError, MissingExtra
from kwspot.kernels.alignment import aligned

from .scratch import Array, read_only

LANES = 64
HEAD = struct.Struct("<B3xI")  # low bits a code, number of extras
ROOM = 4  # scratch of `decode` in multiples of what it fills, and ROOM_MORE bytes
ROOM_MORE = 1024
_RARE = 1 / 1000  # share of codes that may be too large for a nibble


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtra("the archive mode of Sprintz", "archive") from error
    return zstandard


def compressor() -> Any:
    """Make a zstd compressor that looks for few matches.

    Residuals are noise: matches of 3 or 4 bytes, which level 1 finds, cost more than they save and
    halve the speed of decoding. With matches of 7 bytes and more nearly all is Huffman-coded.
    """
    zstandard = _zstandard()
    parameters = zstandard.ZstdCompressionParameters(
        strategy=zstandard.STRATEGY_FAST,
        window_log=17,
        hash_log=6,
        chain_log=6,
        search_log=1,
        min_match=7,
        target_length=0,
        write_checksum=0,
    )
    return zstandard.ZstdCompressor(compression_params=parameters)


def decompressor() -> Any:
    """Make a zstd decompressor."""
    return _zstandard().ZstdDecompressor()


def encode(x: Array, columns: int, squeeze: Any) -> bytes:
    """Compress x (n,) uint8 or uint16, rows of `columns` one after the other. O(n).

    Low bits of codes are noise, so two codes share a byte without them: half as many symbols for
    zstd, whose speed is a matter of symbols, and no larger.
    """
    from kwspot.kernels.average import average_errors

    length = x.size // (columns * LANES)
    even = length * columns * LANES
    codes = np.zeros((-(-length * columns // 2) * 2, LANES), x.dtype)
    average_errors(x[:even], columns, length, codes.reshape(-1)[:even])
    shift = _low_bits(codes)
    high = codes >> shift
    nibbles = np.minimum(high, 15).astype(np.uint8)
    planes = codes[:, None, :] >> np.arange(shift, dtype=x.dtype)[::-1, None] & 1
    extras = high[high >= 15] - 15
    before = x[even - columns : even] if even else np.zeros(columns, x.dtype)
    rest = np.vstack([before, x[even:].reshape(-1, columns)])
    tail = np.concatenate([extras, _zigzag(np.diff(rest, axis=0).reshape(-1))])
    contents = [
        (nibbles[::2] | nibbles[1::2] << 4).tobytes(),
        np.packbits(planes.astype(np.uint8), axis=-1, bitorder="little").tobytes(),
        tail.view(np.uint8).reshape(-1, x.itemsize).T.tobytes(),  # all low bytes, then all high
    ]
    return HEAD.pack(shift, len(extras)) + _squeezed(contents, squeeze)


def _squeezed(contents: list[bytes], squeeze: Any) -> bytes:
    """Make one zstd frame in which each content has blocks of its own: they have Huffman codes."""
    stream = squeeze.compressobj(size=sum(map(len, contents)))
    flush = _zstandard().COMPRESSOBJ_FLUSH_BLOCK
    parts = [
        part for content in contents for part in (stream.compress(content), stream.flush(flush))
    ]
    return b"".join([*parts, stream.flush()])


def _low_bits(codes: Array) -> int:
    """Choose how many low bits to split off, so that what is left seldom exceeds 15."""
    shift = 0
    while np.count_nonzero(codes >= 15 << shift) > _RARE * codes.size:
        shift += 1
    return shift


def decode(data: Array, columns: int, out: Array, expand: Any, room: Array) -> None:
    """Fill out (n,) uint8 or uint16, or raise CodecError where data is not what it should be.

    room (ROOM * out.nbytes + ROOM_MORE,) uint8 is scratch: fresh memory for each chunk would cost
    as much as undoing the forecast. O(n).
    """
    from kwspot.kernels.nibbles import join_codes

    if data.size < HEAD.size:
        raise _damaged("it is too short")
    shift, n_extras = HEAD.unpack(data[: HEAD.size].tobytes())
    even = out.size // (columns * LANES) * columns * LANES
    vectors = -(-even // (2 * LANES)) * 2
    if shift > 8 * out.itemsize - 3 or n_extras > even:
        raise _damaged("its head cannot be")
    codes = room[: vectors * LANES * out.itemsize]
    planes_at = vectors * LANES // 2
    rest_at = planes_at + vectors * 8 * shift
    size = rest_at + (n_extras + out.size - even) * out.itemsize
    found = room[codes.size :][:size]
    _expand(data[HEAD.size :], expand, found)
    pairs, planes = read_only(found[:planes_at]), read_only(found[planes_at:rest_at])
    rest = found[rest_at:].reshape(out.itemsize, -1).T.reshape(-1).view(out.dtype)
    codes = codes.view(out.dtype)
    if join_codes(pairs, planes, shift, rest[:n_extras], codes) != n_extras:
        raise _damaged("its large codes are not as many as it says")
    _undo(codes[:even], rest[n_extras:], columns, out)


def decode_bytes(data: Array, columns: int, out: Array, expand: Any, room: Array) -> None:
    """Do as `decode` for the older mode, in which codes are not split."""
    codes = room[: out.nbytes]
    _expand(data, expand, codes)
    if out.itemsize == 2:
        codes = np.ascontiguousarray(codes.reshape(2, -1).T).reshape(-1).view(np.uint16)
    even = out.size // (columns * LANES) * columns * LANES
    _undo(codes[:even], codes[even:], columns, out)


def _expand(data: Array, expand: Any, out: Array) -> None:
    """Fill out with what a zstd frame holds, which must be as much."""
    try:
        with expand.stream_reader(data) as stream:
            found = stream.readinto(out)
            more = stream.read(1)
    except _zstandard().ZstdError as error:
        raise _damaged(str(error)) from error
    if found != out.size or more:
        raise _damaged(f"it does not hold {out.size} bytes")


def _undo(codes: Array, tail: Array, columns: int, out: Array) -> None:
    """Fill out from the codes of whole stretches and of the rows behind them."""
    from kwspot.kernels.average import average_values

    even, length = codes.size, codes.size // (columns * LANES)
    lanes = aligned(columns * LANES, out.dtype)
    average_values(read_only(codes), columns, length, lanes, out[:even])
    if tail.size:
        before = out[even - columns : even] if even else np.zeros(columns, out.dtype)
        rows = np.vstack([before, _unzigzag(tail).reshape(-1, columns)])
        out[even:] = np.cumsum(rows, axis=0, dtype=out.dtype)[1:].reshape(-1)


def _zigzag(errors: Array) -> Array:
    signed = errors.view(f"i{errors.itemsize}")
    result = (signed << 1) ^ (signed >> (8 * errors.itemsize - 1))
    return result.view(errors.dtype)


def _unzigzag(z: Array) -> Array:
    result: Array = (z >> 1) ^ (0 - (z & 1)).astype(z.dtype)
    return result


def _damaged(why: str) -> CodecError:
    return CodecError(
        f"a chunk of the archive cannot be expanded: {why}",
        hint="compress the data again; check that the file was copied whole",
    )
