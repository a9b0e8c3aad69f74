"""Cheap features that tell a costly front end where it need not listen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from kwspot.features.frontend import FeatureStream, FrontEnd

F32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class Look(Protocol):
    """Judges the frames of a sketch as they come."""

    def feed(self, frames: F32) -> Mask:
        """Take the next frames, shape (n, d), and tell of those that are settled if they pass."""
        ...

    def finish(self) -> Mask:
        """Tell it of the frames that are left."""
        ...


@runtime_checkable
class Sketches(Protocol):
    """A front end with cheaper features beside its own, of as many frames."""

    @property
    def sketch(self) -> FrontEnd:
        """What makes them, of the same samples."""
        ...

    def sparing(self, look: Look, before: int, after: int) -> FeatureStream:
        """Begin a recording of which most is passed over.

        Parameters
        ----------
        look : Look
            Tells which frames matter.
        before, after : int
            So many frames before and after one that passes are made too; all others are NaN.
        """
        ...
