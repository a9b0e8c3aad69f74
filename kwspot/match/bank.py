"""Several templates that follow one stream together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


class TemplateBank:
    """Warp templates onto a stream, chunk by chunk; the chunks do not change the result.

    Parameters
    ----------
    templates : sequence of ndarray, shape (m, d), float32
        Features of unit length; m may differ, d may not.

    Notes
    -----
    O(sum of m) memory, however long the stream. See `kwspot.match.align` for the method. Costs are
    float32: those of an `Int8Bank`, which come template by template, took 1.5 to 4 times as long
    with 5 to 200 templates, because warping needs them frame by frame.

    Examples
    --------
    >>> import numpy as np
    >>> word = np.eye(3, dtype=np.float32)
    >>> cost, start = TemplateBank([word]).feed(np.concatenate([word, word]))
    >>> start[cost[:, 0] < 1e-6, 0].tolist()
    [0, 3]
    """

    def __init__(self, templates: Sequence[F32]) -> None:
        self._columns, self._first, self._length = side_by_side(templates)
        self._clock = 0
        rows = self._columns.shape[1]
        self._local = np.ones((3, rows), np.float32)
        self._total = np.full((3, rows), np.inf, np.float32)
        self._origin = np.zeros((3, rows), np.int32)
        self._total[2, self._first - 1] = 0  # before frame 0: a match may begin there

    def feed(self, frames: F32) -> tuple[F32, I32]:
        """Take the next frames.

        Parameters
        ----------
        frames : ndarray, shape (n, d), float32
            Of unit length.

        Returns
        -------
        cost : ndarray, shape (n, templates), float32
            Mean cost of the best warp that ends at each frame.
        start : ndarray, shape (n, templates), int32
            Number of its first frame since the beginning of the stream.
        """
        from kwspot.kernels.dtw import warp_stream

        cost = np.empty((len(frames), len(self._length)), np.float32)
        start = np.empty((len(frames), len(self._length)), np.int32)
        warp_stream(
            self._columns,
            self._first,
            self._length,
            np.ascontiguousarray(frames),
            self._clock,
            self._local,
            self._total,
            self._origin,
            cost,
            start,
        )
        self._clock += len(frames)
        return cost, start


def side_by_side(templates: Sequence[F32]) -> tuple[F32, I64, I64]:
    """Lay templates out as `kwspot.kernels.dtw.warp_stream` takes them: columns, first, length.

    Examples
    --------
    >>> columns, first, length = side_by_side([np.ones((3, 2), np.float32)] * 2)
    >>> columns[0].tolist(), first.tolist(), length.tolist()
    ([0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0], [2, 7], [3, 3])
    """
    length = np.array([len(template) for template in templates])
    ends = np.cumsum(length + 2)  # two free columns stand before each template
    first = ends - length
    columns = np.zeros((templates[0].shape[1], int(ends[-1])), np.float32)
    for begin, template in zip(first, templates, strict=True):
        columns[:, begin : begin + len(template)] = template.T
    return columns, first, length
