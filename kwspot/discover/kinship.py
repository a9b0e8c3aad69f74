"""How likely any two places are to be one word, seen beside all other places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.links import Links
    from kwspot.discover.places import Places
    from kwspot.discover.segments import Segments

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_LEAST = -6.0  # gain that counts for pairs without a warp
_SAME = 0.6  # overlap over union at which segments are versions of one place
_CLIPPED = 4.0  # gain up to which places are compared by what they are like
_BEST = 3  # gains that tell how much a place is like any others
_TYPICAL = 0.4  # seconds, a word
_SURE = 2.0  # log-odds that count: no pair decides alone
# Logistic regression on the places of tasks of digits and Arabic words, one voice or several, with
# and without pauses, seeds 101 to 104: see `_evidence`; constant.
_WEIGHTS = (1.12, -0.21, -0.54, 1.15, 3.35, -2.83)


def kinship(links: Links, segments: Sequence[Segments], places: Places) -> F64:
    """Tell how much likelier than not any two places are to be one word.

    Parameters
    ----------
    links : Links
        Of all segments.
    segments : sequence of Segments
        Of each of the K clips, N in all.
    places : Places
        n places.

    Returns
    -------
    ndarray, shape (n, n), float64
        Log-odds, -2 to 2; 0 for places of one clip, which are not compared.

    Notes
    -----
    O(n N v + n^3) time for places of v versions each.
    """
    start = np.concatenate([part.start for part in segments])
    end = np.concatenate([part.end for part in segments])
    gain = _gains(links, places, start, end)
    seconds = np.concatenate([part.seconds for part in segments])[places.segment]
    evidence = _evidence(gain, places.clip, seconds.astype(np.float64))
    odds: F64 = np.full(gain.shape, _WEIGHTS[-1])
    for weight, each in zip(_WEIGHTS, evidence, strict=False):
        odds += weight * each
    np.clip(odds, -_SURE, _SURE, out=odds)
    odds[places.clip[:, None] == places.clip] = 0
    return odds


def _gains(links: Links, places: Places, start: I64, end: I64) -> F64:
    """Return the best gain of any versions of two places, shape (n, n), -6 within a clip.

    What speaks for a version by itself counts, less what speaks for the place.
    """
    own = links.prior[places.segment].astype(np.float64) / 2
    half = links.prior / 2
    versions = []
    for i, clip in zip(places.segment, places.clip, strict=True):
        part = np.arange(links.first[clip], links.first[clip + 1])
        shared = np.minimum(end[part], end[i]) - np.maximum(start[part], start[i])
        union = np.maximum(end[part], end[i]) - np.minimum(start[part], start[i])
        versions.append(part[shared >= _SAME * union])
    floor = np.float32(_LEAST)
    rows = np.stack(
        [
            (np.maximum(links.gain[some], floor) + half[some, None]).max(axis=0) + half
            for some in versions
        ]
    )
    gain = np.stack([rows[:, some].max(axis=1) for some in versions], axis=1) - own - own[:, None]
    gain[places.clip[:, None] == places.clip] = _LEAST
    best: F64 = np.maximum(gain, _LEAST)
    return best


def _evidence(gain: F64, clip: I64, seconds: F64) -> list[F64]:
    """Return what tells whether two places are one word, each of shape (n, n).

    Their gain; the lesser and the greater of what both gain with those most like them, for some
    sounds are like many; how long they are; how alike their gains with third clips are.
    """
    best = -np.sort(-gain, axis=1)[:, :_BEST].mean(axis=1)
    length = np.log(seconds / _TYPICAL)
    return [
        gain,
        np.minimum(best[:, None], best),
        np.maximum(best[:, None], best),
        (length[:, None] + length) / 2,
        _alike(np.clip(gain, -_CLIPPED, _CLIPPED), clip),
    ]


def _alike(gain: F64, clip: I64) -> F64:
    """Return the correlation of what any two places gain with the places of third clips (n, n).

    Examples
    --------
    >>> gain = np.array([[0, 0, 1, 2], [0, 0, 2, 4], [1, 2, 0, 0], [2, 4, 0, 0]], float)
    >>> _alike(gain, np.array([0, 1, 2, 2])).round(2)[0, 1].item()
    1.0
    """
    member = (clip[:, None] == np.unique(clip)).astype(np.float64)
    which = member.argmax(axis=1)
    gain = np.where(clip[:, None] == clip, 0, gain)
    count = len(gain) - member.sum(axis=0)[which][:, None] - member.sum(axis=0)[which]
    count = np.maximum(count, 1)
    mean = (gain.sum(axis=1)[:, None] - (gain @ member)[:, which]) / count
    square = np.square(gain)
    spread = square.sum(axis=1)[:, None] - (square @ member)[:, which] - count * mean**2
    shared = gain @ gain.T - count * mean * mean.T
    alike: F64 = shared / np.sqrt(np.maximum(spread, 0) * np.maximum(spread.T, 0) + 1e-9)
    return np.clip(alike, -1, 1)
