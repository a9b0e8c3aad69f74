"""From samples to windowed frames, mel band powers and root cepstra."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def window_frames(x: F32, hop: int, emphasis: float, window: F32, frames: F32) -> None:
    """Cut `x` into overlapping frames, level, pre-emphasise and window them.

    x (1 + (n - 1) hop + w,), window (w,); frames (n, size >= w) is written, zero past w. The first
    sample only feeds the pre-emphasis of the second. O(n w).
    """
    width = window.shape[0]
    alpha = np.float32(emphasis)
    for i in range(frames.shape[0]):
        at = 1 + i * hop
        total = np.float32(0)
        for j in range(width):
            value = x[at + j] - alpha * x[at + j - 1]
            frames[i, j] = value
            total += value
        mean = total / np.float32(width)
        for j in range(width):
            frames[i, j] = (frames[i, j] - mean) * window[j]
        for j in range(width, frames.shape[1]):
            frames[i, j] = np.float32(0)


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def band_powers(spectrum: F32, first: I64, weights: F32, powers: F32) -> None:
    """Sum the power spectrum into bands.

    spectrum (n, bins, 2) real and imaginary parts; band b weighs the bins from first[b] on by
    weights[b] (zero past its own width); powers (n, bands) is written. O(n bands width).
    """
    bands, width = weights.shape
    for i in range(spectrum.shape[0]):
        for b in range(bands):
            total = np.float32(0)
            start = first[b]
            for j in range(width):
                real, imaginary = spectrum[i, start + j, 0], spectrum[i, start + j, 1]
                total += weights[b, j] * (real * real + imaginary * imaginary)
            powers[i, b] = total


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def root_cepstra(powers: F32, root: float, basis: F32, cepstra: F32) -> None:
    """Compress band powers by a root and decorrelate them.

    powers (n, bands), basis (bands, d); cepstra (n, d) is written. O(n bands d).
    """
    bands, d = basis.shape
    exponent = np.float32(root)
    for i in range(powers.shape[0]):
        for k in range(d):
            cepstra[i, k] = np.float32(0)
        for b in range(bands):
            value = powers[i, b] ** exponent
            for k in range(d):
                cepstra[i, k] += value * basis[b, k]
