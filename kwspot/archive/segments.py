"""Segments of recordings as a few bytes each, so that those which sound alike have like bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.features import front_end as front_end_named
from kwspot.features.normalise import RunningNormaliser, unit
from kwspot.quantise.codebooks import BLOCK, Codebooks
from kwspot.quantise.inputs import column_runs
from kwspot.quantise.model import BoltModel
from kwspot.tensorfile import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

FORMAT = "kwspot.segments/1"
SECONDS = (0.2, 0.4, 0.8)  # lengths of segments
_HOP, _STEPS = 0.1, 4  # seconds from one segment to the next, or this part of a longer segment
_BINS, _WAVES = 10, 5  # a segment is summed up in bins, and these in the first cosines
_SHORTER = 0.5  # of the length, a recording is still taken as one segment


@dataclass(frozen=True, eq=False)
class SegmentModel:
    """What turns segments of one front end into codes.

    Attributes
    ----------
    prior : ndarray, shape (d,), float32
        The mean frame of speech at level 1.
    axes : ndarray, shape (waves * d, w), float32
        Onto which the courses of a segment are projected.
    bolt : BoltModel
        Codebooks for the projections, which are of unit length.
    """

    prior: F32
    axes: F32
    bolt: BoltModel

    def embed(self, total: F64, first: I64, last: I64) -> F32:
        """Return unit vectors, shape (s, w), of segments of frames of this running total.

        Segment i is the frames from first[i] up to last[i]. O(s w d).
        """
        return unit(courses(total, first, last) @ self.axes)

    def middle(self, template: F32, length: int, shift: int) -> F32:
        """Return the unit vector, shape (w,), of the middle of a template, (m, d) of unit length.

        Of one that is longer than `length` frames only so many count, `shift` frames late.
        """
        spare = max(len(template) - length, 0)
        first = min(max(spare // 2 + shift, 0), spare)
        span = np.array([first]), np.array([min(first + length, len(template))])
        found: F32 = self.embed(running_total(template), *span)[0]
        return found


@cache
def model(front_end: str) -> SegmentModel | None:
    """Return the model of a front end; None if it has none, and its segments cannot be searched.

    Examples
    --------
    >>> model("cepstra").axes.shape, model("mel")
    ((130, 48), None)
    """
    file = resources.files("kwspot.archive") / f"segments-{front_end}.kwt"
    if not file.is_file():
        return None
    with resources.as_file(file) as path:
        arrays, settings = read(path, FORMAT)
    width, n_bytes = arrays["axes"].shape[1], int(settings["n_bytes"])
    books = Codebooks(
        arrays["mean"], arrays["centroids"], column_runs(width, 2 * n_bytes), rotation=None
    )
    bolt = BoltModel("cosine", books, float(settings["gain"]), float(settings["near_gain"]))
    return SegmentModel(arrays["prior"], arrays["axes"], bolt)


def lengths(front_end: str) -> tuple[int, ...]:
    """Return the lengths of the segments that are encoded, in frames.

    Examples
    --------
    >>> lengths("cepstra")
    (10, 20, 40)
    >>> lengths("mel")
    ()
    """
    if model(front_end) is None:
        return ()
    period = front_end_named(front_end).period
    return tuple(round(seconds / period) for seconds in SECONDS)


def array(length: int) -> str:
    """Return the name of the array that holds the codes of segments of so many frames."""
    return f"segments-{length}"


def rows(frames: int, front_end: str) -> dict[int, int]:
    """Return how many segments of each length a recording of so many frames has.

    Examples
    --------
    >>> list(rows(100, "cepstra").values())
    [19, 17, 7]
    """
    known = lengths(front_end)
    return {length: int(counts(np.array([frames]), length, front_end)[0]) for length in known}


def counts(frames: I64, length: int, front_end: str) -> I64:
    """Return how many segments of one length recordings of so many frames have, shape (r,).

    Examples
    --------
    >>> counts(np.array([9, 10, 20, 21, 30]), 20, "cepstra").tolist()
    [0, 1, 1, 2, 3]
    """
    beyond = -(-(frames - length) // hop(length, front_end)) + 1
    return np.where(frames < length, frames >= _SHORTER * length, beyond).astype(np.int64)


def spans(frames: I64, number: I64, length: int, front_end: str) -> tuple[I64, I64]:
    """Return the first frames of segments of one length, and their ends, both of shape (s,).

    Parameters
    ----------
    frames : ndarray, shape (s,), int64
        Length of the recording of each segment.
    number : ndarray, shape (s,), int64
        Which of its segments it is, counted from 0; the last one ends with the recording, and one
        that is a little too short is a segment by itself.

    Examples
    --------
    >>> spans(np.array([27, 27, 27, 14]), np.array([0, 1, 2, 0]), 20, "cepstra")
    (array([0, 5, 7, 0]), array([20, 25, 27, 14]))
    """
    first = np.maximum(np.minimum(number * hop(length, front_end), frames - length), 0)
    return first, np.minimum(first + length, frames)


def hop(length: int, front_end: str) -> int:
    """Return how many frames lie between the beginnings of segments of one length.

    Examples
    --------
    >>> [hop(length, "cepstra") for length in lengths("cepstra")]
    [5, 5, 10]
    """
    return max(round(_HOP / front_end_named(front_end).period), length // _STEPS)


def encode(frames: F32, front_end: str) -> dict[int, U8]:
    """Encode all segments of a recording.

    Parameters
    ----------
    frames : ndarray, shape (n, d), float32
        Its features.
    front_end : str
        Which made them.

    Returns
    -------
    dict of int to ndarray, shape (s, bytes), uint8
        By the length of the segments in frames: two 4-bit codes a byte, in the order of `spans`.
        Empty for a front end that has no model.

    Notes
    -----
    The means of a segment's frames in ten bins, centred as a spotter hears them, go through a
    cosine transform over time; five waves are kept, projected, brought to unit length and coded.
    O(n) time. A pure function of its arguments.
    Source: Blalock and Guttag, "Bolt: accelerated data mining with fast vector compression",
    KDD 2017, for the codes.

    Examples
    --------
    >>> codes = encode(np.ones((40, 26), np.float32), "cepstra")
    >>> {length: code.shape[0] for length, code in codes.items()}
    {10: 7, 20: 5, 40: 1}
    """
    known = model(front_end)
    if known is None:
        return {}
    ear = front_end_named(front_end)
    running = RunningNormaliser(known.prior, period=ear.period, homogeneous=ear.homogeneous)
    total = running_total(running.feed(frames, ear.loudness(frames)))
    found = {}
    for length, count in rows(len(frames), front_end).items():
        whole = np.full(count, len(frames))
        found[length] = _codes(known, total, *spans(whole, np.arange(count), length, front_end))
    return found


def layout(parts: Sequence[Mapping[int, U8]]) -> dict[int, U8]:
    """Lay the codes of several recordings out as they are searched: in pairs of 32-row blocks.

    Parameters
    ----------
    parts : sequence of mapping
        What `encode` returned for each recording.

    Returns
    -------
    dict of int to ndarray, shape (pairs, 2, bytes, 32), uint8
        Rows of one recording follow those of the one before; zeros fill the last pair.

    Examples
    --------
    >>> laid = layout([{8: np.ones((40, 4), np.uint8)}, {8: np.full((30, 4), 2, np.uint8)}])
    >>> laid[8].shape, laid[8][0, 1, 0, 5:10].tolist(), laid[8][1, 0, 0, 5:7].tolist()
    ((2, 2, 4, 32), [1, 1, 1, 2, 2], [2, 0])
    """
    found = {}
    for length in parts[0] if parts else ():
        codes = np.concatenate([part[length] for part in parts])
        whole = np.zeros((-(-len(codes) // (2 * BLOCK)) * 2 * BLOCK, codes.shape[1]), np.uint8)
        whole[: len(codes)] = codes
        blocks = whole.reshape(-1, 2, BLOCK, codes.shape[1]).transpose(0, 1, 3, 2)
        found[length] = np.ascontiguousarray(blocks)
    return found


def rejoined(laid: Sequence[U8], counts: Sequence[int]) -> U8:
    """Lay codes that were laid out already one after the other, as `layout` would all their rows.

    Parameters
    ----------
    laid : sequence of ndarray, shape (pairs, 2, bytes, 32), uint8
        What `layout` returned for one length.
    counts : sequence of int
        How many rows of each there are; the others are filling.

    Notes
    -----
    O(rows). Moved 32 bytes at a time, several times as fast as row by row.

    Examples
    --------
    >>> parts = [{8: np.full((count, 8), count, np.uint8)} for count in (70, 3)]
    >>> one_by_one = [layout([part])[8] for part in parts]
    >>> np.array_equal(rejoined(one_by_one, [70, 3]), layout(parts)[8])
    True
    """
    width, total, at = laid[0].shape[2], sum(counts), 0
    planes = np.zeros((width, -(-total // (2 * BLOCK)) * 2 * BLOCK), np.uint8)
    for one, count in zip(laid, counts, strict=True):
        planes[:, at : at + count] = _turned(one.reshape(-1, width, BLOCK))[:, :count]
        at += count
    blocks = planes.reshape(width, planes.shape[1] // BLOCK, BLOCK)
    return _turned(blocks).reshape(-1, 2, width, BLOCK)


def _turned(blocks: U8) -> U8:
    """Exchange the first two axes of blocks, shape (a, b, 32); return shape (b, a * 32)."""
    a, b, _ = blocks.shape
    turned = np.ascontiguousarray(blocks.reshape(a, b * BLOCK).view(f"V{BLOCK}").T)
    return turned.view(np.uint8).reshape(b, a * BLOCK)


def running_total(frames: F32) -> F64:
    """Return the sums of the first 0, 1, ... n frames, shape (n + 1, d)."""
    total = np.zeros((len(frames) + 1, frames.shape[1]))
    np.cumsum(frames, axis=0, dtype=np.float64, out=total[1:])
    return total


def courses(total: F64, first: I64, last: I64) -> F32:
    """Return how the frames of segments run: the first cosines over time, shape (s, waves * d).

    Segment i is the frames from first[i] up to last[i], of which `total` is the running total.
    O(s d).

    Examples
    --------
    >>> total = running_total(np.ones((20, 1), np.float32))
    >>> np.abs(courses(total, np.array([0]), np.array([20]))).round(2)
    array([[7.07, 0.  , 0.  , 0.  , 0.  ]], dtype=float32)
    """
    from kwspot.kernels.terms import segment_waves

    waves = np.empty((len(first), _WAVES * total.shape[1]), np.float32)
    segment_waves(total, first, last, _cosines(), np.empty((3, total.shape[1])), waves)
    return waves


def _codes(known: SegmentModel, total: F64, first: I64, last: I64) -> U8:
    vectors = known.embed(total, first, last)
    blocks = known.bolt.books.encode(vectors)
    found = blocks.transpose(0, 2, 1).reshape(-1, blocks.shape[1])
    return np.ascontiguousarray(found[: len(vectors)])


@cache
def _cosines() -> F64:
    """Return the courses over time that are kept, shape (waves, bins), of equal weight."""
    basis = np.cos(np.pi * np.outer(np.arange(_WAVES), np.arange(_BINS) + 0.5) / _BINS)
    basis[0] /= np.sqrt(2)
    return basis
