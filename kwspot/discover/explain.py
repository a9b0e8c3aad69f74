"""What speaks for a word that the default method found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.links import lowest_links
from kwspot.discover.standing import standing
from kwspot.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.links import Links

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


def explain(
    clips: Sequence[Clip], members: I64, margins: F64, worth: F64, links: Links, row: int = 0
) -> Evidence:
    """Tell what speaks for one of some sets.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    members : ndarray, shape (H, K), int64
        Sets of one segment per clip.
    margins : ndarray, shape (H, K, K), float64
        How far each member beats its rivals in the eyes of each other.
    worth : ndarray, shape (H, 1 + K), float64
        What each is worth with all members and without each of them.
    links : Links
        What the members are numbered in.
    row : int
        Which of the sets.

    Returns
    -------
    Evidence

    Notes
    -----
    O(H K^3 log K).
    """
    order = [row, *(other for other in range(len(members)) if other != row)]
    members, margins, worth = members[order], margins[order], worth[order]
    agreement = links.gain[np.ix_(members[0], members[0])].astype(np.float64)
    np.fill_diagonal(agreement, 0)
    some = np.arange(len(clips))
    leads = (
        [_lead(members, margins, worth[:, [1 + k]], links, some[some != k]) for k in some]
        if len(clips) > 2
        else []
    )
    whole = _lead(members, margins, worth, links, some)
    return Evidence(
        clips=tuple(clip.name for clip in clips),
        candidates=tuple(np.diff(links.first).tolist()),
        agreement=tuple(tuple(row) for row in agreement.round(4).tolist()),
        margin=whole,
        left_out=tuple(lead for lead in leads if lead is not None),
    )


def score(members: I64, links: Links) -> F64:
    """Return the scores, shape (H,), of sets of one segment per clip, shape (H, K).

    The mean over the members of the prior and the lowest links, as the search has it.
    """
    gain = links.gain[members[:, :, None], members[:, None, :]].astype(np.float64)
    clips = members.shape[1]
    gain[:, range(clips), range(clips)] = np.inf
    lowest = np.sort(gain, axis=2)[:, :, : lowest_links(clips)]
    total: F64 = (lowest.mean(axis=2) + links.prior[members]).mean(axis=1)
    return total


def _lead(
    members: I64, margins: F64, worth: F64, links: Links, clips: npt.NDArray[np.intp]
) -> float | None:
    """Return by how much the first set outscores all others in some of the clips."""
    if len(members) < 2:
        return None
    k = np.arange(len(clips))
    beats = margins[:, clips[:, None], clips]
    beats[:, k, k] = 0
    beats[:, k, k] = beats.sum(axis=1) / (len(clips) - 1)
    total = standing(score(members[:, clips], links), beats, worth)
    return round(float(total[0] - total[1:].max()), 4)
