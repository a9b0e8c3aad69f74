"""What every annotation format is about: a span of a recording, and what is there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwspot.results import Detections


@dataclass(frozen=True, slots=True)
class Label:
    """A labelled span of a recording.

    Attributes
    ----------
    start, end : float
        Half-open span in seconds from the beginning of the recording; equal for a point in time.
    text : str
        What is there, for instance the keyword.
    score : float or None
        0 to 1, higher is surer; None if nobody said.
    tier : str
        Layer of annotation that it belongs to; empty where the format has none.
    recording : str
        The recording as the file names it; empty where it does not.

    Raises
    ------
    ValueError
        If the times are not finite, negative or in the wrong order, if the score is not in 0 to 1,
        or if the recording's name holds a NUL.

    Examples
    --------
    >>> Label(0.5, 1.25, "hello").duration
    0.75
    """

    start: float
    end: float
    text: str
    score: float | None = None
    tier: str = ""
    recording: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end < math.inf:  # NaN compares as False
            msg = f"expected 0 <= start <= end, both in seconds, got {self.start} and {self.end}"
            raise ValueError(msg)
        if self.score is not None and not 0 <= self.score <= 1:
            msg = f"expected a score from 0 to 1, got {self.score}"
            raise ValueError(msg)
        if "\0" in self.recording:
            msg = f"expected a recording's name without NUL, got {self.recording!r}"
            raise ValueError(msg)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return round(self.end - self.start, 6)


def labels(detections: Detections, *, recording: str | None = None) -> list[Label]:
    """Take detections as labels, to write them with `kwspot.formats.write`.

    Parameters
    ----------
    detections : Detections
        What `kwspot.spot` found.
    recording : str, optional
        What to call the recording; by default as the detections do.

    Returns
    -------
    list of Label
        One for each detection, in order of time.

    Examples
    --------
    >>> from kwspot import Detection, Detections
    >>> labels(Detections("a.wav", 3.0, (Detection("hello", 0.5, 1.25, 0.9),)))
    [Label(start=0.5, end=1.25, text='hello', score=0.9, tier='', recording='a.wav')]
    """
    name = detections.recording if recording is None else recording
    return [Label(hit.start, hit.end, hit.keyword, hit.score, "", name) for hit in detections]
