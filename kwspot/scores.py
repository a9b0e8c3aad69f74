"""How well keywords fit at every moment of a recording, not only where they are detected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from kwspot.audio import RATE, blocks
from kwspot.base import Result
from kwspot.peaks import Peaks
from kwspot.recording import source_name
from kwspot.results import Detections
from kwspot.stream import Listener

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from kwspot.audio import Source
    from kwspot.keyword import Keyword
    from kwspot.peaks import Hit


@dataclass(frozen=True, slots=True)
class ScoreCurve(Result):
    """The score of one keyword over time.

    Attributes
    ----------
    keyword : str
        Its name.
    threshold : float
        Least score of a detection, 0 to 1.
    time : tuple of float
        Seconds; one value per frame: where a word would end.
    score : tuple of float
        0 to 1: the probability that the keyword ends there.
    """

    FORMAT: ClassVar[str] = "kwspot.score-curve/1"

    keyword: str
    threshold: float
    time: tuple[float, ...]
    score: tuple[float, ...]

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        values = (tuple(fields[name]) for name in ("time", "score"))
        return cls(fields["keyword"], fields["threshold"], *values)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the score over time with its threshold, on `ax` or a new figure."""
        from kwspot.show.scores import draw_score_curves

        return draw_score_curves([self], (), ax)


@dataclass(frozen=True, slots=True)
class Scores(Result):
    """The scores of keywords over time, and what was detected by them.

    Attributes
    ----------
    curves : tuple of ScoreCurve
        One per keyword.
    detections : Detections
        What `kwspot.spot` finds.
    """

    FORMAT: ClassVar[str] = "kwspot.scores/1"

    curves: tuple[ScoreCurve, ...]
    detections: Detections

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them."""
        return {
            "curves": [curve.to_fields() for curve in self.curves],
            "detections": self.detections.to_fields(),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        curves = tuple(ScoreCurve.from_fields(curve) for curve in fields["curves"])
        return cls(curves, Detections.from_fields(fields["detections"]))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the scores over time, thresholds dashed, detections shaded, on `ax` or a new figure.

        Cost: O(frames); a detection is marked over its whole word, at the end of which is its peak.
        """
        from kwspot.show.scores import draw_score_curves

        return draw_score_curves(self.curves, self.detections.items, ax)


def score(
    audio: Source,
    keywords: Sequence[Keyword],
    *,
    threshold: float | None = None,
    refractory: float = 0.3,
) -> Scores:
    """Tell how well keywords fit at every frame of a recording.

    Parameters
    ----------
    audio, keywords, threshold, refractory
        As for `kwspot.spot`.

    Returns
    -------
    Scores
        A curve per keyword, and the detections that `kwspot.spot` finds.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    ValueError
        If there are no keywords, or a number is out of its range.

    Notes
    -----
    Time as `kwspot.spot` and some µs more for each frame; memory O(frames): 50 a second.

    Examples
    --------
    >>> from kwspot.keyword import Keyword
    >>> rng = np.random.default_rng(0)
    >>> word, silence = rng.normal(size=8000), np.zeros(8000)
    >>> keyword = Keyword.from_examples([(word, 16000)] * 2, front_end="cepstra", name="hiss")
    >>> found = score((np.concatenate([silence, word, silence]), 16000), [keyword])
    >>> (curve,) = found.curves
    >>> len(curve.time), round(curve.time[int(np.argmax(curve.score))], 1)
    (75, 1.0)
    """
    names = [keyword.name for keyword in keywords]
    peaks = Peaks(names, threshold=0 if threshold is None else threshold, refractory=refractory)
    levels = [keyword.threshold if threshold is None else threshold for keyword in keywords]
    listener, samples = Listener(keywords, threshold=0.0, rate=RATE), 0
    hits: list[Hit] = []
    for block in blocks(audio, rate=RATE):
        samples += len(block)
        hits += listener.feed(block)
    hits += listener.finish()
    for hit in hits:
        if hit.score >= levels[hit.keyword]:
            peaks.add(hit)
    return Scores(
        tuple(_curve(hits, i, name, levels[i]) for i, name in enumerate(names)),
        Detections(source_name(audio, 1), round(samples / RATE, 6), tuple(peaks.settle(np.inf))),
    )


def _curve(hits: Sequence[Hit], keyword: int, name: str, threshold: float) -> ScoreCurve:
    """Pick one keyword's hits out of all."""
    own = [hit for hit in hits if hit.keyword == keyword]
    time = tuple(round(hit.end, 6) for hit in own)
    return ScoreCurve(name, threshold, time, tuple(hit.score for hit in own))
