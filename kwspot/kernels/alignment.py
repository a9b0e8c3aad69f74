"""Memory for kernels that begins where vector loads like it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_LINE = 64  # bytes of a cache line: a load of 64 bytes elsewhere touches two


def aligned(shape: int | tuple[int, ...], dtype: npt.DTypeLike = np.uint8) -> npt.NDArray[Any]:
    """Allocate zeros that begin on a cache line.

    Examples
    --------
    >>> aligned(10, np.float32).ctypes.data % 64
    0
    """
    dtype = np.dtype(dtype)
    n_bytes = int(np.prod(shape)) * dtype.itemsize
    raw = np.zeros(n_bytes + _LINE, np.uint8)
    start = -raw.ctypes.data % _LINE
    return raw[start : start + n_bytes].view(dtype).reshape(shape)
