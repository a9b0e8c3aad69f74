"""What a score is worth: probabilities that a word, and each of its places, is right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.contour import RATE
from kwspot.discover.methods import Place, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.links import Links
    from kwspot.discover.segments import Segments

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


# Logistic regressions on 360 tasks of 14 kinds: digits, Arabic words and sentences, seeds 101, 102.
_WORD = (-0.7, 2.0, 1.73, -0.69)  # of total, lead and margin; constant
_PLACE = (-0.96, 2.1, 1.43, 0.26, 0.46, -0.24)  # as before, then the place's own gain and margin
_PRESENT = (2.8, -1.4, 2.0)  # of the place's gain and of the others' among themselves; constant
_ABSENT = 0.2  # a clip is only said to lack the word if this is all the probability that is left
_ALONE = 3.0  # lead of a word without any rival


def judge(
    members: I64, total: F64, margins: F64, links: Links, segments: Sequence[Segments]
) -> list[Word]:
    """Turn sets into words with probabilities.

    Parameters
    ----------
    members : ndarray, shape (H, K), int64
        Sets of one segment per clip, the best first.
    total : ndarray, shape (H,), float64
        Their scores.
    margins : ndarray, shape (H, K, K), float64
        How far each member beats its rivals in the eyes of each other; the means on the diagonal.
    links : Links
        What the members are numbered in.
    segments : sequence of Segments
        Of each of the K clips.

    Returns
    -------
    list of Word
        In the same order. A word's confidence rises with its lead over the best other word.
    """
    words = []
    for row, chosen in enumerate(members):
        rivals = np.delete(total, row)
        lead = float(total[row] - rivals.max()) if len(rivals) else _ALONE
        evidence = (float(total[row]), lead, float(margins[row].mean()))
        places = tuple(
            _place(part, int(i - first), evidence, own, present)
            for part, i, first, own, present in zip(
                segments,
                chosen,
                links.first[:-1],
                _own_evidence(links.gain[np.ix_(chosen, chosen)], margins[row]),
                _presence(links.gain[np.ix_(chosen, chosen)].astype(np.float64)),
                strict=True,
            )
        )
        words.append(Word(places, _logistic((*evidence, 1.0), _WORD)))
    return words


def _place(
    segments: Segments,
    i: int,
    evidence: tuple[float, ...],
    own: tuple[float, float],
    present: float,
) -> Place:
    score = present * _logistic((*evidence, *own, 1.0), _PLACE)
    start, end = float(segments.start[i] / RATE), float(segments.end[i] / RATE)
    return Place(start, end, score, present >= _ABSENT)


def _own_evidence(gain: F32, margins: F64) -> list[tuple[float, float]]:
    """Return each member's mean gain with the others, and its mean margin."""
    clips = len(gain)
    mean = (gain.sum(axis=1) - gain.diagonal()) / (clips - 1)
    return list(zip(mean.tolist(), margins.diagonal().tolist(), strict=True))


def _presence(gain: F64) -> list[float]:
    """Return how probable it is that each clip holds the word that the others share.

    With two clips there is nothing to tell them apart by.
    """
    clips = len(gain)
    if clips == 2:
        return [1.0, 1.0]
    gain = gain - np.diag(gain.diagonal())
    own = gain.sum(axis=1)
    among_others = (gain.sum() - 2 * own) / ((clips - 1) * (clips - 2))
    own /= clips - 1
    return [
        _logistic((mine, theirs, 1.0), _PRESENT)
        for mine, theirs in zip(own.tolist(), among_others.tolist(), strict=True)
    ]


def _logistic(values: tuple[float, ...], weights: tuple[float, ...]) -> float:
    """Return the probability that a logistic model gives to values."""
    x = sum(value * weight for value, weight in zip(values, weights, strict=True))
    return 1 / (1 + math.exp(-min(max(x, -30.0), 30.0)))
