"""The default method: one segment in each clip, such that all agree."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.confidence import judge
from kwspot.discover.ends import widen
from kwspot.discover.explain import explain
from kwspot.discover.grouping import grouped
from kwspot.discover.links import link, lowest_links
from kwspot.discover.segments import Segments
from kwspot.discover.shortlist import shortlist
from kwspot.discover.standing import margin, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.links import Links
    from kwspot.discover.methods import Bounds, Word

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_SEEDS = 150  # sets to start from
_RIVALS = 10  # different words that are carried to the end
_SAME = 0.5  # overlap, of the shorter, at which two places are one


def consensus(
    clips: Sequence[Clip], bounds: Bounds, progress: Callable[[float], None]
) -> list[Word]:
    """Find the words that clips share, one place in each.

    Parameters
    ----------
    clips : sequence of Clip
        K clips, two or more, no copies.
    bounds : Bounds
        Length of a word in seconds.
    progress : callable
        Called with the share that is done, 0 to 1.

    Returns
    -------
    list of Word
        At most ten, the surest first.

    Notes
    -----
    Segments between boundaries (edges of speech, dips of loudness, spectral changes) are warped
    onto each other; a set of one segment per clip scores by its *lowest* links, which is what a
    word of only some clips fails at; sets grow by exchanging one member at a time; different words
    are compared by that score, by how far each place stands out from its rivals in the same clip,
    and by how well they fit into a grouping of all places into words, where one clip may lack the
    word, see `grouped`; at last places get their ends, see `widen`. O(N^2) time
    and memory for N segments, of which only those around the most promising places are taken when
    clips are long, see `shortlist`.
    """
    segments = [Segments.between_boundaries(clip.contour, bounds) for clip in clips]
    segments = shortlist(clips, segments, lambda done: progress(0.3 * done))
    links = link(clips, segments, lambda done: progress(0.3 + 0.6 * done))
    members, scores = search(links)
    kept = distinct(members, segments)
    members, scores = members[kept], scores[kept]
    margins = np.array([margin(links, segments, row) for row in members])
    worth, clarity = grouped(links, segments, members)
    worth *= clarity
    total = standing(scores, margins, worth)
    order = np.argsort(-total, kind="stable")
    members, margins, worth = members[order], margins[order], worth[order]
    spans = widen(links, segments, members)
    return [
        replace(word, explain=partial(explain, clips, members, margins, worth, links, row))
        for row, word in enumerate(judge(members, total[order], margins, worth, links, spans))
    ]


def search(links: Links) -> tuple[I64, F64]:
    """Return sets of one segment per clip, shape (S, K), the best first, and their scores (S,)."""
    from kwspot.kernels.consensus import ascend

    clips = len(links.first) - 1
    low = lowest_links(clips)
    members = _start(links, low)
    scores = np.empty(len(members))
    links_work, sums = np.empty((clips, clips)), np.empty(clips)
    ascend(links.gain, links.prior, links.first, low, links_work, sums, members, scores)
    order = np.argsort(-scores, kind="stable")
    return members[order], scores[order]


def _start(links: Links, low: int) -> I64:
    """Return the sets of the most promising segments with their best partners, shape (S, K)."""
    first = links.first
    partners = np.maximum.reduceat(links.gain, first[:-1], axis=1)
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    partners[np.arange(len(owner)), owner] = np.inf
    promise = np.sort(partners, axis=1)[:, :low].mean(axis=1) + links.prior
    seeds = np.argsort(-promise, kind="stable")[:_SEEDS]
    value = links.gain[seeds] + links.prior
    members = np.stack(
        [a + value[:, a:b].argmax(axis=1) for a, b in pairwise(first)],
        axis=1,
    )
    members[np.arange(len(seeds)), owner[seeds]] = seeds
    return np.ascontiguousarray(members, np.int64)


def distinct(members: I64, segments: Sequence[Segments]) -> list[int]:
    """Return the rows of `members`, best first, that are different words: at most ten.

    Two sets are one word if their places overlap in more than half of the clips.
    """
    start = np.concatenate([part.start for part in segments])[members]
    end = np.concatenate([part.end for part in segments])[members]
    kept: list[int] = []
    for row in range(len(members)):
        overlap = np.minimum(end[row], end[kept]) - np.maximum(start[row], start[kept])
        shorter = np.minimum(end[row] - start[row], end[kept] - start[kept])
        if not ((overlap > _SAME * shorter).mean(axis=1) > 0.5).any():
            kept.append(row)
        if len(kept) == _RIVALS:
            break
    return kept
