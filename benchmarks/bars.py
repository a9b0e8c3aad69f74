"""The bars of the kernels, each as a speed and as a multiple of a yardstick of the same run.

The speeds hold on the machine where the authors' own code was measured beside ours (Zen 5, AVX-512:
copying 55 GB/s in cache, 45 to 55 over all runs; sgemm 1.6 to 2.0 G outputs/s with 40 columns, 212
GFLOP/s square; faiss PQ4 fast scan 2.9 G rows/s, its encoder 0.58 GB/s). Elsewhere the multiples
hold: each is the speed divided by the yardstick as it was there, in the middle of its range.
"""

from __future__ import annotations

from typing import NamedTuple


class Bar(NamedTuple):
    """A speed to reach, in units of its benchmark, beside the yardstick's speed on that machine."""

    speed: float
    yardstick: str
    there: float

    @property
    def ratio(self) -> float:
        """The multiple of the yardstick to reach."""
        return self.speed / self.there


_COPIED = 50 / 8  # G codes/s of 8 bytes

BARS = {
    "Sprintz delta decode, 8 bit": Bar(15, "memcpy", 55),
    "Sprintz FIRE decode, 8 bit": Bar(9.5, "memcpy", 55),
    "Sprintz delta encode, 8 bit": Bar(4, "memcpy", 55),
    "Sprintz FIRE encode, 8 bit": Bar(3.5, "memcpy", 55),
    "Sprintz delta decode, 16 bit": Bar(13, "memcpy", 30),
    "Sprintz FIRE decode, 16 bit": Bar(13, "memcpy", 30),
    "Sprintz delta decode, from memory": Bar(0.8 * 16.5, "memcpy", 16.5),
    "FIRE training pass": Bar(20, "memcpy", 40),  # one half is a bar of its own
    "FIRE plain twin": Bar(5, "memcpy", 47),
    "Bolt scan, uint8": Bar(9, "memcpy", _COPIED),
    "Bolt scan, exact": Bar(7, "memcpy", _COPIED),
    "Bolt scan, uint8, beside faiss": Bar(9, "faiss", 2.9),
    "Bolt scan, exact, beside faiss": Bar(7, "faiss", 2.9),
    "Bolt search, 8 bytes, 1 query": Bar(1.8, "faiss", 1),
    "Bolt search, 8 bytes, 64 queries": Bar(1.8, "faiss", 1),
    "Bolt search, 16 bytes, 1 query": Bar(1.8, "faiss", 1),
    "Bolt search, 16 bytes, 64 queries": Bar(1.8, "faiss", 1),
    "Bolt encode": Bar(8, "faiss", 0.58),
    "MADDNESS encode": Bar(20, "sgemm", 1.8),
    "MADDNESS scan": Bar(16, "sgemm", 1.8),
    "int8 bank, GMAC/s": Bar(332, "sgemm", 106),  # 10 hours/s
    "int8 bank, hours/s": Bar(4, "NumPy", 1),
}


def judge(name: str, speed: float, yardstick: float) -> tuple[str, dict[str, object]]:
    """Hold a speed against its bar: a line to print, and the same for JSON."""
    bar = BARS[name]
    ratio = speed / yardstick
    met = {"speed": speed >= bar.speed, "ratio": ratio >= bar.ratio}
    verdict = "met" if all(met.values()) else "ratio met" if met["ratio"] else "speed met"
    verdict = verdict if any(met.values()) else "MISSED"
    line = (
        f"bar: {name}: {speed:.2f} (bar {bar.speed:g}), {ratio:.2f}x {bar.yardstick} "
        f"{yardstick:.2f} (bar {bar.ratio:.2f}x): {verdict}"
    )
    return line, {
        "speed": speed,
        "yardstick": bar.yardstick,
        "yardstick_speed": yardstick,
        "ratio": ratio,
        "bar_speed": bar.speed,
        "bar_ratio": bar.ratio,
        "met": met,
    }


def judged(speeds: dict[str, tuple[float, float]]) -> tuple[list[str], dict[str, object]]:
    """Hold several against their bars: lines, and a field ``bars`` for JSON."""
    verdicts = {name: judge(name, *pair) for name, pair in speeds.items()}
    lines = [line for line, _ in verdicts.values()]
    return lines, {"bars": {name: fields for name, (_, fields) in verdicts.items()}}
