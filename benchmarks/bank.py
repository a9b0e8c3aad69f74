"""The int8 bank beside the best NumPy route: 48 templates of 48 frames x 40 log-mel bands.

``python -m benchmarks.bank`` from the project's root. Templates are segments of speech; frames are
those of other recordings, float32 rows in, float32 scores out.
"""

from __future__ import annotations

import numpy as np

from benchmarks import bars
from benchmarks import quantise_common as common
from kwspot.speed import cpu_seconds

TEMPLATES, FRAMES = 48, 48
PLACES = 65536
_CHUNK = 4096  # windows copied at a time: NumPy is fastest when they stay in cache


def numpy_scores(frames: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Copy windows and multiply: the best NumPy route that we know."""
    out = np.empty((len(frames) - FRAMES + 1, len(flat)), np.float32)
    for start in range(0, len(out), _CHUNK):
        piece = frames[start : start + _CHUNK + FRAMES - 1]
        view = np.lib.stride_tricks.sliding_window_view(piece, FRAMES, axis=0)
        windows = np.ascontiguousarray(view.transpose(0, 2, 1)).reshape(len(view), -1)
        np.matmul(windows, flat.T, out=out[start : start + len(view)])
    return out


def diagonal_scores(frames: np.ndarray, templates: np.ndarray) -> np.ndarray:
    """Multiply all frames with all template frames, then add along diagonals."""
    places = len(frames) - FRAMES + 1
    products = frames @ templates.reshape(-1, frames.shape[1]).T
    split = products.reshape(len(frames), TEMPLATES, FRAMES)
    out = np.zeros((places, TEMPLATES), np.float32)
    for step in range(FRAMES):
        out += split[step : step + places, :, step]
    return out


def main() -> None:
    from kwspot.quantise import Int8Bank

    mel = np.concatenate(common.recordings())
    mel -= mel.mean(axis=0)
    half = len(mel) // 2
    frames = np.resize(mel[half:], (PLACES + FRAMES - 1, mel.shape[1]))
    starts = np.random.default_rng(0).integers(0, half - FRAMES, TEMPLATES)
    templates = np.stack([mel[start : start + FRAMES] for start in starts])
    templates -= templates.mean(axis=(1, 2), keepdims=True)
    templates /= np.linalg.norm(templates, axis=(1, 2), keepdims=True)
    bank = Int8Bank(templates, mel[:half])
    flat = templates.reshape(TEMPLATES, -1)
    found, exact = bank.scores(frames), numpy_scores(frames, flat)
    square = np.random.default_rng(0).standard_normal((1024, 1024), np.float32)
    product = np.empty_like(square)
    taken = cpu_seconds(
        {
            "sgemm": lambda: np.matmul(square, square, out=product),
            "int8 bank": lambda: bank.scores(frames),
            "NumPy, copied windows": lambda: numpy_scores(frames, flat),
            "NumPy, diagonals": lambda: diagonal_scores(frames[:8192], templates),
        },
        5,
    )
    taken["NumPy, diagonals"] *= PLACES / (8192 - FRAMES + 1)
    sgemm = len(square) ** 3 / taken.pop("sgemm") / 1e9
    hours = {name: PLACES / 360000 / took for name, took in taken.items()}
    best = max(value for name, value in hours.items() if name != "int8 bank")
    same = float((found.argmax(axis=1) == exact.argmax(axis=1)).mean())
    error = float(np.linalg.norm(found - exact) / np.linalg.norm(exact))
    macs = PLACES * templates.size / taken["int8 bank"] / 1e9
    lines = [f"{name}: {value:.2f} hours of archive per second" for name, value in hours.items()]
    lines.append(f"int8 bank: {hours['int8 bank'] / best:.1f}x the best NumPy, {macs:.0f} GMAC/s")
    lines.append(f"relative error {error:.5f}, same best template at {same:.4f} of all places")
    told, kept = bars.judged(
        {
            "int8 bank, GMAC/s": (macs, sgemm),
            "int8 bank, hours/s": (hours["int8 bank"], best),
        }
    )
    lines += told
    figures = {"hours_per_s": hours, "same_decisions": same, "error": error, "GMACps": macs, **kept}
    common.report("int8 bank", lines, figures)


if __name__ == "__main__":
    common.one_thread()
    main()
