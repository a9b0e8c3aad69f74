"""What a front end makes of a whole recording, and of the quiet beyond its ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from kwspot.features.sketch import Sketches

if TYPE_CHECKING:
    from kwspot.features.frontend import FrontEnd

F32 = npt.NDArray[np.float32]

# A word cut out of its recording keeps so many quiet frames at its ends: soft consonants.
_MARGIN = 3


@runtime_checkable
class HearsBeyond(Protocol):
    """A front end whose frames see so much that those in the quiet around a word tell of it."""

    @property
    def margin(self) -> int:
        """How many quiet frames a word keeps at its ends."""
        ...

    def with_margins(self, x: F32) -> F32:
        """Return the features of samples, and `margin` frames more before and after them."""
        ...


def margin(front_end: FrontEnd) -> int:
    """Return how many quiet frames a word keeps at its ends."""
    return front_end.margin if isinstance(front_end, HearsBeyond) else _MARGIN


@dataclass(frozen=True, eq=False)
class Heard:
    """Frames of a recording, and those beyond its ends as far as they are known.

    Attributes
    ----------
    frames : ndarray, shape (n, d), float32
        Of the recording.
    before, after : ndarray, shape (k, d), float32
        What comes first and last; k may be 0.
    sketch : ndarray, shape (n, e), float32, optional
        Cheaper features of the recording, if the front end has any.

    Examples
    --------
    >>> rows = np.arange(6, dtype=np.float32)[:, None]
    >>> heard = Heard(rows[2:5], rows[:2], rows[5:])
    >>> heard.stretch(-9, 1).ravel().tolist(), heard.stretch(2, 4).ravel().tolist()
    ([0.0, 1.0, 2.0], [4.0, 5.0])
    """

    frames: F32
    before: F32
    after: F32
    sketch: F32 | None = None

    @classmethod
    def by(cls, front_end: FrontEnd, x: F32) -> Self:
        """Listen to samples, shape (n,)."""
        sketch = front_end.sketch(x) if isinstance(front_end, Sketches) else None
        if not isinstance(front_end, HearsBeyond):
            return replace(cls.alone(front_end(x)), sketch=sketch)
        frames, beyond = front_end.with_margins(x), front_end.margin
        if len(frames) <= 2 * beyond:
            return cls.alone(frames[:0])
        return cls(frames[beyond:-beyond], frames[:beyond], frames[-beyond:], sketch)

    @classmethod
    def alone(cls, frames: F32) -> Self:
        """Take frames, shape (n, d), of which nothing is known beyond."""
        return cls(frames, frames[:0], frames[:0])

    def at_level(self, level: float) -> Heard:
        """Divide all frames by a level."""
        by = np.float32(level)
        return Heard(self.frames / by, self.before / by, self.after / by, self.sketch)

    def stretch(self, first: int, last: int) -> F32:
        """Return the frames from `first`, which may be below 0, up to `last`, as far as known."""
        n, known = len(self.frames), len(self.before)
        parts = (
            self.before[max(0, known + first) :] if first < 0 else self.before[:0],
            self.frames[max(0, first) : max(0, min(last, n))],
            self.after[: max(0, last - n)],
        )
        return np.concatenate(parts)
