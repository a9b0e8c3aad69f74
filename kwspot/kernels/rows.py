"""Ranges of rows out of chunks that were expanded beside each other."""

from __future__ import annotations

from typing import TypeAlias

import numba
import numpy as np
import numpy.typing as npt

I64: TypeAlias = npt.NDArray[np.int64]
U8: TypeAlias = npt.NDArray[np.uint8]


@numba.njit(cache=True, nogil=True)
def copy_ranges(
    expanded: U8, width: int, chunk: int, place: I64, first: I64, last: I64, out: U8
) -> None:
    """Copy ranges of rows one after the other.

    expanded (chunks * chunk * width,) holds chunks of `chunk` rows of `width` bytes; range r is the
    rows first[r] up to last[r] of a file, and place tells, range by range, where the chunks are
    that it touches; out (n * width,) is written. O(n width).
    """
    at, touched = 0, 0
    for r in range(first.size):
        row = first[r]
        while row < last[r]:
            begin = row % chunk
            count = min(chunk - begin, last[r] - row)
            source, size = (place[touched] * chunk + begin) * width, count * width
            target, rows = out[at : at + size], expanded[source : source + size]
            for i in range(size):
                target[i] = rows[i]
            at, touched, row = at + size, touched + 1, row + count
