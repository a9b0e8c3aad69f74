"""MADDNESS beside OpenBLAS sgemm: encoding, scanning, end to end; the error beside every speed.

``python -m benchmarks.maddness`` from the project's root. Rows are speech: single log-mel frames
(40 columns) and stacks of 13 frames cut to 512 columns; the matrices are other such rows.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import bars
from benchmarks import quantise_common as common
from kwspot.speed import contenders, cpu_seconds


def rows(columns: int) -> np.ndarray:
    mel = np.concatenate(common.recordings())
    mel -= mel.mean(axis=0)
    if columns == mel.shape[1]:
        return mel
    stacked = np.lib.stride_tricks.sliding_window_view(mel, 13, axis=0)[::5].transpose(0, 2, 1)
    return np.ascontiguousarray(stacked.reshape(len(stacked), -1)[:, :columns])


def stages() -> tuple[list[str], dict[str, object]]:
    """Time encoding of tiles and scanning, 16 codebooks, on random data."""
    runs, codes, outputs = contenders.maddness_stages()
    taken = cpu_seconds(runs, 40, warm=True)
    speed = {name: outputs / took / 1e9 for name, took in taken.items() if name != "encode"}
    encode = codes / taken["encode"] / 1e9
    lines = [f"encode int8 tiles, 16 codebooks: {encode:.1f} G codes/s"]
    lines += [
        f"scan, {name}: {value:.2f} G outputs/s, {value / speed['sgemm']:.1f}x sgemm of 40 columns"
        for name, value in speed.items()
    ]
    best, sgemm = max(speed["averaged"], speed["exact"]), speed["sgemm"]
    told, kept = bars.judged({"MADDNESS encode": (encode, sgemm), "MADDNESS scan": (best, sgemm)})
    return lines + told, {"encode_G": encode, "scan_G": speed, **kept}


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
    taken = cpu_seconds(runs)
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
