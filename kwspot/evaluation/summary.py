"""From what was counted to figures with intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from kwspot import metrics
from kwspot.evaluation.result import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

T = TypeVar("T")

_RESAMPLES = 500


def grouped(speakers: Sequence[str], items: Sequence[T]) -> tuple[list[list[T]], str]:
    """Put items of one speaker together; of one recording, where speakers are not known.

    Examples
    --------
    >>> grouped(["ann", "bob", "ann"], [1, 2, 3])
    ([[1, 3], [2]], 'speaker')
    """
    if not all(speakers):
        return [[item] for item in items], "recording"
    groups: dict[str, list[T]] = {}
    for speaker, item in zip(speakers, items, strict=True):
        groups.setdefault(speaker, []).append(item)
    return list(groups.values()), "speaker"


def measured(
    groups: Sequence[T],
    statistic: Callable[[Sequence[T]], Mapping[str, float]],
    rng: np.random.Generator,
) -> tuple[Measure, ...]:
    """Return the named figures of all groups, with their intervals over them."""
    figures = statistic(groups)
    if len(groups) < 2:
        return tuple(Measure(name, _number(value)) for name, value in figures.items())

    def values(some: Sequence[T]) -> list[float]:
        return list(statistic(some).values())

    low, high = metrics.interval(groups, values, rng=rng, resamples=_RESAMPLES)
    return tuple(
        Measure(name, _number(value), _number(below), _number(above))
        for (name, value), below, above in zip(
            figures.items(), low.tolist(), high.tolist(), strict=True
        )
    )


def table(judged: Sequence[tuple[float, bool]]) -> tuple[tuple[float, float, int], ...]:
    """Return the filled bins of the reliability of scores."""
    if not judged:
        return ()
    scores, right = zip(*judged, strict=True)
    bins = metrics.reliability(scores, right)
    rows = zip(*(values.tolist() for values in bins), strict=True)
    return tuple((said, came, number) for said, came, number in rows if number)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
