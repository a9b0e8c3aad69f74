"""Find the window contents that repeat more often than chance, and the places where they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.extract.extent import extent
from kwspot.discover.extract.pattern import Instance, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kwspot.discover.extract.cells import Cells
    from kwspot.discover.extract.shapes import Shape

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

Chooser = Callable[[I64], I64]  # from the score of each start to the places to try, best first


@dataclass(frozen=True, eq=False)
class Found:
    """The best set of places so far, and its log-odds score."""

    places: I64
    score: float


def peaks_apart(apart: int) -> Chooser:
    """Return a chooser of the peaks at least `apart` samples from one another."""
    from kwspot.kernels.extract import find_peaks

    def choose(score: I64) -> I64:
        peaks = np.empty(len(score) // apart + 1, np.int64)
        peaks = peaks[: find_peaks(score, apart, peaks)]
        return peaks[np.argsort(-score[peaks], kind="stable")]

    return choose


def best_places(
    cells: Cells, hoods: Iterable[I64], width: int, choose: Chooser, *, exactly: int | None = None
) -> Found:
    """Try every seed window, and every number of its likest places.

    Parameters
    ----------
    cells : Cells
        Features of N samples.
    hoods : iterable of ndarray, int64
        Starts of the seed windows, in neighbourhoods that share their work.
    width : int
        Samples in a window.
    choose : callable
        Picks the places to try from the score of each start, shape (N - width + 1,).
    exactly : int, optional
        Take this many places, not the number that scores best.

    Returns
    -------
    Found
        At least two places and a score above 0, or none and 0; with `exactly`, so many places.

    Notes
    -----
    O(A U) for A cells that are on and neighbourhoods of U samples, and O(K R width) per seed for
    its K places.
    """
    from kwspot.kernels.extract import grow

    rows = len(cells.background)
    chance = float(cells.background.mean())
    blurred, count = np.empty((2, width * rows), np.int32)
    chosen, weight = np.empty(width * rows, np.int64), np.empty(width * rows)
    best = Found(np.empty(0, np.int64), 0.0 if exactly is None else -np.inf)
    for hood in hoods:
        for score in window_scores(cells, hood, width):
            places = choose(score)
            odds = np.empty(len(places))
            grow(
                cells.packed,
                places,
                width,
                cells.background,
                chance,
                blurred,
                count,
                chosen,
                weight,
                odds,
            )
            k = int(odds.argmax()) if exactly is None else exactly - 1
            # more than rounding: of equal sets the one that was found first
            if odds[k] - 1e-9 * abs(odds[k]) > best.score:
                best = Found(places[: k + 1], float(odds[k]))
    return best


def window_scores(cells: Cells, starts: I64, width: int) -> I64:
    """Count the cells that each window shares with every place, shape (S, N - width + 1)."""
    from kwspot.kernels.extract import match_windows

    n = len(cells.packed)
    score = np.empty((len(starts), n - width + 1), np.int64)
    if len(starts):
        block = cells.block(int(starts[0]), int(starts[-1]) + width)
        work = np.empty((3, block.shape[1] + 1), np.int64)
        saved = np.empty((width, len(starts)), np.int64)
        match_windows(block, starts - starts[0], width, cells.begin, cells.rows, work, saved, score)
    return score


def pattern_of(
    cells: Cells,
    found: Found,
    shapes: Sequence[Shape],
    *,
    width: int,
    min_length: int,
    max_length: int,
) -> Pattern:
    """Learn the filter of the places that were found and cut each instance to its own length."""
    k = len(found.places)
    if k == 0:
        return Pattern((), 0.0, np.zeros((len(shapes), width)), tuple(shapes), (0, width))
    phi = filter_of(cells, found.places, width)
    by_chance = len(shapes) * float(cells.background.mean()) ** (k - 1)
    instances = []
    for at in sorted(found.places.tolist()):
        met = (phi * (cells.packed[at : at + width].T & 1)).sum(axis=0)
        start, stop = extent(met - by_chance, min_length, max_length)
        instances.append(Instance(at + start, at + stop, share_met(cells, at, phi)))
    usual = extent(phi.sum(axis=0) - by_chance, min_length, max_length)
    return Pattern(tuple(instances), found.score, phi, tuple(shapes), usual)


def filter_of(cells: Cells, places: I64, width: int) -> F64:
    """Return the log-odds of each cell of the window over all places, shape (R, width)."""
    from kwspot.kernels.extract import learn_filter

    phi = np.empty((len(cells.background), width))
    learn_filter(cells.packed, places, cells.background, phi)
    return phi


def share_met(cells: Cells, at: int, phi: F64) -> float:
    """Return the share of the filter's weight on cells that are on at a place."""
    on = cells.packed[at : at + phi.shape[1]].T & 1
    total = float(phi.sum())
    return float((phi * on).sum()) / total if total > 0 else 0.0
