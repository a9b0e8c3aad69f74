"""How sets of one segment per clip stand against each other, though a clip may lack the word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.links import Links
    from kwspot.discover.segments import Segments

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_MARGIN_CLIP = 4.0
_MARGIN = 1.5  # weight of the second of those who see the others stand out least
_GROUPED = 7.0  # weight of what a set is worth when all that the clips say is sorted into words
_COMPLETE = 2.0  # weight of what it is worth with all members
_ENOUGH = 4  # clips from which on one may lack the word


def standing(scores: F64, margins: F64, worth: F64) -> F64:
    """Return what sets are worth against each other, shape (H,).

    Parameters
    ----------
    scores : ndarray, shape (H,), float64
        Of each, by its lowest links.
    margins : ndarray, shape (H, K, K), float64
        Of each, see `margin`.
    worth : ndarray, shape (H, 1 + K), float64
        Of each, with all members and without each of them, times its clarity, see `grouped`.

    Notes
    -----
    A set may do without one member, if it is worth more without. What mixes two words gives itself
    away: those of one do not see the others stand out. O(H K^2).
    """
    complete = worth[:, 0]
    most = worth.max(axis=1) if margins.shape[1] >= _ENOUGH else complete
    seen = np.sort(views(margins), axis=1)[:, 1]
    total: F64 = scores + _MARGIN * seen + _GROUPED * most + _COMPLETE * complete
    return total


def margin(links: Links, segments: Sequence[Segments], members: I64) -> F64:
    """Return how far each member beats the best rival place of its clip, as each other sees it.

    Entry (a, k), shape (K, K), compares member k with all segments of clip k elsewhere, by their
    gain with member a plus prior; the diagonal is the mean of its column.
    """
    clips = len(members)
    value = np.maximum(links.gain[members], -_MARGIN_CLIP - 2) + links.prior
    own = value[:, members]
    for k, part in enumerate(segments):
        i = members[k] - links.first[k]
        overlap = np.minimum(part.end, part.end[i]) - np.maximum(part.start, part.start[i])
        shorter = np.minimum(part.end - part.start, part.end[i] - part.start[i])
        value[:, links.first[k] : links.first[k + 1]][:, overlap > 0.3 * shorter] = -np.inf
    rival = np.maximum.reduceat(value, links.first[:-1], axis=1)
    beats: F64 = np.clip(own - rival, -_MARGIN_CLIP, _MARGIN_CLIP).astype(np.float64)
    np.fill_diagonal(beats, 0)
    np.fill_diagonal(beats, beats.sum(axis=0) / (clips - 1))
    return beats


def views(margins: F64) -> F64:
    """Return how far, on average, each member sees the others stand out, shape (..., K).

    Examples
    --------
    >>> views(np.array([[9.0, 1.0, 2.0], [3.0, 9.0, 4.0], [5.0, 6.0, 9.0]])).tolist()
    [1.5, 3.5, 5.5]
    """
    own = np.diagonal(margins, axis1=-2, axis2=-1)
    seen: F64 = (margins.sum(axis=-1) - own) / (margins.shape[-1] - 1)
    return seen
