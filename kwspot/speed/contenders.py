"""The bare kernels of the systems with their memory prepared, ready to be timed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.kernels.alignment import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

Array = npt.NDArray[Any]


class Stream(NamedTuple):
    """Sprintz on one matrix: two functions, and how many times smaller the stream is."""

    encode: Callable[[], object]
    decode: Callable[[], object]
    ratio: float


def sprintz_stream(x: Array, *, fire: bool) -> Stream:
    """Prepare encoding and decoding of a matrix, shape (n, columns), uint8 or uint16.

    Examples
    --------
    >>> sprintz_stream(np.zeros((64, 8), np.uint8), fire=True).ratio > 5
    True
    """
    from kwspot.kernels.sprintz import decoder, encoder
    from kwspot.sprintz import scratch

    columns = x.shape[1]
    flat, index = scratch.read_only(scratch.unsigned(x)), np.zeros((1, 3), np.int64)
    packed = np.empty(scratch.bound(len(x), columns, x.itemsize), np.uint8)
    rest, out = np.empty(scratch.REST, np.uint8), aligned(x.size, flat.dtype)
    into = scratch.Encoding.of(columns, flat.dtype).arrays()
    back = scratch.Decoding.of(columns, flat.dtype).arrays()
    encode_chunks = encoder(columns, flat.itemsize)
    encode = partial(encode_chunks, flat, flat.size, columns, fire, packed, index, rest, *into)
    ratio = x.nbytes / encode()
    data = scratch.read_only(packed)
    decode_chunks = decoder(columns, flat.itemsize)
    decode = partial(decode_chunks, data, index, flat.size, columns, fire, False, out, rest, *back)
    decode()
    np.testing.assert_array_equal(out, flat)
    return Stream(encode, decode, ratio)


def fire_passes(x: npt.NDArray[np.uint8]) -> dict[str, Callable[[], object]]:
    """Prepare FIRE alone on bytes, shape (8 n, columns): to errors, to values, and the plain twin.

    Examples
    --------
    >>> list(fire_passes(np.zeros((64, 8), np.uint8)))
    ['errors', 'values', 'plain errors', 'memcpy']
    """
    from kwspot.kernels.fire import STATE_BYTES, fire_rows, plain_fire_errors
    from kwspot.sprintz import scratch

    rows, columns = x.shape
    flat, out = aligned(x.size + 64), aligned(x.size + 64)
    flat[: x.size] = x.reshape(-1)
    source, state = scratch.read_only(flat), aligned((columns + 7) // 8 * STATE_BYTES)
    padded = np.zeros(x.size + 2 * columns, np.int8)
    padded[2 * columns :] = x.reshape(-1).view(np.int8)
    errors, count = np.zeros_like(padded), np.zeros(columns, np.int16)
    room = np.empty(8 * columns, np.int16), np.empty(8 * columns, np.int8)

    def run(inverse: bool) -> None:
        state[:] = 0
        fire_rows(source, columns, rows, inverse, out, state)

    def plain() -> None:
        count[:] = 0
        plain_fire_errors(padded, columns, errors, *room, count)

    return {
        "errors": partial(run, False),
        "values": partial(run, True),
        "plain errors": plain,
        "memcpy": partial(np.copyto, out, flat),
    }


def bolt_scans(n: int, n_bytes: int) -> dict[str, Callable[[], object]]:
    """Prepare scans of n random codes, a multiple of 64, and a copy of the codes.

    Examples
    --------
    >>> list(bolt_scans(64, 8))
    ['exact', 'saturating', 'memcpy']
    """
    from kwspot.kernels.bolt import scan_exact, scan_saturating

    rng = np.random.default_rng(0)
    codes, copy = aligned(n * n_bytes), aligned(n * n_bytes)
    codes[:] = rng.integers(0, 256, codes.size, dtype=np.uint8)
    tables = rng.integers(0, 256, (2 * n_bytes, 16), dtype=np.uint8)
    groups = (0,) * (n_bytes // 8)
    return {
        "exact": partial(scan_exact, codes, tables, aligned(n, np.uint16), groups),
        "saturating": partial(scan_saturating, codes, tables, aligned(n), groups),
        "memcpy": partial(np.copyto, copy, codes),
    }


_AGAIN = 8  # encodings a run: one is over before a clock ticks


class Stages(NamedTuple):
    """The stages of MADDNESS with 16 codebooks; how many codes and outputs one run makes."""

    runs: dict[str, Callable[[], object]]
    codes: int
    outputs: int


def maddness_stages(n: int = 8192, columns: int = 40, outputs: int = 64) -> Stages:
    """Prepare encoding of int8 tiles, scans, and sgemm of as many rows: n is a multiple of 64.

    Examples
    --------
    >>> list(maddness_stages(64).runs)
    ['encode', 'averaged', 'exact', 'exact to float32', 'sgemm']
    """
    from kwspot.kernels.maddness import encode_tiles
    from kwspot.kernels.maddness_scan import scan_averaged, scan_exact

    rng, c = np.random.default_rng(0), 16
    tiles = aligned((n // 64, columns, 64), np.int8)
    tiles[:] = rng.integers(-128, 128, tiles.shape)
    tested = rng.integers(0, columns, 4 * c).astype(np.uint64)
    thresholds = rng.integers(-128, 128, (c, 4, 16)).astype(np.int8)
    made = np.empty((n // 32, c // 2, 32), np.uint8)
    codes = rng.integers(0, 256, (n // 32, c // 2, 32), dtype=np.uint8)
    tables = rng.integers(0, 256, (outputs, c, 16), dtype=np.uint8)
    ones, room = np.ones(outputs, np.float32), aligned(16 * 64 * c)
    sums = aligned((outputs, n), np.uint16)
    floats = np.empty((outputs, n), np.float32)
    given, books = (codes, tables, ones, ones, room), (0,) * c
    a = rng.standard_normal((n, columns), np.float32)
    b = rng.standard_normal((columns, outputs), np.float32)
    product = np.empty((n, outputs), np.float32)

    def encode() -> None:
        for _ in range(_AGAIN):
            encode_tiles(tiles, tested, thresholds, made)

    runs: dict[str, Callable[[], object]] = {
        "encode": encode,
        "averaged": partial(scan_averaged, *given, sums, books),
        "exact": partial(scan_exact, *given, sums, books),
        "exact to float32": partial(scan_exact, *given, floats, books),
        "sgemm": partial(np.matmul, a, b, out=product),
    }
    return Stages(runs, _AGAIN * n * c, n * outputs)
