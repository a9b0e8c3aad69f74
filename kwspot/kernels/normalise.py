"""Centre and unit length, frame by frame with a memory."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def normalise_running(
    frames: F32,
    loudness: F32,
    prior: F32,
    prior_frames: float,
    memory_frames: float,
    homogeneous: bool,
    state: F64,
    unit: F32,
) -> None:
    """Subtract the running mean of the loud frames, and make each frame unit length.

    frames (n, d), loudness (n,), prior (d,); the prior of `homogeneous` frames is for a level of 1
    and scaled to the level heard so far; state (d + 3,) is the weighted sum of frames, of loudness,
    of weights, and the loudest level yet, carried on; unit (n, d) is written. O(n d). A frame whose
    loudness is NaN was not heard: it is written as zeros, and changes nothing.
    """
    n, d = frames.shape
    for j in range(n):
        loud = np.float64(loudness[j])
        if np.isnan(loud):
            for k in range(d):
                unit[j, k] = np.float32(0)
            continue
        if loud > state[d + 2]:  # weights are relative to the loudest: carry the old ones over
            ratio = (state[d + 2] / loud) ** 6
            for k in range(d + 2):
                state[k] *= ratio
            state[d + 2] = loud
        weight = (loud / state[d + 2]) ** 6 if state[d + 2] > 0 else 0.0
        fade = 1 - weight / memory_frames
        for k in range(d):
            state[k] = state[k] * fade + weight * frames[j, k]
        state[d] = state[d] * fade + weight * loud
        state[d + 1] = state[d + 1] * fade + weight
        state[d + 2] *= 1 - 1e-4  # a single bang does not rule the weights for ever
        level = 1.0
        if homogeneous:
            level = state[d] / state[d + 1] if state[d + 1] > 0 else 0.0
        norm = 0.0
        for k in range(d):
            mean = (state[k] + prior_frames * level * prior[k]) / (state[d + 1] + prior_frames)
            value = frames[j, k] - mean
            unit[j, k] = value
            norm += value * value
        inverse = 1 / np.sqrt(norm) if norm > 0 else 0.0
        for k in range(d):
            unit[j, k] *= np.float32(inverse)
