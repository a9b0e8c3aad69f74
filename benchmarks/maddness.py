"""MADDNESS beside OpenBLAS sgemm: encoding, scanning, end to end; the error beside every speed.

``python -m benchmarks.maddness`` from the project's root. Rows are speech: single log-mel frames
(40 columns) and stacks of 13 frames cut to 512 columns; the matrices are other such rows.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import quantise_common as common

_AGAIN = 8


def rows(columns: int) -> np.ndarray:
    mel = np.concatenate(common.recordings())
    mel -= mel.mean(axis=0)
    if columns == mel.shape[1]:
        return mel
    stacked = np.lib.stride_tricks.sliding_window_view(mel, 13, axis=0)[::5].transpose(0, 2, 1)
    return np.ascontiguousarray(stacked.reshape(len(stacked), -1)[:, :columns])


def stages() -> tuple[list[str], dict[str, object]]:
    """Time encoding of tiles and scanning, 16 codebooks, on random data."""
    from kwspot.kernels import maddness, maddness_scan

    rng = np.random.default_rng(0)
    n, width, outputs, c = 16384, 40, 64, 16  # tiles that stay in the second-level cache
    tiles = rng.integers(-128, 128, (n // 64, width, 64)).astype(np.int8)
    columns = rng.integers(0, width, 4 * c).astype(np.uint64)
    thresholds = rng.integers(-128, 128, (c, 4, 16)).astype(np.int8)
    codes = np.empty((n // 32, c // 2, 32), np.uint8)
    few = rng.integers(0, 256, (8192 // 32, c // 2, 32), dtype=np.uint8)
    tables = rng.integers(0, 256, (outputs, c, 16), dtype=np.uint8)
    ones, scratch = np.ones(outputs, np.float32), np.empty(16 * 64 * c, np.uint8)
    sums, floats = np.empty((outputs, 8192), np.uint16), np.empty((outputs, 8192), np.float32)
    a = rng.standard_normal((8192, 40), np.float32)
    b = rng.standard_normal((40, outputs), np.float32)
    product = np.empty((8192, outputs), np.float32)
    books = (0,) * c
    given = (few, tables, ones, ones, scratch)

    def encode_again() -> None:
        for _ in range(_AGAIN):
            maddness.encode_tiles(tiles, columns, thresholds, codes)

    taken = common.seconds(
        {
            "encode": encode_again,
            "averaged": partial(maddness_scan.scan_averaged, *given, sums, books),
            "exact": partial(maddness_scan.scan_exact, *given, sums, books),
            "exact to float32": partial(maddness_scan.scan_exact, *given, floats, books),
            "sgemm": partial(np.matmul, a, b, out=product),
        },
        30,
    )
    speed = {name: sums.size / took / 1e9 for name, took in taken.items() if name != "encode"}
    encode = _AGAIN * n * c / taken["encode"] / 1e9
    lines = [f"encode int8 tiles, 16 codebooks: {encode:.1f} G codes/s"]
    lines += [
        f"scan, {name}: {value:.2f} G outputs/s, {value / speed['sgemm']:.1f}x sgemm of 40 columns"
        for name, value in speed.items()
    ]
    return lines, {"encode_G": encode, "scan_G": speed}


def end_to_end(columns: int, n: int, outputs: int) -> tuple[list[str], dict[str, object]]:
    """Multiply row-major float32 rows of speech that were not used for training."""
    from kwspot.quantise import Maddness

    a = rows(columns)
    rng = np.random.default_rng(0)
    train, new = a[: len(a) // 2], np.resize(a[len(a) // 2 :], (n, columns))
    b = a[rng.choice(len(train), outputs, replace=False)].T.copy()
    b /= np.linalg.norm(b, axis=0)
    exact, product = new @ b, np.empty((n, outputs), np.float32)
    runs = {"sgemm": partial(np.matmul, new, b, out=product)}
    errors = {}
    for c in (8, 16, 32, 64):
        for summed in (True, False) if c == 16 else (True,):
            name = f"{c} codebooks" + ("" if summed else ", averaging")
            op = Maddness(c, exact=summed).fit(train, b)
            found = op.matmul(new)
            errors[name] = float(np.linalg.norm(found - exact) / np.linalg.norm(exact))
            runs[name] = partial(op.matmul, new)
    taken = common.seconds(runs)
    lines, figures = [], {}
    for name, error in errors.items():
        ratio = taken["sgemm"] / taken[name]
        figures[name] = {"ratio": ratio, "error": error, "ms": 1e3 * taken[name]}
        lines.append(
            f"{n} x {columns} x {outputs} from float32 rows, {name}: {1e3 * taken[name]:.2f} ms, "
            f"{ratio:.1f}x sgemm ({1e3 * taken['sgemm']:.2f} ms), relative error {error:.3f}"
        )
    return lines, {f"{n}x{columns}x{outputs}": figures}


def main() -> None:
    lines, figures = stages()
    for columns, n, outputs in (
        (512, 10000, 100),
        (512, 16384, 128),
        (512, 4096, 128),
        (40, 16384, 128),
    ):
        more, found = end_to_end(columns, n, outputs)
        lines += more
        figures |= found
    common.report("MADDNESS", lines, figures)


if __name__ == "__main__":
    common.one_thread()
    main()
