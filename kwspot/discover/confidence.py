"""What a score is worth: probabilities that a word, and each of its places, is right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.methods import Place, Word
from kwspot.discover.standing import views

if TYPE_CHECKING:
    from kwspot.discover.links import Links

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


# Logistic regressions on 1440 tasks of 11 kinds, seeds 101 to 104: digits, Arabic words, sentences,
# one voice or several, with and without pauses; the 600 in which one clip lacks the word weigh 0.3.
_WORD = (0.13, 0.17, 0.43, -0.8)  # of total, lead and margin; constant
_PLACE = (0.24, 0.47, -0.53)  # of the word's lead and the place's own margin; constant
# The same on the 1167 of 1430 tasks of eleven kinds in which the word was found, seeds 101 to 104:
# digits, also at 10 dB, Arabic words, sentences; in 470 of all one clip lacks the word.
_PRESENT = (0.84, -0.6, 0.64, -1.97, 5.91)  # of a place's evidence, see `_presence`; constant
_ABSENT = 0.5  # probability of holding the word below which a clip is said to lack it
_ALONE = 3.0  # lead of a word without any rival


def judge(
    members: I64, total: F64, margins: F64, worth: F64, links: Links, spans: F64
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
    worth : ndarray, shape (H, 1 + K), float64
        What they are worth with all members and without each, times the clarity, see `grouped`.
    links : Links
        What the members are numbered in.
    spans : ndarray, shape (H, K, 2), float64
        Start and end of each place in seconds.

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
            _place(start, end, (lead, own), present)
            for (start, end), own, present in zip(
                spans[row].tolist(),
                margins[row].diagonal().tolist(),
                _presence(
                    links.gain[np.ix_(chosen, chosen)].astype(np.float64), margins[row], worth[row]
                ),
                strict=True,
            )
        )
        words.append(Word(places, _logistic((*evidence, 1.0), _WORD)))
    return words


def _place(start: float, end: float, evidence: tuple[float, float], present: float) -> Place:
    score = present * _logistic((*evidence, 1.0), _PLACE)
    return Place(start, end, score, present >= _ABSENT)


def _presence(gain: F64, margins: F64, worth: F64) -> list[float]:
    """Return how probable it is that each clip holds the word that the others share.

    The evidence is the place's mean gain, that of the others among themselves, how far it sees the
    others stand out, less how far these see each other: where all clips say the word again and
    again, it stands out for nobody; and what being another word would be worth to it, per link.
    With two clips there is nothing to tell them apart.
    """
    clips = len(gain)
    if clips == 2:
        return [1.0, 1.0]
    seen = views(margins) - _among_others(margins)
    elsewhere = (worth[1:] - worth[0]) * clips / 2
    evidence = np.stack([views(gain), _among_others(gain), seen, elsewhere], axis=1)
    return [_logistic((*each, 1.0), _PRESENT) for each in evidence.tolist()]


def _among_others(square: F64) -> F64:
    """Return the mean of what remains without each row and its column, shape (K,).

    The diagonal does not count.

    Examples
    --------
    >>> _among_others(np.array([[9.0, 1.0, 2.0], [3.0, 9.0, 4.0], [5.0, 6.0, 9.0]])).tolist()
    [5.0, 3.5, 2.0]
    """
    n = len(square)
    square = square - np.diag(square.diagonal())
    rest: F64 = square.sum() - square.sum(axis=1) - square.sum(axis=0)
    return rest / ((n - 1) * (n - 2))


def _logistic(values: tuple[float, ...], weights: tuple[float, ...]) -> float:
    """Return the probability that a logistic model gives to values."""
    x = sum(value * weight for value, weight in zip(values, weights, strict=True))
    return 1 / (1 + math.exp(-min(max(x, -30.0), 30.0)))
