"""What the templates of one keyword say together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.match.align import warp
from kwspot.match.bank import TemplateBank

if TYPE_CHECKING:
    from collections.abc import Sequence

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]

# The mean of the best three beats the nearest template, which one bad example can spoil.
_BEST = 3


def whole_cost(templates: Sequence[F32], utterance: F32) -> float:
    """Return the mean cost of an utterance to the templates nearest to it, each taken whole.

    Examples
    --------
    >>> import numpy as np
    >>> whole_cost([np.eye(3, dtype=np.float32)], np.eye(3, dtype=np.float32))
    0.0
    """
    costs = np.sort([warp(template, utterance) for template in templates])
    return float(costs[:_BEST].mean())


class Agreement:
    """Follow a stream with the templates of one keyword.

    Parameters
    ----------
    templates : sequence of ndarray, shape (m, d), float32
        Features of unit length.

    Notes
    -----
    A frame is judged when the next one is known: templates that end one frame apart still agree.
    """

    def __init__(self, templates: Sequence[F32]) -> None:
        self._bank = TemplateBank(templates)
        self._best = min(_BEST, len(templates))
        self._cost = np.full((1, len(templates)), np.inf, np.float32)
        self._start = np.zeros((1, len(templates)), np.int32)

    def feed(self, frames: F32) -> tuple[F32, I32]:
        """Take the next frames, shape (n, d), of unit length; give what is settled.

        Returns
        -------
        cost : ndarray, shape (k,), float32
            Mean cost of the best templates at the frames from the last settled one on; k is n,
            but one less in the first call.
        start : ndarray, shape (k,), int32
            First frame of the fit.
        """
        return self._settle(*self._bank.feed(frames))

    def finish(self) -> tuple[F32, I32]:
        """Give what is left, as if silence followed."""
        templates = self._cost.shape[1]
        return self._settle(
            np.full((1, templates), np.inf, np.float32), np.zeros((1, templates), np.int32)
        )

    def _settle(self, cost: F32, start: I32) -> tuple[F32, I32]:
        from kwspot.kernels.dtw import agree

        self._cost = np.concatenate([self._cost, cost])
        self._start = np.concatenate([self._start, start])
        settled = max(0, len(self._cost) - 2)
        evidence, begin = np.empty(settled, np.float32), np.empty(settled, np.int32)
        agree(self._cost, self._start, self._best, evidence, begin)
        self._cost, self._start = self._cost[settled:], self._start[settled:]
        return evidence, begin


def stream_cost(templates: Sequence[F32], frames: F32) -> tuple[F32, I32]:
    """Return cost and start, both of shape (n,), of the templates at each of n frames."""
    agreement = Agreement(templates)
    parts = agreement.feed(frames), agreement.finish()
    cost, start = (np.concatenate(part) for part in zip(*parts, strict=True))
    return cost, start


def leave_one_out(templates: Sequence[F32], origins: Sequence[str]) -> list[tuple[list[F32], F32]]:
    """Pair each template with those of other recordings, else with the others, else with itself.

    Templates cut from one recording are more alike than one from the next will be.

    Examples
    --------
    >>> pairs = leave_one_out([np.zeros(1), np.ones(1), np.ones(1)], ["a", "b", "b"])
    >>> [(len(others), one.tolist()) for others, one in pairs]
    [(2, [0.0]), (1, [1.0]), (1, [1.0])]
    """
    whole = list(templates)
    pairs = []
    for i, (one, origin) in enumerate(zip(whole, origins, strict=True)):
        elsewhere = [other for other, its in zip(whole, origins, strict=True) if its != origin]
        pairs.append((elsewhere or whole[:i] + whole[i + 1 :] or whole, one))
    return pairs


class Judgement(NamedTuple):
    """How templates fit a recording: their least cost at the word, and the valleys elsewhere."""

    genuine: float
    background: list[float]


def judge(
    templates: Sequence[F32], frames: F32, word: slice, words: Sequence[slice] = ()
) -> Judgement:
    """Measure how templates fit a recording in which the place of the word is known.

    Parameters
    ----------
    templates : sequence of ndarray, shape (m, d), float32
        Of unit length.
    frames : ndarray, shape (n, d), float32
        The recording, of unit length.
    word : slice
        Frames of the word.
    words : sequence of slice
        Of all its occurrences, if it has more: none of them is background.

    Notes
    -----
    O(sum of m n d). Valleys of the background are at least half a template apart.
    """
    cost, start = stream_cost(templates, frames)
    ends = np.arange(len(cost))
    middle = (word.start + word.stop) // 2
    at_word = cost[middle : word.stop + 2]
    elsewhere = np.isfinite(cost)
    for one in (word, *words):
        elsewhere &= (ends < one.start) | (start >= one.stop)
    apart = max(1, min(len(template) for template in templates) // 2)
    background = []
    for end in ends[elsewhere][np.argsort(cost[elsewhere], kind="stable")]:
        if elsewhere[end]:
            background.append(float(cost[end]))
            elsewhere[max(0, end - apart) : end + apart + 1] = False
    return Judgement(float(at_word.min()), background)
