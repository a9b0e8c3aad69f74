"""Damage a saved Bolt index in a hundred thousand ways: an error or the right answer, never else.

``python -m benchmarks.fuzz_index [count] [seed]`` from the project's root. Runs in batches, each in
its own process, so that a crash or a hang is seen and counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

BATCH = 2000
LIMIT = 300  # seconds a batch may take before it counts as hanging


def damaged(raw: bytes, rng: np.random.Generator) -> bytes:
    """Flip, overwrite, cut, insert, swap or append; or make it all up."""
    data = bytearray(raw)
    kind = rng.integers(8)
    at, length = int(rng.integers(len(raw))), int(rng.integers(1, 200))
    if kind == 0:
        data[at] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        data[at : at + length] = rng.bytes(len(data[at : at + length]))
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        data[at:at] = rng.bytes(length)
    elif kind == 4:
        del data[at : at + length]
    elif kind == 5:
        data += rng.bytes(length)
    elif kind == 6:  # the header, where damage could mislead the reader
        data[int(rng.integers(min(1100, len(raw))))] = int(rng.integers(256))
    else:
        data = bytearray(rng.bytes(int(rng.integers(3000))))
    return bytes(data)


def batch(count: int, seed: int) -> None:
    from kwspot.errors import ModelError
    from kwspot.quantise import BoltIndex

    rng = np.random.default_rng(seed)
    x = rng.normal(size=(100, 6)).astype(np.float32)
    index = BoltIndex(rerank=20, rotate=True).fit(x).add(x)
    refused = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        index.save(path)
        raw = path.read_bytes()
        want = answers(index, x)
        for _ in range(count):
            changed = damaged(raw, rng)
            path.write_bytes(changed)
            try:
                found = answers(BoltIndex.load(path), x)
            except ModelError:
                refused += 1
                continue
            for a, b in zip(found, want, strict=True):
                np.testing.assert_array_equal(a, b)
            path.unlink()
    print(refused)


def answers(index: object, x: np.ndarray) -> list[np.ndarray]:
    scores, ids = index.search(x[:3], 5)  # type: ignore[attr-defined]
    return [scores, ids, index.scan(x[:2]), index.estimate(x[:2]).high]  # type: ignore[attr-defined]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    start, refused, done = time.time(), 0, 0
    while done < count:
        some = min(BATCH, count - done)
        command = [sys.executable, "-m", "benchmarks.fuzz_index", "--batch", str(some), str(seed)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        if result.returncode:
            raise SystemExit(f"seed {seed}: exit {result.returncode}\n{result.stderr}")
        refused, done, seed = refused + int(result.stdout), done + some, seed + 1
    print(
        f"{count} damaged indexes in {time.time() - start:.0f} s: {refused} refused, "
        f"{count - refused} undamaged where read and answered right, no crash, no hang"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--batch"]:
        batch(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
