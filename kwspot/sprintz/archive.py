"""The high-ratio mode: average predictor, then the entropy stage of zstd."""

from __future__ import annotations

from typing import Any

import numpy as np

from kwspot.errors import CodecError, MissingExtra

from .scratch import Array, aligned, read_only

LANES = 64


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
    """Compress x (n,) uint8 or uint16, rows of `columns` one after the other. O(n)."""
    from kwspot.kernels.average import average_errors

    length = x.size // (columns * LANES)
    even = length * columns * LANES
    z = np.empty(x.size, x.dtype)
    average_errors(x[:even], columns, length, z[:even])
    before = x[even - columns : even] if even else np.zeros(columns, x.dtype)
    rest = np.vstack([before, x[even:].reshape(-1, columns)])
    z[even:] = _zigzag(np.diff(rest, axis=0).reshape(-1))
    if x.itemsize == 2:  # all low bytes, then all high ones, which are nearly all 0
        z = np.ascontiguousarray(z.view(np.uint8).reshape(-1, 2).T)
    return bytes(squeeze.compress(z.tobytes()))


def decode(data: Array, columns: int, out: Array, expand: Any, room: Array) -> None:
    """Fill out (n,) uint8 or uint16, or raise CodecError where data is not what it should be.

    room (out.nbytes or more,) uint8 is scratch: fresh memory for each chunk would cost as much as
    undoing the forecast. O(n).
    """
    from kwspot.kernels.average import average_values

    z = room[: out.nbytes]
    try:
        with expand.stream_reader(data) as stream:
            found = stream.readinto(z)
            more = stream.read(1)
    except _zstandard().ZstdError as error:
        raise _damaged(str(error)) from error
    if found != out.nbytes or more:
        raise _damaged(f"it does not hold {out.nbytes} bytes")
    if out.itemsize == 2:
        z = np.ascontiguousarray(z.reshape(2, -1).T).reshape(-1).view(np.uint16)
    length = out.size // (columns * LANES)
    even = length * columns * LANES
    average_values(
        read_only(z[:even]), columns, length, aligned(columns * LANES, out.dtype), out[:even]
    )
    if even < out.size:
        rest = _unzigzag(z[even:]).reshape(-1, columns)
        before = out[even - columns : even] if even else np.zeros(columns, out.dtype)
        total = np.cumsum(np.vstack([before, rest]), axis=0, dtype=out.dtype)
        out[even:] = total[1:].reshape(-1)


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
