"""From samples to band powers, 64 frames side by side, and from these to root cepstra.

The frames of a batch lie along the last axis, so that every loop below runs over neighbours in
memory and becomes vector instructions; a frame's result does not depend on its neighbours.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

BATCH = 64


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def band_powers(
    x: F32,
    hop: int,
    emphasis: float,
    centre: bool,
    window: F32,
    turn: F32,
    first: I64,
    weights: F32,
    work: F32,
    powers: F32,
) -> None:
    """Cut `x` into frames, pre-emphasise and window them, and sum their power spectra into bands.

    x (>= 1 + (n - 1) hop + w,), whose first sample only feeds the pre-emphasis; window (w,);
    turn (2, size) cosines and sines of -2 pi k / size; band b weighs the bins from
    first[b] on by weights[b]; work (4, size / 2 + 1, BATCH) is scratch; powers (n, bands) is
    written. `centre` takes the mean out of each frame. O(n (size log size + bands width)).
    """
    n = powers.shape[0]
    for start in range(0, n, BATCH):
        count = min(BATCH, n - start)
        _load(x[start * hop :], hop, count, emphasis, centre, window, work)
        _transform(work, turn)
        _power(work, turn)
        _sum_bands(work, first, weights, count, powers[start:])


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _load(
    x: F32, hop: int, count: int, emphasis: float, centre: bool, window: F32, work: F32
) -> None:
    """Put even samples of the windowed frames into work[0], odd ones into work[1]. O(w BATCH)."""
    width, half, alpha = window.shape[0], work.shape[1] - 1, np.float32(emphasis)
    mean = work[2, 0]
    for lane in range(BATCH):
        mean[lane] = np.float32(0)
    for j in range(2 * half):
        row = work[j & 1, j >> 1]
        if j >= width:
            for lane in range(BATCH):
                row[lane] = np.float32(0)
            continue
        for lane in range(count):
            at = lane * hop + j
            value = x[at + 1] - alpha * x[at]
            row[lane] = value
            mean[lane] += value
    for lane in range(BATCH):
        mean[lane] = mean[lane] / np.float32(width) if centre else np.float32(0)
    for j in range(width):
        row = work[j & 1, j >> 1]
        for lane in range(count):
            row[lane] = (row[lane] - mean[lane]) * window[j]


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _transform(work: F32, turn: F32) -> None:
    """Fourier-transform work[0] + i work[1] in place, radix 4 with a last radix 2. O(N log N)."""
    size = work.shape[1] - 1
    stride, source, target = 1, 0, 2
    while stride < size:
        if size // stride >= 4:
            _radix4(work[source], work[source + 1], work[target], work[target + 1], turn, stride)
            stride *= 4
        else:
            _radix2(work[source], work[source + 1], work[target], work[target + 1], stride)
            stride *= 2
        source, target = target, source
    if source != 0:
        for k in range(size):
            for lane in range(BATCH):
                work[0, k, lane] = work[2, k, lane]
                work[1, k, lane] = work[3, k, lane]


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _radix4(ar: F32, ai: F32, br: F32, bi: F32, turn: F32, s: int) -> None:
    """Do one self-sorting (Stockham) stage of four-point transforms, from a to b."""
    size = ar.shape[0] - 1
    m = size // (4 * s)
    for p in range(m):
        # turn holds the circle in 2 size steps, of which this transform needs every second
        c1, s1 = turn[0, 2 * p * s], turn[1, 2 * p * s]
        c2, s2 = turn[0, 4 * p * s], turn[1, 4 * p * s]
        c3, s3 = turn[0, 6 * p * s], turn[1, 6 * p * s]
        for q in range(s):
            i, o = q + s * p, q + 4 * s * p
            for lane in range(BATCH):
                sum_r = ar[i, lane] + ar[i + 2 * s * m, lane]
                sum_i = ai[i, lane] + ai[i + 2 * s * m, lane]
                gap_r = ar[i, lane] - ar[i + 2 * s * m, lane]
                gap_i = ai[i, lane] - ai[i + 2 * s * m, lane]
                odd_sum_r = ar[i + s * m, lane] + ar[i + 3 * s * m, lane]
                odd_sum_i = ai[i + s * m, lane] + ai[i + 3 * s * m, lane]
                odd_gap_r = ai[i + s * m, lane] - ai[i + 3 * s * m, lane]
                odd_gap_i = ar[i + 3 * s * m, lane] - ar[i + s * m, lane]
                br[o, lane] = sum_r + odd_sum_r
                bi[o, lane] = sum_i + odd_sum_i
                real, imaginary = gap_r + odd_gap_r, gap_i + odd_gap_i
                br[o + s, lane] = real * c1 - imaginary * s1
                bi[o + s, lane] = real * s1 + imaginary * c1
                real, imaginary = sum_r - odd_sum_r, sum_i - odd_sum_i
                br[o + 2 * s, lane] = real * c2 - imaginary * s2
                bi[o + 2 * s, lane] = real * s2 + imaginary * c2
                real, imaginary = gap_r - odd_gap_r, gap_i - odd_gap_i
                br[o + 3 * s, lane] = real * c3 - imaginary * s3
                bi[o + 3 * s, lane] = real * s3 + imaginary * c3


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _radix2(ar: F32, ai: F32, br: F32, bi: F32, s: int) -> None:
    """Do the last stage when the length is not a power of four, from a to b."""
    for q in range(s):
        for lane in range(BATCH):
            br[q, lane] = ar[q, lane] + ar[q + s, lane]
            bi[q, lane] = ai[q, lane] + ai[q + s, lane]
            br[q + s, lane] = ar[q, lane] - ar[q + s, lane]
            bi[q + s, lane] = ai[q, lane] - ai[q + s, lane]


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _power(work: F32, turn: F32) -> None:
    """Untangle the even and odd halves and put the power of bin k into work[2, k]. O(N BATCH)."""
    half = work.shape[1] - 1
    for lane in range(BATCH):
        work[0, half, lane] = work[0, 0, lane]
        work[1, half, lane] = work[1, 0, lane]
    quarter = np.float32(0.25)
    for k in range(half + 1):
        ar, ai, br, bi = work[0, k], work[1, k], work[0, half - k], work[1, half - k]
        c, s = turn[0, k], turn[1, k]
        out = work[2, k]
        for lane in range(BATCH):
            even_r, even_i = ar[lane] + br[lane], ai[lane] - bi[lane]
            odd_r, odd_i = ai[lane] + bi[lane], br[lane] - ar[lane]
            real = even_r + odd_r * c - odd_i * s
            imaginary = even_i + odd_r * s + odd_i * c
            out[lane] = quarter * (real * real + imaginary * imaginary)


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def _sum_bands(work: F32, first: I64, weights: F32, count: int, powers: F32) -> None:
    """Weigh the bins of work[2] into the bands of each of `count` frames. O(bands width BATCH)."""
    bands, width = weights.shape
    total = work[3, 0]
    for b in range(bands):
        for lane in range(BATCH):
            total[lane] = np.float32(0)
        for j in range(width):
            weight, row = weights[b, j], work[2, first[b] + j]
            for lane in range(BATCH):
                total[lane] += weight * row[lane]
        for lane in range(count):
            powers[lane, b] = total[lane]


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def root_cepstra(powers: F32, floor: float, root: float, basis: F32, cepstra: F32) -> None:
    """Compress band powers by a root and decorrelate them.

    powers (n, bands), to which `floor` of the frame's mean is added; basis (bands, d); cepstra
    (n, d) is written. O(n bands d).
    """
    bands, d = basis.shape
    exponent, share = np.float32(root), np.float32(floor / bands)
    for i in range(powers.shape[0]):
        least = np.float32(0)
        for b in range(bands):
            least += share * powers[i, b]
        for k in range(d):
            cepstra[i, k] = np.float32(0)
        for b in range(bands):
            value = (powers[i, b] + least) ** exponent
            for k in range(d):
                cepstra[i, k] += value * basis[b, k]
