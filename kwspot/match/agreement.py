"""What the templates of one keyword say together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.match.align import BAND
from kwspot.match.bank import TemplateBank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.features.word import Voice

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]

# The mean of the best three beats the nearest template, which one bad example can spoil.
BEST = 3

# In a recording cut to one word, where only these count, the nearer the more.
_SHARES = (2, 1, 1)


def whole_costs(templates: Sequence[F32], spoken: Sequence[Voice]) -> F64:
    """Return the cost of an utterance to each template, both taken whole, shape (templates,).

    Parameters
    ----------
    templates : sequence of ndarray, shape (m, d), float32
        Of unit length.
    spoken : sequence of Voice
        The utterance in one voice or several, of which each template takes the one that suits it.

    Examples
    --------
    >>> import numpy as np
    >>> from kwspot.features.word import Voice
    >>> word = np.eye(3, dtype=np.float32)
    >>> whole_costs([word, word], [Voice(word)]).tolist()
    [0.0, 0.0]
    """
    from kwspot.kernels.dtw import warp_whole

    scratch = np.empty((2, len(spoken[0].frames) + 1), np.float32)
    costs = [
        min(warp_whole(template, voice.frames, BAND, scratch) + voice.doubt for voice in spoken)
        for template in templates
    ]
    return np.array(costs)


def nearest_cost(costs: F64, *, best: int = len(_SHARES)) -> float:
    """Return the mean of the least of the costs of several templates.

    Parameters
    ----------
    costs : ndarray, shape (templates,), float64
        Of each template.
    best : int
        How many count, up to 3; the nearer ones more.

    Examples
    --------
    >>> nearest_cost(np.array([0.25, 0.75, 0.25, 0.5]))
    0.3125
    """
    nearest = np.sort(costs)[:best]
    return float(np.average(nearest, weights=_SHARES[: len(nearest)]))


class Agreement:
    """Follow a stream with the templates of one keyword.

    Parameters
    ----------
    templates : sequence of ndarray, shape (m, d), float32
        Features of unit length.
    best : int
        Of how many templates that fit best the mean is taken.

    Notes
    -----
    A frame is judged when the next one is known: templates that end one frame apart still agree.
    """

    def __init__(self, templates: Sequence[F32], *, best: int = BEST) -> None:
        self._bank = TemplateBank(templates)
        self._best = min(best, len(templates))
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


class Contest:
    """Follow a stream with the templates of a keyword, and with those of its rivals.

    Where a rival, which is a word that must not be taken for the keyword, fits nearly as well, the
    cost is raised by what it lacks to the margin.

    Parameters
    ----------
    templates : sequence of ndarray, shape (m, d), float32
        Features of unit length.
    rivals : sequence of ndarray, shape (m, d), float32
        The same of what is confused with it; may be empty. They may be several words, so that the
        one that fits best counts.
    margin : float
        By how much a rival must cost more than the keyword so that it does not matter.
    """

    def __init__(self, templates: Sequence[F32], rivals: Sequence[F32], margin: float) -> None:
        self._own = Agreement(templates)
        self._rivals = Agreement(rivals, best=1) if rivals else None
        self._margin = margin

    def feed(self, frames: F32) -> tuple[F32, I32]:
        """Take the next frames and give what is settled, as `Agreement.feed` does."""
        cost, start = self._own.feed(frames)
        rival = self._rivals.feed(frames)[0] if self._rivals else None
        return contested(cost, rival, self._margin), start

    def finish(self) -> tuple[F32, I32]:
        """Give what is left, as if silence followed."""
        cost, start = self._own.finish()
        rival = self._rivals.finish()[0] if self._rivals else None
        return contested(cost, rival, self._margin), start


def contested(cost: F32, rival: F32 | None, margin: float) -> F32:
    """Raise costs, shape (n,), where a rival, of costs of the same shape, fits nearly as well.

    Examples
    --------
    >>> own, rival = np.full(3, 0.25, np.float32), np.array([0.5, 0.25, 0.125], np.float32)
    >>> contested(own, rival, 0.125).tolist()
    [0.25, 0.375, 0.5]
    """
    if rival is None:
        return cost
    known = np.isfinite(cost)
    lack = np.subtract(cost, rival, out=np.zeros_like(cost), where=known) + np.float32(margin)
    return np.where(known, cost + np.maximum(lack, np.float32(0)), cost)


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
    apart = min(len(template) for template in templates) // 2
    return Judgement(float(at_word.min()), valleys(cost, elsewhere, apart))


def valleys(cost: F32, allowed: npt.NDArray[np.bool_], apart: int) -> list[float]:
    """Return the least costs that are at least so many frames apart, the least first.

    Parameters
    ----------
    cost : ndarray, shape (n,), float32
        Cost at each frame.
    allowed : ndarray, shape (n,), bool
        Where to look.
    apart : int
        In frames; 1 at least.

    Notes
    -----
    O(n log n).

    Examples
    --------
    >>> cost = np.array([0.5, 0.25, 0.5, 0.75], np.float32)
    >>> valleys(cost, np.ones(4, bool), 1)
    [0.25, 0.75]
    """
    left, apart = allowed.copy(), max(1, apart)
    found = []
    for end in np.flatnonzero(left)[np.argsort(cost[left], kind="stable")]:
        if left[end]:
            found.append(float(cost[end]))
            left[max(0, end - apart) : end + apart + 1] = False
    return found
