"""What sets the examples of one word apart from those of the words it may be confused with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.match.align import BAND

if TYPE_CHECKING:
    from collections.abc import Sequence

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

# Chosen on digits and Arabic words of other speakers than the examples', seeds 101 to 112. Costs
# from 0.2 to 0.6 and ridges from 0.03 to 0.3 do as well.
_COST = 0.35  # over which likeness falls to 1/e
_RIDGE = 0.1


def contrast(costs: npt.ArrayLike, among: npt.ArrayLike, word: npt.ArrayLike) -> F64:
    """Tell which of several words an utterance is by what their examples have of their own.

    Where two words are alike, examples of both are near; then it counts which of them are nearer
    than they are to each other.

    Parameters
    ----------
    costs : array_like, shape (n,), float
        Of the utterance to each example.
    among : array_like, shape (n, n), float
        Of the examples to each other; symmetric.
    word : array_like, shape (n,), int
        Number of the word that each is an example of, from 0.

    Returns
    -------
    ndarray, shape (words,), float64
        Sums to 0. Examples of a word have about 1 for it, less what all words have in common.

    Notes
    -----
    Kernel ridge regression from likeness, exp(-cost / 0.35), to the word. O(n³). Warped sounds have
    no common space, so that likenesses may be no inner products: what is none is left out.
    Sources: Saunders, Gammerman and Vovk, "Ridge regression learning algorithm in dual variables",
    ICML 1998; Chen, Garcia, Gupta, Rahimi and Cazzanti, "Similarity-based classification: concepts
    and algorithms", JMLR 2009 (the clipped spectrum).

    Examples
    --------
    >>> among = [[0.0, 0.2, 0.6], [0.2, 0.0, 0.6], [0.6, 0.6, 0.0]]
    >>> contrast([0.3, 0.3, 0.5], among, [0, 0, 1]).round(2).tolist()
    [0.17, -0.17]
    """
    numbers = np.asarray(word)
    words = int(numbers.max()) + 1
    target = np.eye(words)[numbers] - 1 / words
    values, vectors = np.linalg.eigh(np.exp(-np.asarray(among, np.float64) / _COST))
    heard = np.exp(-np.asarray(costs, np.float64) / _COST) @ vectors
    found: F64 = heard / (np.maximum(values, 0) + _RIDGE) @ (vectors.T @ target)
    return found


def costs_among(examples: Sequence[F32]) -> F64:
    """Return what examples, unit frames of shape (m, d) each, cost each other, shape (n, n)."""
    from kwspot.kernels.dtw import warp_whole

    costs = np.zeros((len(examples), len(examples)))
    scratch = np.empty((2, max(map(len, examples)) + 1), np.float32)
    for i, one in enumerate(examples):
        for j, other in enumerate(examples[:i]):
            costs[i, j] = costs[j, i] = warp_whole(one, other, BAND, scratch)
    return costs
