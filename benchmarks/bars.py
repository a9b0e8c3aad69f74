"""The bars of the kernels, each as a speed and as a multiple of a yardstick of the same run.

The speeds hold on the machine where the authors' own code was measured beside ours (Zen 5, AVX-512:
copying 55 GB/s in cache, 45 to 55 over all runs; sgemm 1.6 to 2.0 G outputs/s with 40 columns, 212
GFLOP/s square; faiss PQ4 fast scan 2.9 G rows/s, its encoder 0.58 GB/s). Elsewhere the multiples
hold: each is the speed divided by the yardstick as it was there, in the middle of its range.
"""

from __future__ import annotations

from typing import NamedTuple


class Bar(NamedTuple):
    """A speed to reach, in units of its benchmark, and the multiple of a yardstick."""

    yardstick: str
    ratio: float
    speed: float | None = None


def _of(speed: float, yardstick: str, there: float) -> Bar:
    """Divide a speed by that of the yardstick on that machine."""
    return Bar(yardstick, speed / there, speed)


_COPIED = 50 / 8  # G codes/s of 8 bytes

BARS = {
    "Sprintz delta decode, 8 bit": _of(15, "memcpy", 55),
    "Sprintz FIRE decode, 8 bit": _of(9.5, "memcpy", 55),
    "Sprintz delta encode, 8 bit": _of(4, "memcpy", 55),
    "Sprintz FIRE encode, 8 bit": _of(3.5, "memcpy", 55),
    "Sprintz delta decode, 16 bit": _of(13, "memcpy", 30),
    "Sprintz FIRE decode, 16 bit": _of(13, "memcpy", 30),
    "Sprintz delta decode, from memory": Bar("memcpy", 0.8),
    "FIRE training pass": Bar("memcpy", 0.5, 20),
    "FIRE plain twin": _of(5, "memcpy", 47),
    "Bolt scan, uint8": _of(9, "memcpy", _COPIED),
    "Bolt scan, exact": _of(7, "memcpy", _COPIED),
    "Bolt scan, uint8, beside faiss": _of(9, "faiss", 2.9),
    "Bolt scan, exact, beside faiss": _of(7, "faiss", 2.9),
    "Bolt search, 8 bytes, 1 query": Bar("faiss", 1.8),
    "Bolt search, 8 bytes, 64 queries": Bar("faiss", 1.8),
    "Bolt search, 16 bytes, 1 query": Bar("faiss", 1.8),
    "Bolt search, 16 bytes, 64 queries": Bar("faiss", 1.8),
    "Bolt encode": _of(8, "faiss", 0.58),
    "MADDNESS encode": _of(20, "sgemm", 1.8),
    "MADDNESS scan": _of(16, "sgemm", 1.8),
    "int8 bank, GMAC/s": _of(332, "sgemm", 106),  # as many as 10 hours/s need
    "int8 bank, hours/s": Bar("NumPy", 4, 10),
}


def judge(name: str, speed: float, yardstick: float) -> tuple[str, dict[str, object]]:
    """Hold a speed against its bar: a line to print, and the same for JSON."""
    bar = BARS[name]
    ratio = speed / yardstick
    met = {"ratio": ratio >= bar.ratio}
    wanted = ""
    if bar.speed is not None:
        met["speed"], wanted = speed >= bar.speed, f" (bar {bar.speed:g})"
    missed = [which for which, reached in met.items() if not reached]
    line = (
        f"bar: {name}: {speed:.2f}{wanted}, {ratio:.2f}x {bar.yardstick} at {yardstick:.2f} "
        f"(bar {bar.ratio:.2f}x): {'missed: ' + ', '.join(missed) if missed else 'met'}"
    )
    fields = {"speed": speed, "yardstick_speed": yardstick, "ratio": ratio, "met": met}
    return line, {**fields, "bar": bar._asdict()}


def judged(speeds: dict[str, tuple[float, float]]) -> tuple[list[str], dict[str, object]]:
    """Hold several against their bars: lines, and a field ``bars`` for JSON."""
    verdicts = {name: judge(name, *pair) for name, pair in speeds.items()}
    lines = [line for line, _ in verdicts.values()]
    return lines, {"bars": {name: fields for name, (_, fields) in verdicts.items()}}
