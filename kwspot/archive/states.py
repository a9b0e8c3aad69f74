"""What the spotter's normaliser remembers at places of a recording, so that one can begin there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.features.normalise import RunningNormaliser

if TYPE_CHECKING:
    from kwspot.features import FrontEnd

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

STRIDE = 1024  # frames from place to place


def count(frames: int) -> int:
    """Count the places in a recording of so many frames.

    Examples
    --------
    >>> count(0), count(1024), count(1025)
    (0, 1, 2)
    """
    return -(-frames // STRIDE)


def states(frames: F32, front_end: FrontEnd) -> F64:
    """Return the state before each frame whose number is a multiple of `STRIDE`.

    Parameters
    ----------
    frames : ndarray, shape (n, d), float32
        All features of a recording, as they are unpacked.
    front_end : FrontEnd
        Which made them.

    Returns
    -------
    ndarray, shape (count(n), d + 3), float64
        See `kwspot.features.normalise.RunningNormaliser`; it holds for every keyword.

    Notes
    -----
    O(n d) time.
    """
    found = np.empty((count(len(frames)), frames.shape[1] + 3))
    running = _normaliser(np.zeros(frames.shape[1], np.float32), front_end, None)
    loudness = front_end.loudness(frames)
    for number in range(len(found)):
        found[number] = running.state
        part = slice(number * STRIDE, (number + 1) * STRIDE)
        running.feed(frames[part], loudness[part])
    return found


def normalise(frames: F32, prior: F32, front_end: FrontEnd, state: F64) -> F32:
    """Return frames, shape (n, d), as a spotter hears them that comes to them in `state`."""
    running = _normaliser(prior, front_end, state)
    return running.feed(frames, front_end.loudness(frames))


def _normaliser(prior: F32, front_end: FrontEnd, state: F64 | None) -> RunningNormaliser:
    return RunningNormaliser(
        prior, period=front_end.period, homogeneous=front_end.homogeneous, state=state
    )
