"""From costs to probabilities, by what the clips themselves show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

# Fitted by logistic regression on the development speech (benchmarks/calibration.py): the weight
# of the distance to the background in its own deviations and in steps to the keyword itself.
_STREAM = (1.5, 6.0, -10.0)
_WHOLE = (25.0, 0.5, 12.0)
# What is expected of a background before any was heard, and how many peaks that is worth.
_TYPICAL_COST, _TYPICAL_SPREAD, _TYPICAL_WEIGHT = 0.6, 0.05, 4


@dataclass(frozen=True)
class Calibration:
    """What the costs of one keyword mean.

    Attributes
    ----------
    background, spread : float
        Mean and standard deviation of the cost of the best fits where the keyword is not.
    peaks : int
        How many such fits were seen.
    genuine : float
        Median cost where it is, each example judged by the others.
    whole : float
        The same for recordings cut to the word.

    Examples
    --------
    >>> calibration = Calibration(background=0.6, spread=0.05, peaks=40, genuine=0.3, whole=0.3)
    >>> calibration.in_stream(np.array([0.3, 0.45, 0.6])).round(2).tolist()
    [0.99, 0.08, 0.0]
    """

    background: float
    spread: float
    peaks: int
    genuine: float
    whole: float

    @classmethod
    def of(
        cls, background: Sequence[float], genuine: Sequence[float], whole: Sequence[float]
    ) -> Calibration:
        """Measure costs of background, of examples in their clips, and of examples alone."""
        costs = np.asarray(background, np.float64)
        mean, variance = (costs.mean(), costs.var()) if len(costs) else (0.0, 0.0)
        return cls(
            background=float(mean),
            spread=float(np.sqrt(variance)),
            peaks=len(costs),
            genuine=float(np.median(genuine)),
            whole=float(np.median(whole)),
        )

    def in_stream(self, cost: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the probability that the keyword ends where the stream has this cost."""
        share = self.peaks / (self.peaks + _TYPICAL_WEIGHT)
        mean = share * self.background + (1 - share) * _TYPICAL_COST
        gap = self.background - _TYPICAL_COST
        between = share * (1 - share) * gap * gap
        variance = share * self.spread**2 + (1 - share) * _TYPICAL_SPREAD**2 + between
        distance = mean - np.asarray(cost, np.float64)
        steps = distance / max(mean - self.genuine, 0.05)
        per_spread, per_step, constant = _STREAM
        return _logistic(per_spread * distance / np.sqrt(variance) + per_step * steps + constant)

    def alone(self, cost: float) -> float:
        """Return the probability that a recording cut to one word, of this cost, is the keyword."""
        per_cost, share, constant = _WHOLE
        return float(_logistic(constant - per_cost * (cost - share * self.whole)))


def _logistic(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -50, 50))))
