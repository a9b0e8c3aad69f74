"""What sets are worth when all that the clips say is sorted into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.kinship import kinship
from kwspot.discover.places import places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.links import Links
    from kwspot.discover.places import Places
    from kwspot.discover.segments import Segments

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_SWEEPS = 100
_TIED = 1e3  # log-odds that hold the members of a set together
_CLEAREST = 1.3  # worth of a grouping, per place, above which all is as clear as can be


def grouped(links: Links, segments: Sequence[Segments], members: I64) -> tuple[F64, float]:
    """Tell what sets are worth with all clips and without each, and how clear that is.

    Parameters
    ----------
    links : Links
        Of all segments.
    segments : sequence of Segments
        Of each of the K clips.
    members : ndarray, shape (H, K), int64
        Sets of one segment per clip.

    Returns
    -------
    ndarray, shape (H, 1 + K), float64
        Log-odds of the best grouping of all places into words in which the members of a set are one
        word, against the best grouping of all, per pair of clips; first with all members, then with
        all but the one of each clip, whose place goes to any word.
    float
        What the best grouping of all is worth per place, 0 to 1.3: sounds of one voice group
        clearly, those of different voices hardly.

    Notes
    -----
    A sound that is like the word, but more like another word that the clips say, costs that word a
    member: so a word of only some clips, with something alike in another, gives itself away. Other
    places may join the members, for a clip may say the word again.
    O(H K n^2) a sweep for n places, a few sweeps.
    Source: N. Bansal, A. Blum and S. Chawla, "Correlation clustering", Machine Learning 56, 2004
    (the objective: log-odds of all pairs in a group; here by local search).
    """
    from kwspot.kernels.places import settle

    found = places(links, segments)
    odds = kinship(links, segments, found)
    n, clips = len(odds), members.shape[1]
    group = np.arange(n)
    work = np.empty((n + 1, n + 1)), np.empty(n + 1), np.empty(n + 1, np.int64)
    free = settle(odds, _SWEEPS, *work, group)
    worth = np.empty((len(members), 1 + clips))
    for row, chosen in enumerate(_nearest(found, segments, members, links.first)):
        for left_out in range(1 + clips):
            own = np.delete(chosen, left_out - 1) if left_out else chosen
            tied, trial = odds.copy(), group.copy()
            tied[np.ix_(own, own)] += _TIED
            trial[own] = n
            bonus = _TIED * len(own) * (len(own) - 1) / 2
            worth[row, left_out] = settle(tied, _SWEEPS, *work, trial) - bonus - free
    return worth / (clips * (clips - 1) / 2), min(max(free / n, 0.0), _CLEAREST)


def _nearest(found: Places, segments: Sequence[Segments], members: I64, first: I64) -> I64:
    """Return the place that overlaps each member most, shape (H, K)."""
    nearest = np.empty(members.shape, np.int64)
    for k, part in enumerate(segments):
        own = np.flatnonzero(found.clip == k)
        at, mine = members[:, k, None] - first[k], found.segment[own] - first[k]
        shared = np.minimum(part.end[at], part.end[mine]) - np.maximum(
            part.start[at], part.start[mine]
        )
        union = np.maximum(part.end[at], part.end[mine]) - np.minimum(
            part.start[at], part.start[mine]
        )
        nearest[:, k] = own[(shared / union).argmax(axis=1)]
    return nearest
