"""Features as small integers, on one scale for all recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.errors import ArchiveError

if TYPE_CHECKING:
    from kwspot.features import FrontEnd

F32 = npt.NDArray[np.float32]
I8 = npt.NDArray[np.int8]

_LARGEST = 127


@dataclass(frozen=True)
class Packing:
    """The scale of a front end's features: integer k stands for ``zero + k * step``.

    Attributes
    ----------
    step, zero : ndarray, shape (d,), float32
        In units of the features.
    """

    step: F32
    zero: F32

    def pack(self, frames: F32) -> I8:
        """Round frames, shape (n, d), to the scale; beyond its ends is put there. O(n d)."""
        from kwspot.kernels.packing import pack

        packed = np.empty(frames.shape, np.int8)
        pack(np.ascontiguousarray(frames), self.step, self.zero, _LARGEST, packed)
        return packed

    def unpack(self, packed: I8) -> F32:
        """Return the frames, shape (n, d), that integers stand for. O(n d)."""
        from kwspot.kernels.packing import unpack

        frames = np.empty(packed.shape, np.float32)
        unpack(np.ascontiguousarray(packed), self.step, self.zero, frames)
        return frames


def packing(front_end: FrontEnd) -> Packing:
    """Return the scale of a front end's features.

    Raises
    ------
    ArchiveError
        If none is known.

    Examples
    --------
    >>> from kwspot.features import front_end
    >>> scale = packing(front_end("cepstra"))
    >>> scale.pack(scale.unpack(np.full((1, 26), -5, np.int8)))[0, :4].tolist()
    [-5, -5, -5, -5]
    """
    if front_end.name not in _SCALES:
        raise ArchiveError(
            f"features of the front end {front_end.name!r} cannot be archived",
            hint=f"choose one of {', '.join(sorted(_SCALES))}",
        )
    steps, zeros = (_spread(values, front_end.dimensions) for values in _SCALES[front_end.name])
    return Packing(steps, zeros)


def _spread(values: tuple[float, ...], dimensions: int) -> F32:
    """Give every feature its value: those in the middle share the second one."""
    first, middle, last = values
    return np.array([first, *[middle] * (dimensions - 2), last], np.float32)


# Steps and zeros of the first feature, the last, and all between. On speech, birds and everyday
# sounds no recording up to full scale is beyond; scores of keywords change by 0.01 at most.
_SCALES = {
    "cepstra": ((1 / 24, 1 / 24, 1 / 24), (0.0, 0.0, 0.0)),
    "mel": ((0.25, 0.25, 0.25), (-8.75, -8.75, -8.75)),
    "mfcc": ((3.0, 1.75, 0.75), (-280.0, 0.0, 0.0)),
    # The last is the loudness: 0 must stay 0, which for powers of two it does exactly.
    "speech": ((0.64, 0.64, 2.0**-14), (0.0, 0.0, 127 * 2.0**-14)),
}
