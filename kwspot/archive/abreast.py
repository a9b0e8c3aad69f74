"""What keywords about cost at every frame of long recordings, which are cut and laid abreast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.features.normalise import MEMORY_SECONDS, PRIOR_SECONDS
from kwspot.match.agreement import BEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.features import FrontEnd
    from kwspot.keyword import Keyword

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I16 = npt.NDArray[np.int16]
I8 = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]

_WORD = 4  # features that are multiplied at a time
_LARGEST = 127  # of a byte
_SHIFT = 7  # a cost of 1 is 126, or half of that and so on, lest the longest path exceed 16 bits
_STEPS = 3  # what a path weighs at most for each frame of the template


@dataclass(frozen=True, eq=False)
class Abreast:
    """Pieces of recordings as 32 streams, before a keyword says what to expect.

    Attributes
    ----------
    piece : ndarray, shape (p + 1,), int64
        Where the pieces begin among all frames, and the end of the last.
    span, lead : int
        Frames of each stream that count, and those before them.
    centred : ndarray, shape (blocks, d, n), float32
        Frames less what the running normaliser remembers.
    expected : ndarray, shape (blocks, n), float32
        How much of a keyword's prior is to be subtracted as well.
    shut : ndarray, shape (frames + 1, 32), int16
        Where no path leads.
    closed : ndarray, shape (frames,), bool
        In which frames there are such.
    """

    piece: I64
    span: int
    lead: int
    centred: F32
    expected: F32
    shut: I16
    closed: Mask

    @classmethod
    def of(cls, frames: F32, piece: I64, states: F64, front_end: FrontEnd, lead: int) -> Abreast:
        """Lay out pieces that begin in these states, shape (p, d + 3). O(n d).

        Parameters
        ----------
        frames : ndarray, shape (n, d), float32
            All pieces, one after the other.
        piece : ndarray, shape (p + 1,), int64
            Where they begin.
        states : ndarray, shape (p, d + 3), float64
            See `kwspot.features.normalise.RunningNormaliser`.
        front_end : FrontEnd
            What made the frames.
        lead : int
            Frames that a path may be long.
        """
        from kwspot.kernels import abreast

        d, gaps = frames.shape[1], abreast.GAP * (len(piece) - 1)
        tape = np.empty((len(frames) + gaps, d), np.float32)
        expect, gap = np.empty(len(tape), np.float32), np.ones(len(tape), np.bool_)
        gap[_places(piece)] = False
        memory, prior = MEMORY_SECONDS / front_end.period, PRIOR_SECONDS / front_end.period
        loudness = front_end.loudness(frames)
        abreast.centre(
            frames, loudness, piece, states, memory, prior, front_end.homogeneous, np.empty(d),
            tape, expect,
        )  # fmt: skip
        span = -(-len(tape) // abreast.LANES)
        blocks = -(-(span + lead + 1) // abreast.DEEP)
        laid = cls(
            piece,
            span,
            lead,
            np.empty((blocks, d, abreast.DEEP * abreast.LANES), np.float32),
            np.empty((blocks, abreast.DEEP * abreast.LANES), np.float32),
            np.empty((blocks * abreast.DEEP + 1, abreast.LANES), np.int16),
            np.empty(blocks * abreast.DEEP, np.bool_),
        )
        abreast.lay(
            tape, expect, gap, span, lead, np.empty(abreast.LANES, np.uint64), laid.centred,
            laid.expected, laid.shut, laid.closed,
        )  # fmt: skip
        return laid

    def joined(self, streams: F32) -> F32:
        """Put what was found for each frame of each stream, shape (m, 32), in order again."""
        tape = streams[self.lead : self.lead + self.span].T.reshape(-1)
        return tape[self._kept]

    @cached_property
    def _kept(self) -> I64:
        """Where the frames are on the tape."""
        return _places(self.piece)


def _places(piece: I64) -> I64:
    """Return where the frames are on a tape with gaps."""
    from kwspot.kernels.abreast import GAP

    return np.arange(piece[-1]) + GAP * np.repeat(np.arange(len(piece) - 1), np.diff(piece))


class Estimate:
    """The templates of a keyword in bytes.

    Parameters
    ----------
    keyword : Keyword
        What to look for. Its rivals are left out: they only raise costs.

    Attributes
    ----------
    reach : int
        Frames within which two places are one: a quarter of a typical template.

    Notes
    -----
    Costs are those of `kwspot.match.agreement` with frames and templates in bytes. Where two paths
    cost nearly the same, the other may be taken, which may be longer or shorter, and its mean cost
    another.
    """

    def __init__(self, keyword: Keyword) -> None:
        templates = keyword.stream_templates()
        self._prior = keyword.prior
        self._length = np.array([len(template) for template in templates])
        self.reach = max(2, int(np.median(self._length)) // 4)
        self._best = min(BEST, len(templates))
        words = -(-templates[0].shape[1] // _WORD)
        packed: I8 = np.zeros((int(self._length.sum()), words * _WORD), np.int8)
        packed[:, : templates[0].shape[1]] = -np.rint(_LARGEST * np.concatenate(templates))
        self._templates: I32 = packed.view(np.int32)
        most = _STEPS * self._length.max() * _LARGEST**2 / np.iinfo(np.int16).max
        self._shift = max(_SHIFT, int(np.ceil(np.log2(most))))
        half = 1 << self._shift >> 1
        sums = packed.sum(axis=1, dtype=np.int32)
        self._bias: I32 = np.int32(_LARGEST**2 + half) - (_LARGEST + 1) * sums

    def costs(self, streams: Abreast) -> F32:
        """Return about what the keyword costs at each frame, shape (n,), float32.

        Notes
        -----
        O(n x total length of the templates).
        """
        from kwspot.kernels import abreast

        (rows, words), count, wide = self._templates.shape, len(self._length), abreast.LANES
        n = abreast.DEEP * wide
        out = np.empty(streams.expected.size, np.float32)
        abreast.warp_abreast(
            streams.centred,
            streams.expected,
            self._prior,
            self._templates,
            self._bias,
            np.cumsum(self._length) - self._length,
            self._length,
            self._shift,
            _LARGEST**2 / 2**self._shift,
            streams.shut,
            streams.closed,
            np.empty((words, n), np.int32),
            np.empty((rows, wide), np.int16),
            np.empty((2, rows, wide), np.int16),
            np.empty((2, rows, wide), np.int16),
            np.empty((count, n + 2 * wide), np.int16),
            np.empty((count, n + 2 * wide), np.int16),
            np.empty(n + 2 * wide, np.float32),
            np.empty((self._best, n), np.float32),
            out,
            (0,) * words,
        )
        return streams.joined(out.reshape(-1, wide)[1:])


def lead(keywords: Sequence[Keyword]) -> int:
    """Return how many frames before a place matter for what keywords cost there."""
    lengths = [len(one) for keyword in keywords for one in keyword.stream_templates()]
    return 2 * max(lengths) + 1
