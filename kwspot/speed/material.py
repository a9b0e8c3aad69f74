"""Real features to measure on: those of the sample audio that kwspot ships with."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]


def log_mel() -> F32:
    """Compute the log-mel frames of the sample audio, clip after clip: shape (n, 40).

    Examples
    --------
    >>> features = log_mel()
    >>> len(features) > 2000, features.shape[1]
    (True, 40)
    """
    from kwspot.audio import load
    from kwspot.features import front_end

    front = front_end("mel")
    with as_file(files("kwspot.sample_audio")) as folder:
        return np.concatenate([front(load(path)) for path in sorted(Path(folder).glob("*.wav"))])


def in_bits(features: F32, bits: int) -> npt.NDArray[Any]:
    """Quantise features to so many bits, but for the outermost thousandth: uint8 or uint16.

    Examples
    --------
    >>> in_bits(np.linspace(0, 1, 4, dtype=np.float32), 2).tolist()
    [0, 1, 2, 3]
    """
    low, high = np.percentile(features, (0.05, 99.95))
    level = np.clip((features - low) / (high - low), 0, 1) * (2**bits - 1)
    rounded: npt.NDArray[Any] = np.round(level).astype(np.uint8 if bits <= 8 else np.uint16)
    return rounded


def repeated(rows: npt.NDArray[Any], n: int) -> npt.NDArray[Any]:
    """Repeat rows until there are n.

    Examples
    --------
    >>> repeated(np.array([[1], [2]]), 3).ravel().tolist()
    [1, 2, 1]
    """
    return np.resize(rows, (n, rows.shape[1]))


def stacked(features: F32, frames: int, columns: int) -> F32:
    """Put each frame and those behind it into one row, cut to so many columns.

    Examples
    --------
    >>> stacked(np.arange(6, dtype=np.float32).reshape(3, 2), 2, 3).tolist()
    [[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]]
    """
    view = np.lib.stride_tricks.sliding_window_view(features, frames, axis=0)
    rows = view.transpose(0, 2, 1).reshape(len(view), -1)
    return np.ascontiguousarray(rows[:, :columns])
