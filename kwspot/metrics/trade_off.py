"""Misses against false alarms as the threshold moves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.metrics import inputs

F64 = npt.NDArray[np.float64]


class DetCurve(NamedTuple):
    """Detection error trade-off: one point per threshold, from the lowest to the highest.

    Attributes
    ----------
    threshold : ndarray, shape (k,), float64
        What scores at least this is accepted.
    miss : ndarray, shape (k,), float64
        Share of the true ones that is not, 0 to 1; never falls.
    false_alarm : ndarray, shape (k,), float64
        Share of the others that is, 0 to 1, or false alarms per hour.
    """

    threshold: F64
    miss: F64
    false_alarm: F64


def det_curve(
    genuine: npt.ArrayLike, impostor: npt.ArrayLike, *, hours: float | None = None
) -> DetCurve:
    """Return miss and false-alarm rates at every threshold that makes a difference.

    Parameters
    ----------
    genuine : array_like, shape (n,), float
        Scores of the true ones, minus infinity for those never found.
    impostor : array_like, shape (m,), float
        Scores of the others.
    hours : float, optional
        Duration in which the others were met: false alarms are then given per hour, and there may
        be none of them.

    Returns
    -------
    DetCurve
        Begins where all is accepted that was found; ends where nothing is.

    Raises
    ------
    ValueError
        If there are no scores, one is NaN, or the duration is not above 0.

    Notes
    -----
    O(k log k) for k scores. Source: Martin, Doddington, Kamm, Ordowski and Przybocki, "The DET
    curve in assessment of detection task performance", Eurospeech 1997.

    Examples
    --------
    >>> curve = det_curve([0.9, 0.6], [0.7, 0.1])
    >>> curve.miss.tolist(), curve.false_alarm.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [1.0, 0.5, 0.5, 0.0, 0.0])
    """
    if hours is not None and not hours > 0:
        msg = f"hours must be above 0, got {hours}"
        raise ValueError(msg)
    true = np.sort(inputs.scores(genuine, "genuine"))
    if hours is not None and np.size(impostor) == 0:
        other = np.empty(0)
    else:
        other = np.sort(inputs.scores(impostor, "impostor"))
    found = np.unique(np.concatenate([true, other]))
    threshold = np.append(found[np.isfinite(found)], np.inf)
    miss = np.searchsorted(true, threshold) / len(true)
    accepted = len(other) - np.searchsorted(other, threshold)
    return DetCurve(threshold, miss, accepted / (len(other) if hours is None else hours))


def equal_error_rate(curve: DetCurve) -> float:
    """Return the rate, 0 to 1, at which misses and false alarms are equally frequent.

    Parameters
    ----------
    curve : DetCurve
        With false alarms as a share.

    Raises
    ------
    ValueError
        If false alarms are given per hour, or the curve does not reach equality.

    Notes
    -----
    O(k). Between two points the curve is taken to be straight.

    Examples
    --------
    >>> equal_error_rate(det_curve([0.9, 0.6], [0.7, 0.1]))
    0.5
    >>> equal_error_rate(det_curve([0.9, 0.8, 0.4], [0.5, 0.3, 0.2, 0.1]))
    0.25
    """
    miss, alarm = curve.miss, curve.false_alarm
    if (alarm > 1).any():
        msg = "the equal error rate needs false alarms as a share from 0 to 1"
        raise ValueError(msg)
    gap = miss - alarm  # rises from point to point
    after = int(np.searchsorted(gap, 0))
    if after == len(gap) or (after == 0 and gap[0] > 0):
        msg = "misses and false alarms are nowhere equally frequent on this curve"
        raise ValueError(msg)
    if gap[after] == 0:
        return float(miss[after])
    part = -gap[after - 1] / (gap[after] - gap[after - 1])
    return float(miss[after - 1] + part * (miss[after] - miss[after - 1]))


def miss_at(curve: DetCurve, false_alarm: float) -> float:
    """Return the least share missed, 0 to 1, with no more false alarms than allowed.

    Parameters
    ----------
    curve : DetCurve
        Any.
    false_alarm : float
        In the unit of the curve: a share, or false alarms per hour.

    Raises
    ------
    ValueError
        If it is negative.

    Examples
    --------
    >>> miss_at(det_curve([0.9, 0.6], [0.7, 0.1]), 0.01)
    0.5
    >>> miss_at(det_curve([0.9, 0.6], [0.7, 0.1], hours=0.5), 2)
    0.0
    """
    if not false_alarm >= 0:
        msg = f"false_alarm must not be negative, got {false_alarm}"
        raise ValueError(msg)
    allowed = curve.false_alarm <= false_alarm
    return float(curve.miss[allowed].min()) if allowed.any() else 1.0
