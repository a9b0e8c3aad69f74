"""What keywords about cost at every frame of many pieces of recordings, fast and nearly exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.features.normalise import MEMORY_SECONDS, PRIOR_SECONDS

if TYPE_CHECKING:
    from kwspot.features import FrontEnd
    from kwspot.keyword import Keyword

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int8]

# By how much a place may be cheaper than is estimated, where it costs about the share that is paid
# back. Measured in half an hour of speech, 11 keywords: 0.016 at most among the best 100 frames of
# each, but 0.031 among the best 1000, further from the share. So it is no proven bound.
MARGIN = 0.03
_BEST = 3  # templates that count, as in `kwspot.match.agreement`
_WORD = 4  # features that are multiplied at a time
_ROOM = 32000  # what is paid back along the longest path fits 16 bits


@dataclass(frozen=True, eq=False)
class Heard:
    """Pieces of recordings as a spotter hears them, before a keyword says what to expect.

    Attributes
    ----------
    frames : ndarray, shape (n, d), float32
        All pieces, one after the other.
    sums : ndarray, shape (n, d + 2), float32
        What the running normaliser remembers at each frame.
    piece : ndarray, shape (p + 1,), int64
        Where the pieces begin, and the end of the last.
    front_end : FrontEnd
        What made the frames.
    """

    frames: F32
    sums: F32
    piece: I64
    front_end: FrontEnd

    @classmethod
    def of(cls, frames: F32, piece: I64, states: F64, front_end: FrontEnd) -> Heard:
        """Listen to pieces that begin in these states, shape (p, d + 3). O(n d)."""
        from kwspot.kernels.sieve import running_sums

        sums = np.empty((len(frames), frames.shape[1] + 2), np.float32)
        memory = MEMORY_SECONDS / front_end.period
        loudness = front_end.loudness(frames)
        running_sums(frames, loudness, piece, states.copy(), memory, sums)
        return cls(frames, sums, piece, front_end)


class Sieve:
    """The templates of a keyword in bytes, and what they cost at each frame of some pieces.

    Parameters
    ----------
    keyword : Keyword
        What to look for. Its rivals are left out: they only raise costs.
    share : float
        The cost around which estimates are to be best.

    Notes
    -----
    Costs are those of `kwspot.match.agreement`, except that they are rounded, and that the length
    of a path is known only about: the further a cost is from `share`, the more is lost.
    """

    def __init__(self, keyword: Keyword, share: float) -> None:
        from kwspot.kernels.sieve import LANES, ONE

        templates = keyword.stream_templates()
        length = np.array([len(template) for template in templates])
        self._prior = keyword.prior
        self._end = np.cumsum(length + 2)
        self._begin = self._end - length
        self._best = min(_BEST, len(templates))
        self._share = min(share, _ROOM / (3 * ONE * int(length.max())))
        self._weight = (1 / (2 * ONE * length)).astype(np.float32)
        rows = -(-int(self._end[-1]) // LANES) * LANES
        words = -(-templates[0].shape[1] // _WORD)
        self._templates: I8 = np.zeros((words, rows, _WORD), np.int8)
        for begin, end, template in zip(self._begin, self._end, templates, strict=True):
            wide = np.zeros((end - begin, words * _WORD), np.int8)
            wide[:, : template.shape[1]] = np.rint(127 * template)
            self._templates[:, begin:end] = wide.reshape(-1, words, _WORD).transpose(1, 0, 2)
        offset = 128 * self._templates.sum(axis=(0, 2), dtype=np.int32)
        self._bias: I32 = offset + np.int32(round(127 * 127 * (1 - self._share)) + 64)

    def costs(self, heard: Heard) -> F32:
        """Return about what the keyword costs at each frame, shape (n,).

        Notes
        -----
        O(n x total length of the templates).
        """
        from kwspot.kernels import sieve

        n, d = heard.frames.shape
        words, rows, _ = self._templates.shape
        unit = np.full((n + _WORD, words * _WORD), 128, np.uint8)
        sieve.unit_bytes(
            heard.frames,
            heard.sums,
            self._prior,
            PRIOR_SECONDS / heard.front_end.period,
            heard.front_end.homogeneous,
            np.empty(d, np.float32),
            unit,
        )
        local = np.zeros((sieve.RING, rows + sieve.LANES), np.int16)
        total = np.zeros((sieve.HELD, rows + sieve.LANES), np.int16)
        left = np.empty((len(self._begin), n), np.int16)
        sieve.sift(
            unit, heard.piece, self._templates, self._bias, self._begin, self._end, local, total,
            left,
        )  # fmt: skip
        cost = np.empty(n, np.float32)
        work = np.empty((self._best, n), np.float32)
        sieve.weigh(left, heard.piece, self._weight, self._share, work, cost)
        return cost
