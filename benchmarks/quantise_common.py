"""What the kernel benchmarks share: one thread, lower levels, features of real speech, reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from kwspot.speed import cpu_name

ROOT = Path(__file__).parents[1]
SPEECH = Path(os.environ.get("KWSPOT_SPEECH", ROOT / "../shared/speech"))
FORCED = {
    "avx2": ("haswell", "+avx2,+fma,+bmi,+bmi2,+lzcnt,+popcnt"),
    "ssse3": ("core2", "+ssse3"),
    "plain": ("x86-64", "+sse2"),
}


def one_thread() -> None:
    """Start again with one BLAS thread and the CPU's own BLAS kernels, if not so already."""
    wanted = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    if any(os.environ.get(key) != value for key, value in wanted.items()) or (
        "OPENBLAS_CORETYPE" in os.environ
    ):
        environment = {**os.environ, **wanted}
        environment.pop("OPENBLAS_CORETYPE", None)
        os.execve(sys.executable, [sys.executable, "-m", module(), *sys.argv[1:]], environment)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def module() -> str:
    return "benchmarks." + Path(sys.argv[0]).stem


def report(title: str, lines: list[str], figures: dict[str, object]) -> None:
    from kwspot.kernels import target

    head = {"benchmark": title, "cpu": cpu_name(), "level": target.cpu().level}
    print(f"{title} on {head['cpu']}, {head['level']}, one thread")
    print("\n".join("  " + line for line in lines))
    print(json.dumps({**head, **figures}))


def at_level(level: str, *arguments: str) -> str:
    """Run the same benchmark with a lower SIMD level and return what it printed."""
    name, features = FORCED[level]
    environment = {**os.environ, "NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features}
    command = [sys.executable, "-m", module(), *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout


def log_mel(samples: np.ndarray, rate: int, bands: int = 40) -> np.ndarray:
    """Log-mel frames of 10 ms, at most 80 dB under their largest, shape (n, bands), float32."""
    window, hop = int(0.025 * rate), rate // 100
    if len(samples) < window:
        return np.empty((0, bands), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(window), 512)) ** 2
    edges = 700 * (10 ** (np.linspace(32, 2840 if rate > 8000 else 2140, bands + 2) / 2595) - 1)
    at = edges / (rate / 2) * 256
    left, middle, right = at[:-2, None], at[1:-1, None], at[2:, None]
    bins = np.arange(257)
    rising, falling = (bins - left) / (middle - left), (right - bins) / (right - middle)
    mel = power @ np.maximum(0, np.minimum(rising, falling)).T
    return np.log(np.maximum(mel, max(mel.max() * 1e-8, 1e-12))).astype(np.float32)


def recordings(*folders: str, centred: bool = True) -> list[np.ndarray]:
    """Log-mel frames of speech, clips centred or not: one array a folder, clip after clip."""
    found: dict[Path, list[np.ndarray]] = {}
    for folder in folders or ("continuous", "background/libri", "words", "fsdd"):
        for path in sorted((SPEECH / folder).rglob("*")):
            if path.suffix in (".wav", ".flac", ".ogg", ".opus", ".mp3"):
                samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
                mel = log_mel(samples[:, 0], rate)
                found.setdefault(path.parent, []).append(mel - centred * mel.mean(axis=0))
    return [np.concatenate(clips) for clips in found.values()]


def windows(frames: int = 48, columns: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Segment windows of the spoken digits, PCA to some columns: of even and of odd minutes.

    Making them takes a while, so they are kept in benchmarks/results.
    """
    kept = ROOT / f"benchmarks/results/windows_{frames}_{columns}.npz"
    if kept.exists():
        with np.load(kept) as found:
            return found["even"], found["odd"]
    mel = np.concatenate(recordings("fsdd", centred=False))
    view = np.lib.stride_tricks.sliding_window_view(mel, frames, axis=0)
    starts = np.arange(len(view))
    sides = [view[starts // 6000 % 2 == odd].reshape(-1, frames * mel.shape[1]) for odd in (0, 1)]
    mean = sides[0].mean(axis=0)
    sample = sides[0][::7] - mean
    _, vectors = np.linalg.eigh(sample.T @ sample)
    axes = vectors[:, -columns:].astype(np.float32)
    even, odd = (np.ascontiguousarray(side @ axes - mean @ axes) for side in sides)
    kept.parent.mkdir(exist_ok=True)
    np.savez(kept, even=even, odd=odd)
    return even, odd
