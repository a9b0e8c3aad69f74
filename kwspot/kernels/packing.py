"""Features from small integers and back, in one pass."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I8 = npt.NDArray[np.int8]


@numba.njit(cache=True, nogil=True)
def pack(frames: F32, step: F32, zero: F32, largest: int, packed: I8) -> None:
    """Round ``(frames - zero) / step`` to at most `largest`, half to even.

    frames (n, d), step (d,), zero (d,); packed (n, d) is written. O(n d).
    """
    n, d = frames.shape
    top = np.float32(largest)
    for i in range(n):
        for k in range(d):
            value = np.rint((frames[i, k] - zero[k]) / step[k])
            packed[i, k] = np.int8(min(max(value, -top), top))


@numba.njit(cache=True, nogil=True)
def unpack(packed: I8, step: F32, zero: F32, frames: F32) -> None:
    """Write ``zero + packed * step``.

    packed (n, d), step (d,), zero (d,); frames (n, d) is written. O(n d).
    """
    n, d = packed.shape
    for i in range(n):
        for k in range(d):
            frames[i, k] = np.float32(packed[i, k]) * step[k] + zero[k]
