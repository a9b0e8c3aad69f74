"""Damage 100,000 Sprintz files and see that each is refused, or read as it was.

Run it as ``python -m benchmarks.fuzz_sprintz [files]``. Every file is decoded from the end of a
memory page that nothing may read beyond, so that the least over-read ends the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import sys
import time
from pathlib import Path

import numpy as np

from kwspot import sprintz
from kwspot.errors import CodecError

SHAPES = ((1, "uint8"), (3, "int16"), (5, "uint8"), (40, "int8"), (70, "uint16"))
MODES = ("delta", "fire", "archive")
ROOM = 1 << 17
GOLDEN = Path(__file__).parents[1] / "tests" / "golden"


class Page:
    """A stretch of memory in front of a page that cannot be read."""

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, ROOM + mmap.PAGESIZE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        if ctypes.CDLL(None, use_errno=True).mprotect(
            ctypes.c_void_p(address + ROOM), ctypes.c_size_t(mmap.PAGESIZE), 0
        ):
            raise OSError(ctypes.get_errno(), "mprotect")
        self._room = np.frombuffer(self._map, np.uint8, ROOM)

    def holding(self, data: bytes) -> np.ndarray:
        """Place data so that it ends where the forbidden page begins."""
        place = self._room[ROOM - len(data) :]
        place[:] = np.frombuffer(data, np.uint8)
        return place


def originals(rng: np.random.Generator) -> list[tuple[np.ndarray, bytes, bytes]]:
    """Make files of all types, widths and modes."""
    made = []
    for columns, dtype in SHAPES:
        for mode in MODES:
            steps = rng.integers(-9, 10, (150, columns))
            x = np.cumsum(steps, axis=0).astype(dtype)
            x[60:100] = x[60]
            packed = sprintz.compress(x, mode=mode, chunk_rows=70)
            made.append((x, packed, sprintz.encode(x)))
    for path in sorted(GOLDEN.glob("sprintz_1_*_40_archive.ksz")):  # a form only read nowadays
        packed = path.read_bytes()
        x = sprintz.decompress(packed)
        made.append((x, packed, sprintz.encode(x)))
    return made


def damage(data: bytes, rng: np.random.Generator) -> bytes:
    """Flip, cut, insert, repeat or invent bytes."""
    way, a, b = rng.integers(6), *sorted(int(i) for i in rng.integers(0, len(data), 2))
    if way == 0:
        return data[:a]
    if way == 1:
        return data[:a] + data[b:]
    if way == 2:
        return data[:b] + data[a:]
    if way == 3:
        return data[:a] + rng.bytes(b - a) + data[b:]
    changed = bytearray(data)
    for at in rng.integers(0, len(data), rng.integers(1, 5)):
        changed[at] ^= int(rng.integers(1, 256)) if way == 4 else 1 << int(rng.integers(8))
    return bytes(changed)


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rng, page = np.random.default_rng(0), Page()
    made = originals(rng)
    refused = same = 0
    slowest, start = 0.0, time.perf_counter()
    for number in range(files):
        x, data, stream = made[number % len(made)]
        bad = damage(data, rng)
        begun = time.thread_time()
        try:
            found = sprintz.decompress(page.holding(bad))
        except CodecError:
            refused += 1
        else:
            np.testing.assert_array_equal(found, x)  # the damage hit only what means nothing
            same += 1
        slowest = max(slowest, time.thread_time() - begun)
        if number % 3 == 0:  # the bare stream too, where only memory is safe
            with contextlib.suppress(CodecError):
                sprintz.decode(
                    page.holding(damage(stream, rng)),
                    rows=len(x), columns=x.shape[1], dtype=x.dtype,
                )  # fmt: skip
    print(
        f"{files} damaged files: {refused} refused, {same} read as they were, no wrong data; "
        f"slowest {1e3 * slowest:.1f} ms; {time.perf_counter() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
