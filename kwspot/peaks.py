"""From scores over time to detections: one for each place, none twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kwspot.results import Detection

if TYPE_CHECKING:
    from collections.abc import Sequence

# How long a peak must stand before it is believed, in seconds: a better fit may follow it.
_CONFIRM = 0.16
# Detections that share more than this part of the shorter one are about the same sound.
_SAME = 0.5


class Hit(NamedTuple):
    """A keyword fits here well enough; ordered by the time of its end."""

    end: float
    keyword: int
    score: float
    start: float


class Peaks:
    """Choose among the hits of several keywords, as they come in order of time.

    Of one keyword's hits within a short while the best counts. Of different keywords' on the same
    sound the best counts too, as far as it is known when the first of them must be reported.

    Parameters
    ----------
    names : sequence of str
        What the keywords are called.
    threshold : float
        Least score, 0 to 1.
    refractory : float
        Seconds from the end of a detection in which the same keyword does not count.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> peaks = Peaks(["yes", "no"], threshold=0.5, refractory=0.3)
    >>> for hit in (Hit(1.0, 0, 0.7, 0.5), Hit(1.02, 0, 0.9, 0.5), Hit(1.04, 1, 0.6, 0.6)):
    ...     peaks.add(hit)
    >>> [(found.keyword, found.end) for found in peaks.settle(2.0)]
    [('yes', 1.02)]
    """

    def __init__(self, names: Sequence[str], *, threshold: float, refractory: float) -> None:
        if not 0 <= threshold <= 1:
            msg = f"threshold must lie in 0 to 1, got {threshold}"
            raise ValueError(msg)
        if not refractory >= 0:
            msg = f"refractory must not be negative, got {refractory}"
            raise ValueError(msg)
        self._names = names
        self._refractory = refractory
        self._rising: dict[int, Hit] = {}
        self._given: dict[int, Hit] = {}
        self._ready: list[Hit] = []

    def add(self, hit: Hit) -> None:
        """Take a hit; none may end before one that was taken earlier."""
        self._believe(hit.end)
        best = self._rising.get(hit.keyword)
        if best is None or hit.score > best.score:
            self._rising[hit.keyword] = hit

    def settle(self, now: float) -> list[Detection]:
        """Return what is certain when all hits that end before `now` are known, in seconds."""
        self._believe(now)
        ready, self._ready = self._ready, []
        return [
            Detection(self._names[i], round(start, 6), round(end, 6), score)
            for end, i, score, start in ready
        ]

    def _believe(self, now: float) -> None:
        """Report the peaks that have stood long enough at `now`, in order of time."""
        due = sorted(hit for hit in self._rising.values() if hit.end + _CONFIRM < now)
        for hit in due:
            del self._rising[hit.keyword]
            if self._counts(hit):
                self._given[hit.keyword] = hit
                self._ready.append(hit)

    def _counts(self, hit: Hit) -> bool:
        """Tell whether a peak is neither a repetition nor a worse account of the same sound."""
        last = self._given.get(hit.keyword)
        if last and (hit.end < last.end + self._refractory or _overlap(hit, last) > _SAME):
            return False
        others = [*self._rising.values(), *self._given.values()]
        return not any(
            other.score > hit.score and _overlap(hit, other) > _SAME
            for other in others
            if other.keyword != hit.keyword
        )


def _overlap(a: Hit, b: Hit) -> float:
    """Return the part of the shorter hit that two hits share."""
    shared = min(a.end, b.end) - max(a.start, b.start)
    return max(0.0, shared) / max(min(a.end - a.start, b.end - b.start), 1e-9)
