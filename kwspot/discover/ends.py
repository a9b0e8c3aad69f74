"""Where a word begins and ends, once it is known which word it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.contour import RATE
from kwspot.discover.links import lowest_links, raised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.links import Links
    from kwspot.discover.segments import Segments

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_LENIENCE = 0.1  # how far below chance what is added may lie: a decay is hardly alike
_EDGE_WEIGHT = 1.5  # of quiet ends, besides what they weigh already


def widen(links: Links, segments: Sequence[Segments], members: I64) -> F64:
    """Tell how far the words of some sets reach: beyond the members, as far as all clips agree.

    Parameters
    ----------
    links : Links
        What the members are numbered in.
    segments : sequence of Segments
        Of each of the K clips.
    members : ndarray, shape (H, K), int64
        Sets of one segment per clip.

    Returns
    -------
    ndarray, shape (H, K, 2), float64
        Start and end of each place in seconds, with onset and decay.

    Notes
    -----
    Soft sounds at the ends of a word are hardly more alike than by chance, so that the sets which
    agree most lack them. To choose the word, that is well: what is around it must not count. But
    once it is chosen, what is there in all clips belongs to it. O(C^2) for C segments that hold a
    member.
    """
    widened = np.stack([_widened(links, segments, row) for row in members])
    start = np.concatenate([part.start for part in segments])[widened]
    end = np.concatenate([part.end for part in segments])[widened]
    return np.stack([start, end], axis=2) / RATE


def _widened(links: Links, segments: Sequence[Segments], members: I64) -> I64:
    """Climb from one set, shape (K,), among the segments that hold its members."""
    from kwspot.kernels.consensus import ascend

    clips = len(members)
    around = [
        _around(part, int(i - start))
        for part, i, start in zip(segments, members, links.first, strict=False)
    ]
    held = np.concatenate([at + start for at, start in zip(around, links.first, strict=False)])
    seconds = np.concatenate([part.seconds[at] for part, at in zip(segments, around, strict=True)])
    edges = np.concatenate([part.edges[at] for part, at in zip(segments, around, strict=True)])
    first = np.cumsum([0, *(len(at) for at in around)])
    best = np.searchsorted(held, members)[None]
    ascend(
        raised(links.gain[np.ix_(held, held)], seconds, _LENIENCE),
        links.prior[held] + np.float32(_EDGE_WEIGHT) * edges,
        first,
        lowest_links(clips),
        np.empty((clips, clips)),
        np.empty(clips),
        best,
        np.empty(1),
    )
    widened: I64 = held[best[0]]
    return widened


def _around(segments: Segments, i: int) -> npt.NDArray[np.intp]:
    """Return the segments that hold one of them, itself included, ascending."""
    holds = (segments.start <= segments.start[i]) & (segments.end >= segments.end[i])
    return np.flatnonzero(holds)
