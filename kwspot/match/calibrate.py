"""From costs to probabilities, by what the clips themselves show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence


class Weights(NamedTuple):
    """What the costs of one front end mean, fitted by logistic regression.

    Attributes
    ----------
    stream : tuple of float
        In a stream: weights of the distance to the background in its own deviations and in steps to
        the keyword itself; constant.
    everyday : tuple of float
        The same where the background was heard at length, and the keyword is rarer.
    whole : tuple of float
        Alone: weight of the logarithm of the cost, less a share of that of what examples cost;
        constant.
    choice : tuple of float
        Alone, among several keywords: weights of the cost and of what `contrast` tells.
    margin : float
        By how much a rival must cost more than the keyword not to matter.
    background, spread, genuine : float
        Typical costs.
    """

    stream: tuple[float, float, float]
    everyday: tuple[float, float, float]
    whole: tuple[float, float, float]
    choice: tuple[float, float]
    margin: float
    background: float
    spread: float
    genuine: float


# Fitted on spoken digits and Arabic words of one, several and other speakers, 184 streams (speech:
# 94), seeds 101 to 116, and 480 sessions of words alone, seeds 101 to 402;
# `benchmarks/calibration.py` tells how well either half predicts the other. Of words alone
# logarithms of costs carry over to other words and speakers better than the costs do. By speech,
# where sketches and other hearings count too, these are from 528 sessions, seeds 101 to 123; but
# what `contrast` tells, of copies in rooms, weighs what digits in rooms were known by best, seeds
# 101 to 106: in the sessions weights from 6 to 11 do as well.
_WEIGHTS = {
    "cepstra": Weights(
        stream=(2.0, 3.0, -7.5),
        everyday=(3.0, 0.65, -11.4),
        whole=(10.4, 0.5, -2.0),
        choice=(15.5, 17.0),
        margin=0.1,
        background=0.6,
        spread=0.05,
        genuine=0.3,
    ),
    "speech": Weights(
        stream=(2.4, 4.7, -9.9),
        everyday=(2.06, 2.55, -12.0),
        whole=(17.0, 0.3, -5.0),
        choice=(22.1, 6.0),
        margin=0.15,
        background=0.82,
        spread=0.13,
        genuine=0.33,
    ),
}
_LEAST_STEP = 0.05  # from the background to the keyword, whatever the examples cost
_LEAST_COST = 0.05  # by so much costs are raised before their logarithm is taken
_PRIOR_PEAKS = 4  # so many peaks of background the typical ones weigh


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
    front_end : str
        Whose costs they are.
    everyday : bool
        True if everyday sound was heard.

    Examples
    --------
    >>> calibration = Calibration(background=0.6, spread=0.05, peaks=40, genuine=0.3, whole=0.3)
    >>> calibration.in_stream(np.array([0.3, 0.45, 0.6])).round(2).tolist()
    [1.0, 0.5, 0.0]
    """

    background: float
    spread: float
    peaks: int
    genuine: float
    whole: float
    front_end: str = "cepstra"
    everyday: bool = False

    @classmethod
    def typical(cls, front_end: str) -> Self:
        """Return what is typical; it weighs as much as a few peaks of background.

        Parameters
        ----------
        front_end : str
            Whose costs they are.
        """
        known = _WEIGHTS.get(front_end, _WEIGHTS["cepstra"])
        return cls(
            known.background, known.spread, _PRIOR_PEAKS, known.genuine, known.genuine, front_end
        )

    @property
    def weights(self) -> Weights:
        """The constants of the front end; of a front end from elsewhere those of the cepstra."""
        return _WEIGHTS.get(self.front_end, _WEIGHTS["cepstra"])

    def measured(self) -> dict[str, float]:
        """Return what was measured for this keyword, by name."""
        names = ("background", "spread", "peaks", "genuine", "whole")
        return {name: getattr(self, name) for name in names}

    def in_everyday_sound(self) -> Calibration:
        """Return the calibration for sound of which much was heard."""
        return replace(self, everyday=True)

    def pooled(self, costs: Sequence[float]) -> Calibration:
        """Return the calibration with more costs of background.

        Parameters
        ----------
        costs : sequence of float
            Of separate fits where the keyword is not.
        """
        if not costs:
            return self
        peaks = self.peaks + len(costs)
        old, new = self.peaks / peaks, len(costs) / peaks
        mean, variance = float(np.mean(costs)), float(np.var(costs))
        gap = self.background - mean
        spread = old * self.spread**2 + new * variance + old * new * gap * gap
        return replace(
            self,
            background=old * self.background + new * mean,
            spread=float(np.sqrt(spread)),
            peaks=peaks,
        )

    def in_stream(self, cost: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the probability that the keyword ends where the stream has this cost.

        Parameters
        ----------
        cost : array_like, shape (n,), float
            Of the best fit that ends at each frame.

        Returns
        -------
        ndarray, shape (n,), float64
            0 to 1.
        """
        per_distance, constant = self._line()
        return _logistic(per_distance * (self.background - np.asarray(cost, np.float64)) + constant)

    def cost_at(self, score: float) -> float:
        """Return the cost at which `in_stream` gives a score.

        Parameters
        ----------
        score : float
            0 to 1.
        """
        per_distance, constant = self._line()
        odds = np.log(max(score, 1e-300)) - np.log(max(1 - score, 1e-300))
        return float(self.background - (odds - constant) / per_distance)

    def _line(self) -> tuple[float, float]:
        """Return log-odds per distance from the background, and at no distance."""
        weights = self.weights.everyday if self.everyday else self.weights.stream
        per_spread, per_step, constant = weights
        step = max(self.background - self.genuine, _LEAST_STEP)
        return per_spread / self.spread + per_step / step, constant

    def alone(self, cost: float) -> float:
        """Return the log-odds that a recording cut to one word, of this cost, is the keyword.

        Parameters
        ----------
        cost : float
            Of the recording as a whole.
        """
        per_fold, share, constant = self.weights.whole
        folds = np.log(cost + _LEAST_COST) - share * np.log(self.whole + _LEAST_COST)
        return float(constant - per_fold * folds)


def _logistic(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -50, 50))))
