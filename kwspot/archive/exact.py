"""What a keyword exactly costs in windows of recordings, as `kwspot.spot` would tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.features.normalise import MEMORY_SECONDS, PRIOR_SECONDS
from kwspot.match.agreement import BEST
from kwspot.match.bank import side_by_side

if TYPE_CHECKING:
    from kwspot.features import FrontEnd
    from kwspot.keyword import Keyword

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_NONE = np.empty((1, 0), np.float32), np.empty(0, np.int64), np.empty(0, np.int64)  # no templates


class Windows(NamedTuple):
    """Stretches of recordings to be compared with a keyword.

    Attributes
    ----------
    frames : ndarray, shape (n, d), float32
        All of them, one after the other.
    piece : ndarray, shape (w + 1,), int64
        Where they begin.
    states : ndarray, shape (w, d + 3), float64
        What the running normaliser remembers there.
    skip : ndarray, shape (w,), int64
        From which of its frames on a window is compared; those before it are only heard.
    low, high : ndarray, shape (w,), int64
        In which of its frames the word may end.
    """

    frames: F32
    piece: I64
    states: F64
    skip: I64
    low: I64
    high: I64


class Fit(NamedTuple):
    """The best fit in each window, all of shape (w,): cost, its last frame and its first."""

    cost: F32
    end: I64
    start: I64


def fit(keyword: Keyword, windows: Windows, front_end: FrontEnd) -> Fit:
    """Find the best fit of a keyword in each window.

    Parameters
    ----------
    keyword : Keyword
        With its rivals.
    windows : Windows
        Where to look; they must begin a path's length before the first frame that is judged.
    front_end : FrontEnd
        What made the frames.

    Returns
    -------
    Fit
        Costs equal those of `Keyword.contest` bit for bit.

    Notes
    -----
    O(n d) to hear the windows, and O(length of the templates) for each frame that is compared.
    """
    from kwspot.kernels.windows import fit_windows

    templates, rivals = keyword.stream_templates(), [one.within() for one in keyword.rivals]
    columns, first, length = side_by_side(templates)
    other_columns, other_first, other_length = side_by_side(rivals) if rivals else _NONE
    count = len(windows.skip)
    found = Fit(np.empty(count, np.float32), np.empty(count, np.int64), np.empty(count, np.int64))
    fit_windows(
        windows.frames,
        front_end.loudness(windows.frames),
        windows.piece,
        windows.states,
        keyword.prior,
        PRIOR_SECONDS / front_end.period,
        MEMORY_SECONDS / front_end.period,
        front_end.homogeneous,
        windows.skip,
        windows.low,
        windows.high,
        columns,
        first,
        length,
        min(BEST, len(templates)),
        other_columns,
        other_first,
        other_length,
        keyword.calibration.weights.margin,
        found.cost,
        found.end,
        found.start,
    )
    return found
