"""How sets of one segment per clip stand against each other, though a clip may lack the word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.links import lowest_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.links import Links
    from kwspot.discover.segments import Segments

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_MARGIN = 0.5  # weight of how far a set's places stand out from all others in their clips
_MARGIN_CLIP = 4.0
_DOUBT = 0.5  # weight of the second of those who see the others stand out least
_LACK = 1.8  # what a set loses if it stands only without one of its clips
_ENOUGH = 4  # clips from which on one may lack the word


def standing(links: Links, members: I64, margins: F64, scores: F64) -> F64:
    """Return what sets are worth against each other, shape (H,).

    Parameters
    ----------
    links : Links
        What the members are numbered in.
    members : ndarray, shape (H, K), int64
        Sets of one segment per clip.
    margins : ndarray, shape (H, K, K), float64
        Of each, see `margin`.
    scores : ndarray, shape (H,), float64
        Of each, by its lowest links.

    Notes
    -----
    A set may do without one member, if the others are worth more by themselves. What mixes two
    words gives itself away: those of one do not see the others stand out. O(H K^3 log K).
    """
    complete = scores + _MARGIN * margins.mean(axis=(1, 2))
    if members.shape[1] >= _ENOUGH:
        lacking = [_without_one(links, *each) for each in zip(members, margins, strict=True)]
        complete = np.maximum(complete, np.array(lacking) - _LACK)
    total: F64 = complete + _DOUBT * np.sort(views(margins), axis=1)[:, 1]
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


def _without_one(links: Links, members: I64, margins: F64) -> float:
    """Return what the best of the sets without one member is worth."""
    clips = len(members)
    gain = links.gain[np.ix_(members, members)].astype(np.float64)
    np.fill_diagonal(gain, np.inf)
    return max(
        _worth(gain[np.ix_(rest, rest)], links.prior[members[rest]], margins[np.ix_(rest, rest)])
        for rest in (np.delete(np.arange(clips), k) for k in range(clips))
    )


def _worth(gain: F64, prior: npt.NDArray[np.float32], margins: F64) -> float:
    """Return what members are worth by their lowest links, one fewer than with all clips."""
    low = lowest_links(len(gain) + 1) - 1
    links = np.sort(gain, axis=1)[:, :low].mean() + prior.mean()
    return float(links + _MARGIN * views(margins).mean())
