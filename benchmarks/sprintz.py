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

from benchmarks import bars
from benchmarks import quantise_common as common
from kwspot import sprintz
from kwspot.speed import contenders, cpu_seconds, material

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMES = 131_072
ROUNDS = 60


def features(bits: int) -> np.ndarray:
    """Quantise log-mel frames of speech to some bits, shape (n, 40)."""
    mel = np.concatenate(common.recordings(centred=False))
    return material.in_bits(material.repeated(mel, FRAMES), bits)


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
        ways[name], back[name], ratio[name] = contenders.sprintz_stream(x, fire=fire)
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
    fast = cpu_seconds(back | few_back, rounds // 2) | cpu_seconds(back, rounds * 3, warm=True)
    slow = cpu_seconds(ways, rounds // 4, warm=True) | cpu_seconds(few_ways, 3)
    gigabytes = x.nbytes / 1e9
    return {name: (ratio[name], gigabytes / slow[name], gigabytes / fast[name]) for name in ratio}


def from_memory(x: np.ndarray) -> dict[str, float]:
    """Decode 84 MB, which no cache holds, beside a memcpy of as much."""
    many = np.tile(x, (16, 1))
    delta, fire = (contenders.sprintz_stream(many, fire=fire).decode for fire in (False, True))
    target = np.empty_like(many)
    taken = cpu_seconds(
        {"memcpy": lambda: np.copyto(target, many), "delta": delta, "fire": fire}, 15
    )
    return {name: many.nbytes / 1e9 / value for name, value in taken.items()}


def forecaster(x: np.ndarray) -> dict[str, float]:
    """FIRE alone, in GB/s: values to errors, errors to values, the plain twin, memcpy."""
    taken = cpu_seconds(contenders.fire_passes(x), 150, warm=True)
    return {name: x.nbytes / 1e9 / value for name, value in taken.items()}


def held(figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Pick the speeds that have bars, each with its yardstick in the same run."""
    found = {}
    for bits, name in ((6, "8 bit"), (12, "16 bit")):
        if f"{bits} bits" in figures:
            table = figures[f"{bits} bits"]
            for way, column in (("encode", 1), ("decode", 2)):
                for predictor in ("delta", "FIRE"):
                    bar = f"Sprintz {predictor} {way}, {name}"
                    if bar in bars.BARS:
                        mine = table[f"sprintz {predictor.lower()}"][column]
                        found[bar] = (mine, table["memcpy"][column])
    memory = figures["84 MB from memory, GB/s"]
    found["Sprintz delta decode, from memory"] = (memory["delta"], memory["memcpy"])
    alone = figures["FIRE alone, GB/s"]
    found["FIRE training pass"] = (alone["errors"], alone["memcpy"])
    found["FIRE plain twin"] = (alone["plain errors"], alone["memcpy"])
    return found


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
    told, kept = bars.judged(held(figures))
    common.report("sprintz", lines + told, figures | kept)


if __name__ == "__main__":
    main()
