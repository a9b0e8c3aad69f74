"""EXTRACT for clips that share a word: one instance in each, on codewords of frames."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.extract.cells import Cells
from kwspot.discover.extract.codebook import codeword_rows
from kwspot.discover.extract.extent import extent
from kwspot.discover.extract.learn import Chooser, best_places, filter_of, share_met
from kwspot.discover.extract.pattern import Instance
from kwspot.discover.extract.search import standard_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

# Chosen by F1 on tasks of seeds 101 to 104, which no benchmark uses.
_CODEWORDS = 48
_NEAR = 2  # codewords that are on at each frame: softer than one, and better at the edges
_EDGE = 0.3  # an instance ends where its evidence falls below this share of the filter's mean
_SEEDS = 500  # windows of the shortest clip to start from, at most
_TOGETHER = 32  # seed windows that share their work: bounds the memory


def locate(
    arrays: Sequence[npt.ArrayLike],
    min_frames: float,
    max_frames: float,
    *,
    rng: np.random.Generator | None = None,
) -> list[Instance]:
    """Find the one word that all clips share, once in each.

    Parameters
    ----------
    arrays : sequence of array_like, each of shape (frames, d), float
        Features of two or more clips, from the same front end.
    min_frames, max_frames : float
        Bounds on the length of the word.
    rng : numpy.random.Generator, optional
        Draws the codewords; ``np.random.default_rng(0)`` if not given.

    Returns
    -------
    list of Instance
        For each clip the half-open span in frames, within the clip, and as score the share of the
        filter's weight that is met there: 0 to 1, higher is surer.

    Raises
    ------
    ValueError
        If there are fewer than two clips, if one has no frames, if they differ in d, if values are
        not finite, or if not ``4 <= min_frames <= max_frames``.

    Notes
    -----
    O(n d) for n frames in all, O(n) per seed window. Differs from EXTRACT on a series in that every
    frame is described by its two nearest of 48 codewords, not by shapes; that each clip gives its
    best place and the number of places is that of the clips; that all windows of the shortest clip
    are seeds (at most 500, evenly spread); and that each instance is cut to its own length, where
    its share of the filter falls under 0.3 of the mean column of the filter.

    Source: Blalock and Guttag, "EXTRACT: Strong Examples from Weakly-Labeled Sensor Data", ICDM
    2016 (arXiv 1609.09196).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> word = np.cumsum(rng.normal(size=(20, 6)), axis=0)
    >>> clips = [rng.normal(size=(60, 6)) for _ in range(3)]
    >>> for clip, start in zip(clips, (10, 30, 5)):
    ...     clip[start : start + 20] += 2 * word
    >>> found = locate(clips, 12, 24)
    >>> [bool(abs(word.start - start) <= 6) for word, start in zip(found, (10, 30, 5))]
    [True, True, True]
    """
    if not 4 <= min_frames <= max_frames < math.inf or math.ceil(min_frames) > max_frames:
        msg = f"expected 4 <= min_frames <= max_frames, got {min_frames} and {max_frames}"
        raise ValueError(msg)
    low, high = math.ceil(min_frames), int(max_frames)
    frames, lengths = _joined(arrays)
    rng = np.random.default_rng(0) if rng is None else rng
    rows = codeword_rows(frames, codewords=_CODEWORDS, near=_NEAR, rng=rng)
    seen = rows.sum(axis=1, dtype=np.int64)
    rows = rows[(seen > 1) & (2 * seen < len(frames))]
    if not len(rows):
        return [Instance(0, min(n, high), 0.0) for n in lengths.tolist()]
    rows, first = _set_apart(rows, lengths, high)
    cells = Cells.of(rows, pad=0, width=low)
    # the gaps between clips are no background
    cells = replace(cells, background=cells.background * (rows.shape[1] / len(frames)))
    width = high + high // 10
    over = width // 6
    ranges = np.stack([first - over, first + lengths - width + over + 1], axis=1)
    ranges[:, 1] = np.maximum(ranges[:, 1], ranges[:, 0] + 1)  # a clip shorter than that
    seeds = _windows(ranges[lengths.argmin()], closest=max(high // 20, 1))
    found = best_places(cells, seeds, width, _best_of_each(ranges), exactly=len(lengths))
    phi = filter_of(cells, found.places, width)
    return [
        _instance(cells, phi, at, (start, start + n), (low, high))
        for at, start, n in zip(
            np.sort(found.places).tolist(), first.tolist(), lengths.tolist(), strict=True
        )
    ]


def _joined(arrays: Sequence[npt.ArrayLike]) -> tuple[F64, I64]:
    """Check the clips; return all frames, shape (n, d), each feature of variance 1, and counts."""
    clips = [np.asarray(array, np.float64) for array in arrays]
    if len(clips) < 2:
        msg = f"expected at least 2 clips, got {len(clips)}"
        raise ValueError(msg)
    for i, clip in enumerate(clips):
        if clip.ndim != 2 or not len(clip) or clip.shape[1] != clips[0].shape[-1]:
            msg = f"expected clips of shape (frames, d) with one d, got {clip.shape} for clip {i}"
            raise ValueError(msg)
    columns = standard_columns(np.concatenate(clips))
    return np.ascontiguousarray(columns.T), np.array([len(clip) for clip in clips])


def _set_apart(rows: U8, lengths: I64, gap: int) -> tuple[U8, I64]:
    """Put `gap` empty frames before, between and behind the clips; return where each begins.

    A window may then hang over the ends of its clip and never sees two clips.
    """
    ends = np.cumsum(lengths)
    first = ends - lengths + gap * np.arange(1, len(lengths) + 1)
    apart = np.zeros((len(rows), int(ends[-1]) + gap * (len(lengths) + 1)), np.uint8)
    for start, end, n in zip(first, ends, lengths, strict=True):
        apart[:, start : start + n] = rows[:, end - n : end]
    return apart, first


def _windows(between: I64, *, closest: int) -> list[I64]:
    """Spread seed windows evenly over a range of starts, in neighbourhoods of a few."""
    start, stop = between.tolist()
    starts = np.arange(start, stop, max(closest, -((start - stop) // _SEEDS)))
    return [starts[i : i + _TOGETHER] for i in range(0, len(starts), _TOGETHER)]


def _best_of_each(ranges: I64) -> Chooser:
    """Return a chooser of the best place in each range, best first."""

    def choose(score: I64) -> I64:
        places = np.array([start + score[start:stop].argmax() for start, stop in ranges])
        return places[np.argsort(-score[places], kind="stable")]

    return choose


def _instance(
    cells: Cells, phi: F64, at: int, clip: tuple[int, int], bounds: tuple[int, int]
) -> Instance:
    """Cut the window at a place to its own extent, within its clip."""
    width = phi.shape[1]
    inside = slice(max(0, clip[0] - at), min(width, clip[1] - at))
    evidence = (phi * (cells.packed[at : at + width].T & 1)).sum(axis=0)
    evidence -= _EDGE * phi.sum(axis=0).mean()
    room = inside.stop - inside.start
    start, stop = extent(evidence[inside], min(bounds[0], room), bounds[1])
    begin = at + inside.start - clip[0]
    return Instance(begin + start, begin + stop, share_met(cells, at, phi))
