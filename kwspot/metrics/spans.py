"""Spans found against true spans."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.metrics import inputs

F64 = npt.NDArray[np.float64]


class SpanScores(NamedTuple):
    """How well spans were found; NaN where there is nothing to judge.

    Attributes
    ----------
    precision, recall, f1 : float
        0 to 1; F1 is the harmonic mean of the others.
    """

    precision: float
    recall: float
    f1: float


def iou(reference: npt.ArrayLike, estimated: npt.ArrayLike) -> F64:
    """Return the overlap of each pair of spans: what both cover over what either covers.

    Parameters
    ----------
    reference, estimated : array_like, shapes (n, 2) and (m, 2), float
        Start and end in seconds.

    Returns
    -------
    ndarray, shape (n, m), float64
        0 (apart) to 1 (equal).

    Raises
    ------
    ValueError
        If a shape is another, a time is not finite, or a span is empty.

    Notes
    -----
    O(n m).

    Examples
    --------
    >>> iou([[0, 2]], [[1, 3], [2, 3]]).round(2).tolist()
    [[0.33, 0.0]]
    """
    a, b = inputs.spans(reference, "reference"), inputs.spans(estimated, "estimated")
    latest_start = np.maximum(a[:, None, 0], b[None, :, 0])
    shared = np.maximum(np.minimum(a[:, None, 1], b[None, :, 1]) - latest_start, 0)
    lengths = (a[:, 1] - a[:, 0])[:, None] + (b[:, 1] - b[:, 0])[None, :]
    return np.asarray(shared / (lengths - shared))


def match_spans(
    reference: npt.ArrayLike, estimated: npt.ArrayLike, *, min_iou: float = 0.5
) -> list[tuple[int, int]]:
    """Pair true spans with found ones, each at most once.

    As many pairs are made as can be and, among such choices, those that overlap most in sum.

    Parameters
    ----------
    reference, estimated : array_like, shapes (n, 2) and (m, 2), float
        Start and end in seconds, in one recording.
    min_iou : float
        Least overlap of a pair, see `iou`; above 0, up to 1.

    Returns
    -------
    list of tuple (int, int)
        Index into `reference` and into `estimated`, in order of the first.

    Raises
    ------
    ValueError
        If a span or the least overlap is none.

    Notes
    -----
    O(min(n, m)^2 max(n, m)) at worst. Source: the assignment problem, as solved by
    `scipy.optimize.linear_sum_assignment`.

    Examples
    --------
    >>> match_spans([[0, 1], [2, 3]], [[2.1, 3], [5, 6], [0, 0.9]])
    [(0, 2), (1, 0)]
    """
    if not 0 < min_iou <= 1:
        msg = f"min_iou must lie above 0 and up to 1, got {min_iou}"
        raise ValueError(msg)
    overlap = iou(reference, estimated)
    able = overlap >= min_iou - 1e-9  # 0.5 as a ratio of decimal times may fall just short
    if not able.any():
        return []
    from scipy.optimize import linear_sum_assignment

    # one pair more is worth more than any gain in overlap
    worth = np.where(able, overlap + min(overlap.shape) + 1, 0)
    pairs = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    return [(int(i), int(j)) for i, j in pairs if able[i, j]]


def span_scores(matched: int, reference: int, estimated: int) -> SpanScores:
    """Return precision, recall and F1 from counts, which may be summed over recordings.

    Parameters
    ----------
    matched, reference, estimated : int
        How many pairs, true spans and found spans there are.

    Raises
    ------
    ValueError
        If a count is negative, or more are matched than there are.

    Examples
    --------
    >>> span_scores(3, reference=4, estimated=6)
    SpanScores(precision=0.5, recall=0.75, f1=0.6)
    """
    if not 0 <= matched <= min(reference, estimated):
        msg = f"expected 0 <= matched <= {min(reference, estimated)}, got {matched}"
        raise ValueError(msg)

    def ratio(part: float, whole: float) -> float:
        return part / whole if whole else float("nan")

    return SpanScores(
        ratio(matched, estimated),
        ratio(matched, reference),
        ratio(2 * matched, reference + estimated),
    )
