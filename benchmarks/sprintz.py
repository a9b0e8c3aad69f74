"""Measure how fast and how small Sprintz and FIRE are, beside memcpy and the usual codecs.

Run it as ``python -m benchmarks.sprintz``; ``--level avx2`` (or ssse3, plain) forces a lower level.
Log-mel of real speech, 40 bands: full bytes, 6 bits in bytes, 12 bits in words. One thread, all
contenders in turn, 10th percentile of thread CPU time; ratios inside one run are what counts.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import blosc2
import lz4.block
import numpy as np
import zstandard
from pcodec import ChunkConfig, standalone

from benchmarks import quantise_common as common
from kwspot import sprintz
from kwspot.kernels.fire import fire_rows, plain_fire_errors
from kwspot.kernels.sprintz import decode_chunks, encode_chunks
from kwspot.sprintz import scratch

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMES, BANDS = 131_072, 40
ROUNDS = 60


def features(bits: int) -> np.ndarray:
    """Quantise log-mel frames of speech to some bits, shape (n, 40)."""
    mel = np.concatenate(common.recordings(centred=False))
    mel = np.tile(mel, (-(-FRAMES // len(mel)), 1))[:FRAMES]
    low, high = np.percentile(mel, (0.05, 99.95))
    level = np.clip((mel - low) / (high - low), 0, 1) * (2**bits - 1)
    return np.round(level).astype(np.uint8 if bits <= 8 else np.uint16)


def ours(x: np.ndarray, fire: bool) -> tuple[Callable[[], object], Callable[[], object], float]:
    """Prepare the bare kernels: encode, decode, ratio."""
    flat, index = scratch.read_only(scratch.unsigned(x)), np.zeros((1, 3), np.int64)
    packed = np.empty(scratch.bound(*x.shape, x.itemsize), np.uint8)
    rest, out = np.empty(scratch.REST, np.uint8), scratch.aligned(x.size, flat.dtype)
    into = scratch.Encoding.of(BANDS, flat.dtype).arrays()
    back = scratch.Decoding.of(BANDS, flat.dtype).arrays()

    def encode() -> int:
        return encode_chunks(flat, flat.size, BANDS, fire, packed, index, rest, *into)

    def decode() -> object:
        data = scratch.read_only(packed)
        return decode_chunks(data, index, flat.size, BANDS, fire, False, out, rest, *back)

    size = encode()
    decode()
    np.testing.assert_array_equal(out, flat)
    return encode, decode, x.nbytes / size


def rivals(x: np.ndarray) -> dict[str, tuple[Callable[[], Any], Callable[[Any], object]]]:
    """Name the other codecs, with their settings for such data."""
    raw, out = x.tobytes(), np.empty_like(x)
    found: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
        f"zstd {level}": (
            lambda level=level: zstandard.ZstdCompressor(level).compress(raw),
            lambda data: zstandard.ZstdDecompressor().decompress(data),
        )
        for level in (1, 3)
    }
    found["lz4"] = (lambda: lz4.block.compress(raw), lz4.block.decompress)
    filters = {"bitshuffle": blosc2.Filter.BITSHUFFLE, "shuffle": blosc2.Filter.SHUFFLE}
    for codec in (blosc2.Codec.LZ4, blosc2.Codec.ZSTD):
        for name, kind in filters.items():
            settings = blosc2.CParams(
                codec=codec, typesize=x.itemsize, filters=[kind], nthreads=1, clevel=5
            )
            found[f"blosc2 {codec.name.lower()} {name}"] = (
                lambda settings=settings: blosc2.compress2(raw, cparams=settings),
                lambda data: blosc2.decompress2(data, dparams=blosc2.DParams(nthreads=1)),
            )
    if x.itemsize == 2:  # pcodec takes no bytes
        columns = np.ascontiguousarray(x.T).reshape(-1)
        found["pcodec (columns)"] = (
            lambda: standalone.simple_compress(columns, ChunkConfig()),
            lambda data: standalone.simple_decompress_into(data, out.reshape(-1)),
        )
    return found


def table(x: np.ndarray, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Measure all on one matrix: ratio, GB/s of compressing, GB/s of expanding."""
    ways: dict[str, Callable[[], object]] = {}
    back: dict[str, Callable[[], object]] = {}
    ratio: dict[str, float] = {"memcpy": 1.0}
    source, target = x.copy(), np.empty_like(x)
    back["memcpy"] = ways["memcpy"] = lambda: np.copyto(target, source)
    for name, fire in (("sprintz delta", False), ("sprintz fire", True)):
        ways[name], back[name], ratio[name] = ours(x, fire)
    for mode in ("delta", "archive"):
        data = sprintz.compress(x, mode=mode)
        ratio[f"file, {mode}"] = x.nbytes / len(data)
        ways[f"file, {mode}"] = lambda mode=mode: sprintz.compress(x, mode=mode)
        back[f"file, {mode}"] = lambda data=data: sprintz.decompress(data, target)
    few_ways = {}
    few_back = {}
    for name, (compress, expand) in rivals(x).items():
        data = compress()
        ratio[name] = x.nbytes / len(data)
        few_ways[name], few_back[name] = compress, lambda expand=expand, data=data: expand(data)
    fast = common.seconds(back | few_back, rounds // 2) | common.seconds(back, rounds * 3)
    slow = common.seconds(ways, rounds // 4) | common.seconds(few_ways, 3)
    gigabytes = x.nbytes / 1e9
    return {name: (ratio[name], gigabytes / slow[name], gigabytes / fast[name]) for name in ratio}


def from_memory(x: np.ndarray) -> dict[str, float]:
    """Decode 84 MB, which no cache holds, beside a memcpy of as much."""
    many = np.tile(x, (16, 1))
    _, delta, _ = ours(many, fire=False)
    _, fire, _ = ours(many, fire=True)
    target = np.empty_like(many)
    taken = common.seconds(
        {"memcpy": lambda: np.copyto(target, many), "delta": delta, "fire": fire}, 15
    )
    return {name: many.nbytes / 1e9 / value for name, value in taken.items()}


def forecaster(x: np.ndarray) -> dict[str, float]:
    """FIRE alone, in GB/s: values to errors, errors to values, the plain twin, memcpy."""
    rows = len(x)
    flat, out = scratch.aligned(x.size + 64), scratch.aligned(x.size + 64)
    flat[: x.size] = x.reshape(-1)
    state = scratch.aligned(256 * BANDS)
    source = scratch.read_only(flat)
    padded = np.zeros(x.size + 2 * BANDS, np.int8)
    padded[2 * BANDS :] = x.reshape(-1).view(np.int8)
    errors, count = np.zeros_like(padded), np.zeros(BANDS, np.int16)
    room = np.empty(8 * BANDS, np.int16), np.empty(8 * BANDS, np.int8)

    def run(inverse: bool) -> None:
        state[:] = 0
        fire_rows(source, BANDS, rows, inverse, out, state)

    def plain() -> None:
        count[:] = 0
        plain_fire_errors(padded, BANDS, errors, *room, count)

    ways: dict[str, Callable[[], object]] = {
        "memcpy": lambda: np.copyto(out, flat),
        "errors": lambda: run(False),
        "values": lambda: run(True),
        "plain errors": plain,
    }
    return {name: x.nbytes / 1e9 / value for name, value in common.seconds(ways, 150).items()}


def main() -> None:
    common.one_thread()
    if "--level" in sys.argv:
        print(common.at_level(sys.argv[sys.argv.index("--level") + 1], "--short"))
        return
    lines, figures = [], {}
    short = "--short" in sys.argv
    for bits in (6,) if short else (6, 8, 12):
        found = table(features(bits), 12 if short else ROUNDS)
        figures[f"{bits} bits"] = found
        lines.append(f"{bits} bits: ratio, compress, expand (GB/s)")
        for name, (ratio, slow, fast) in found.items():
            lines.append(f"  {name:26} {ratio:6.3f} {slow:7.2f} {fast:7.2f}")
    for title, measured in (
        ("84 MB from memory, GB/s", from_memory(features(6))),
        ("FIRE alone, GB/s", forecaster(features(8))),
    ):
        figures[title] = measured
        lines.append(title + ": " + ", ".join(f"{k} {v:.1f}" for k, v in measured.items()))
    common.report("sprintz", lines, figures)


if __name__ == "__main__":
    main()
