"""The path of a warp: which frames of two sounds belong together."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]


@numba.njit(cache=True, nogil=True)
def trace(local: F32, band: float, total: F32, path: I32) -> int:
    """Write the cheapest path from one corner to the other, last step first; return its length.

    local (m, n) costs; steps (1, 1) count twice; cells further than band * max(m, n) from the
    diagonal are shut; total (m + 1, n + 1) is written; path (m + n, 2). O(m n). Length 0: no path.
    """
    m, n = local.shape
    reach = max(band * max(m, n), 2.0)
    for i in range(m + 1):
        for j in range(n + 1):
            total[i, j] = np.float32(np.inf)
    total[0, 0] = np.float32(0)
    for i in range(m):
        middle = i * (n - 1) / max(m - 1, 1)
        for j in range(max(0, int(middle - reach)), min(n, int(middle + reach) + 1)):
            best = total[i, j] + np.float32(2) * local[i, j]
            best = min(best, total[i, j + 1] + local[i, j])
            total[i + 1, j + 1] = min(best, total[i + 1, j] + local[i, j])
    i, j, length = m, n, 0
    if total[m, n] == np.float32(np.inf):
        return length
    while i > 0 and j > 0:
        path[length, 0], path[length, 1] = i - 1, j - 1
        length += 1
        both = total[i - 1, j - 1] + np.float32(2) * local[i - 1, j - 1]
        one, other = total[i - 1, j], total[i, j - 1]
        step = local[i - 1, j - 1]
        if both <= one + step and both <= other + step:
            i, j = i - 1, j - 1
        elif one <= other:
            i -= 1
        else:
            j -= 1
    return length
