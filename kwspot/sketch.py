"""A word as cheaper features know it, which tells where it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from kwspot.features.normalise import RunningNormaliser
from kwspot.features.sketch import Sketches
from kwspot.features.word import cut_out
from kwspot.judging import judged
from kwspot.match.agreement import Agreement, leave_one_out
from kwspot.match.calibrate import Calibration
from kwspot.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.features import FrontEnd
    from kwspot.recording import Example
    from kwspot.results import Occurrence

F32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sketch:
    """Templates of a word in cheaper features.

    Attributes
    ----------
    templates : tuple of ndarray, shape (m, d), float32
        Of unit length.
    prior : ndarray, shape (d,), float32
        Mean to expect of a recording at level 1.
    most : float
        Cost above which the word is not there: a deviation less than the mean of what fits best
        where it is not.
    """

    templates: tuple[F32, ...]
    prior: F32
    most: float

    def alone(self, front_end: str) -> list[F32]:
        """Return the templates as words by themselves, beside those of a costly front end."""
        return [cut_out(template, front_end) for template in self.templates]

    @classmethod
    def of(
        cls, recordings: Sequence[Recording], places: Sequence[Occurrence], front_end: FrontEnd
    ) -> Self | None:
        """Sketch a word by its place in each recording; None if those were not sketched."""
        sketched = [one.sketch for one in recordings if one.sketch is not None]
        if not isinstance(front_end, Sketches) or len(sketched) < len(recordings):
            return None
        examples = _cut(sketched, places, front_end.sketch)
        templates = tuple(example.within() for example in examples)
        prior: F32 = np.mean([example.mean for example in examples], axis=0, dtype=np.float32)
        pairs = leave_one_out(templates, [example.digest for example in examples])
        others = [others for others, _ in pairs]
        _, background = judged(prior, sketched, places, others, front_end.sketch)
        elsewhere = Calibration.typical(front_end.sketch.name).pooled(background)
        return cls(templates, prior, elsewhere.background - elsewhere.spread)

    def extended(
        self, recordings: Sequence[Recording], places: Sequence[Occurrence], front_end: FrontEnd
    ) -> Self | None:
        """Add templates from more recordings; None if those were not sketched."""
        more = Sketch.of(recordings, places, front_end)
        return replace(self, templates=(*self.templates, *more.templates)) if more else None


class Looks:
    """Tells in a stream of sketched frames where any of several words may end.

    Parameters
    ----------
    sketches : sequence of Sketch
        Of the words.
    front_end : FrontEnd
        What sketches.
    """

    def __init__(self, sketches: Sequence[Sketch], front_end: FrontEnd) -> None:
        self._front_end = front_end
        self._most = np.array([[sketch.most] for sketch in sketches], np.float32)
        self._agreements = [Agreement(sketch.templates) for sketch in sketches]
        self._normalisers = [
            RunningNormaliser(
                sketch.prior, period=front_end.period, homogeneous=front_end.homogeneous
            )
            for sketch in sketches
        ]

    def feed(self, frames: F32) -> Mask:
        """Take the next frames, shape (n, d), and tell of those that are settled if they pass."""
        loudness = self._front_end.loudness(frames)
        heard = [one.feed(frames, loudness) for one in self._normalisers]
        return self._any([one.feed(x)[0] for one, x in zip(self._agreements, heard, strict=True)])

    def finish(self) -> Mask:
        """Tell it of the frames that are left."""
        return self._any([one.finish()[0] for one in self._agreements])

    def _any(self, costs: list[F32]) -> Mask:
        return np.asarray((np.stack(costs) <= self._most).any(axis=0))


def _cut(
    recordings: Sequence[Recording], places: Sequence[Occurrence], front_end: FrontEnd
) -> list[Example]:
    return list(map(Recording.cut, recordings, places, repeat(front_end)))
