"""Where a clip says a word of its own, whichever it is: segments that do not overlap."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.links import Links
    from kwspot.discover.segments import Segments

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_PARTNERS = 3  # other clips in which a segment must have a like one to be a word of its own
_EACH, _MOST = 24, 240  # places of a clip, and of all clips together
_APART = 0.3  # overlap, of the shorter, at which two segments are one place
_LEAST = -6.0  # gain that counts for pairs without a warp
_EDGE_WEIGHT = 1.0  # of quiet ends, besides what they weigh already


class Places(NamedTuple):
    """The places of all clips, in order.

    Attributes
    ----------
    segment : ndarray, shape (n,), int64
        The segment of each.
    clip : ndarray, shape (n,), int64
        Its clip.
    """

    segment: I64
    clip: I64


def places(links: Links, segments: Sequence[Segments]) -> Places:
    """Take of each clip the segments that are likeliest to be words, none where another is.

    Parameters
    ----------
    links : Links
        Of all segments.
    segments : sequence of Segments
        Of each of the K clips, N in all.

    Returns
    -------
    Places
        At most 24 of a clip, fewer if the clips are more than ten.

    Notes
    -----
    A segment is a word as far as it and its best partners in three other clips agree, all with all.
    O(N^2) time, O(N K) memory.
    """
    from kwspot.kernels.places import disjoint

    clips = len(segments)
    owner = np.repeat(np.arange(clips), np.diff(links.first))
    start = np.concatenate([part.start for part in segments])
    end = np.concatenate([part.end for part in segments])
    likely = _agreement(links, owner)
    likely += _EDGE_WEIGHT * np.concatenate([part.edges for part in segments])
    most = max(1, min(_EACH, _MOST // clips))
    kept, count = np.empty((clips, most), np.int64), np.zeros(clips, np.int64)
    disjoint(np.argsort(-likely, kind="stable"), owner, start, end, _APART, kept, count)
    found = np.sort(np.concatenate([row[:n] for row, n in zip(kept, count, strict=True)]))
    return Places(found, owner[found])


def _agreement(links: Links, owner: I64) -> F32:
    """Return how well each segment and its best partners agree, all with all, shape (N,)."""
    first = links.first
    value = links.gain + links.prior / 2
    best = np.stack([a + value[:, a:b].argmax(axis=1) for a, b in pairwise(first)], axis=1)
    reached = np.take_along_axis(value, best, axis=1)
    reached[np.arange(len(owner)), owner] = -np.inf
    count = min(_PARTNERS, len(first) - 2)
    partners = np.argsort(-reached, axis=1, kind="stable")[:, :count]
    group = np.concatenate(
        [np.arange(len(owner))[:, None], np.take_along_axis(best, partners, axis=1)], axis=1
    )
    gain = np.maximum(links.gain[group[:, :, None], group[:, None, :]], np.float32(_LEAST))
    gain[:, range(count + 1), range(count + 1)] = 0
    agreement: F32 = gain.sum(axis=(1, 2)) / np.float32(count * (count + 1))
    agreement += links.prior[group].mean(axis=1)
    return agreement
