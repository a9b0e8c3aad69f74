"""Likely terms: segments that many others resemble, each with those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.terms.claims import Claims
from kwspot.discover.terms.warps import similarity

if TYPE_CHECKING:
    from kwspot.discover.terms.corpus import Corpus
    from kwspot.discover.terms.neighbours import Neighbours
    from kwspot.discover.terms.warps import Chance
    from kwspot.workers import Run

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_BLOCK = 1 << 16
_QUIET = 2  # power of how quiet the ends are


def evidence(corpus: Corpus, near: Neighbours, chance: Chance, run: Run) -> F32:
    """Return by how many deviations each neighbour is more alike than by chance, shape (s, k).

    O(s k w d) for segments of w frames.
    """
    step = max(1, _BLOCK // near.which.shape[1])
    blocks = ((corpus, near, chance, at, at + step) for at in range(0, len(near.which), step))
    return np.concatenate(list(run(_links, blocks)))


def _links(corpus: Corpus, near: Neighbours, chance: Chance, first: int, last: int) -> F32:
    """Return the evidence of the neighbours of segments first up to last.

    In the order of the neighbours, whose frames lie all over the corpus, not of the segments.
    """
    which = near.which[first:last]
    links = np.full(which.shape, -np.inf, np.float32)
    row, column = np.nonzero(which >= 0)
    order = np.argsort(which[row, column], kind="stable")
    row, column = row[order], column[order]
    other, own = which[row, column].astype(np.int64), row + first
    seconds = np.sqrt(corpus.seconds[own] * corpus.seconds[other])
    links[row, column] = chance.deviations(similarity(corpus, own, other), seconds)
    return links


def propose(corpus: Corpus, near: Neighbours, links: F32, least: float, most: int) -> list[I64]:
    """Return likely terms, the best first: a segment, then those that resemble it.

    Parameters
    ----------
    corpus : Corpus
        The segments.
    near : Neighbours
        The nearest of each.
    links : ndarray, shape (s, k), float32
        Evidence that each is the same term.
    least : float
        Evidence above which a link counts.
    most : int
        Terms wanted.

    Returns
    -------
    list of ndarray, shape (m,), int64
        Segments of other places than those of the better ones; m varies.

    Notes
    -----
    A segment is worth its length times the sum of its evidence, the more the quieter its ends are.
    The best one and its star are
    taken, all that overlap them are passed over, and so on. O(s log s).
    Source: Aslam, Pelekhov and Rus, "The star clustering algorithm for static and dynamic
    information organization", JGAA 8, 2004 (with weights).
    """
    gain = np.maximum(links - least, 0)
    worth = corpus.seconds * corpus.edges**_QUIET * gain.sum(axis=1)
    taken = Claims.none(corpus, nested=True)
    stars: list[I64] = []
    for i in np.argsort(-worth, kind="stable"):
        if worth[i] <= 0:
            break
        if taken.owner[i] >= 0:
            continue
        star = np.concatenate([[i], near.which[i][gain[i] > 0]]).astype(np.int64)
        stars.append(star)
        if len(stars) == most:
            break
        taken.stake(star, np.full(len(star), np.inf, np.float32), 0)
    return stars
