"""How far a figure would move with other speakers or recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from kwspot.metrics import inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def interval(
    groups: Sequence[T],
    statistic: Callable[[Sequence[T]], float],
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 1000,
) -> tuple[float, float]:
    """Return the bootstrap interval of a statistic over groups drawn with replacement.

    Parameters
    ----------
    groups : sequence
        What was measured, by speaker or by recording: what belongs together stays together.
    statistic : callable
        Takes some groups, gives a number; NaN if it cannot tell.
    rng : numpy.random.Generator
        Draws the groups.
    level : float
        Probability that the interval holds the true value, 0 to 1.
    resamples : int
        How often groups are drawn.

    Returns
    -------
    low, high : float
        In the unit of the statistic; NaN if it could never tell.

    Raises
    ------
    ValueError
        If there are no groups or resamples, or the level is none.

    Notes
    -----
    Calls the statistic `resamples` times. Percentile method; with fewer than about ten groups it
    is too narrow. Source: Efron and Tibshirani, "An introduction to the bootstrap", 1993;
    Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation",
    ICASSP 2004 (groups of one speaker).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> low, high = interval([1.0, 2.0, 3.0, 4.0], np.mean, rng=rng)
    >>> low < 2.5 < high
    True
    """
    if not len(groups) or resamples < 1:
        msg = f"expected groups and resamples, got {len(groups)} and {resamples}"
        raise ValueError(msg)
    tail = (1 - inputs.share(level, "level")) / 2
    draws = rng.integers(len(groups), size=(resamples, len(groups)))
    values = np.array([statistic([groups[i] for i in draw]) for draw in draws], np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
