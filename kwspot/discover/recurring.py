"""Long clips: which of their units are heard again in the other clips."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.units import Units

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_PARTNERS = 8  # other clips that a unit is looked up in, at most
_BLOCK = 512  # units that are looked up at once
_RATIO = 2.0  # longest against shortest of two units that are compared
_COHORT = 10  # likenesses of a unit, its best anywhere, that each is held against
_TYPICAL = 0.4  # seconds, a word
_GROWTH = 0.5  # power of the length: evidence adds up over frames that are not independent
_PROMISE = 0.06  # weight of what speaks for a unit by itself
_NONE = -1.0  # similarity of units that cannot be warped onto each other


class Likenesses(NamedTuple):
    """Units of other clips that are like each unit.

    Attributes
    ----------
    unit : ndarray, shape (n, p, LANES), int64
        For each of the n units of all clips, in each of the p clips that it was looked up in, the
        units most like it, counted over all clips; -1 where there are too few.
    similarity : ndarray, shape (n, p, LANES), float32
        1 - mean cosine cost of the warp; -1 without one.
    """

    unit: I64
    similarity: F32


def recurring(
    clips: Sequence[Clip], units: Sequence[Units], progress: Callable[[float], None]
) -> list[F32]:
    """Tell how surely each unit is heard again in the other clips.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    units : sequence of Units
        Of each clip.
    progress : callable
        Called with the share that is done, 0 to 1.

    Returns
    -------
    list of ndarray, shape (n,), float32
        Of each clip, the worth of each unit: its evidence in the clips that speak least for it,
        three quarters of all, or that of a unit which it stands for there, if that is more.

    Notes
    -----
    A similarity counts by how far it exceeds what either unit reaches with its ten nearest of all
    other clips. So a word that is said a hundred times, but not in every clip, has no link to
    anything in the clips without it: that is worse than a hundred others. It is the adaptive
    symmetric normalisation of speaker recognition, with a cohort of fixed size.
    Source: S. Cumani, P. Batzu, D. Colibro, C. Vair, P. Laface and V. Vasilakakis, "Comparison of
    speaker recognition approaches for real applications", Interspeech 2011 (the normalisation).
    """
    likenesses = look_up(clips, units, progress)
    seconds = np.concatenate([part.segments.seconds for part in units])
    evidence, partners = weigh(likenesses, seconds)
    low = -(-3 * evidence.shape[1] // 4)
    promise = np.concatenate([part.promise for part in units])
    worth = np.sort(evidence, axis=1)[:, :low].mean(axis=1) + np.float32(_PROMISE) * promise
    shared = worth.copy()
    np.maximum.at(shared, partners, worth[:, None])
    return np.split(shared, np.cumsum([len(part) for part in units])[:-1])


def look_up(
    clips: Sequence[Clip], units: Sequence[Units], progress: Callable[[float], None]
) -> Likenesses:
    """Find the units whose vectors are nearest, and warp each unit onto them.

    O(n m) for n units of m in a clip, but with a small constant; O(n) warps and memory.
    """
    from kwspot.kernels.shortlist import LANES, keep_nearest, warp_listed

    first = np.cumsum([0, *(len(part) for part in units)])
    looked = len(others(0, len(clips)))
    found = Likenesses(
        np.full((first[-1], looked, LANES), -1, np.int64),
        np.full((first[-1], looked, LANES), _NONE, np.float32),
    )
    width = max(int((part.end - part.start).max()) for part in units)
    columns = np.empty((clips[0].frames.shape[1], width * LANES), np.float32)
    work = np.empty((3, (width + 2) * LANES), np.float32)
    for a, mine in enumerate(units):
        for at, b in enumerate(others(a, len(clips))):
            theirs = units[b]
            for begin in range(0, len(mine), _BLOCK):
                block = mine.take(slice(begin, begin + _BLOCK))
                near = np.full((len(block), LANES), -1, np.int64)
                keep_nearest(
                    block.vectors @ theirs.vectors.T,
                    block.end - block.start,
                    theirs.end - theirs.start,
                    _RATIO,
                    near,
                    np.empty((len(block), LANES), np.float32),
                )
                rows = slice(first[a] + begin, first[a] + begin + len(block))
                warp_listed(
                    clips[a].frames,
                    clips[b].frames,
                    block.start,
                    block.end,
                    theirs.start,
                    theirs.end,
                    near,
                    columns,
                    work,
                    found.similarity[rows, at],
                )
                found.unit[rows, at] = np.where(near >= 0, near + first[b], -1)
        progress((a + 1) / len(clips))
    return found


def others(k: int, clips: int) -> list[int]:
    """Return the clips that clip k is compared with: all, or some that are evenly spread.

    Examples
    --------
    >>> others(1, 5)
    [0, 2, 3, 4]
    >>> others(1, 50)
    [0, 8, 15, 22, 28, 35, 42, 49]
    """
    every = [other for other in range(clips) if other != k]
    chosen = np.linspace(0, len(every) - 1, min(_PARTNERS, len(every))).round().astype(int)
    return [every[i] for i in chosen]


def weigh(likenesses: Likenesses, seconds: F32) -> tuple[F32, I64]:
    """Return each unit's best evidence in each clip, shape (n, p), and the unit that it is with.

    Units of length `seconds`, shape (n,); a unit without any likeness in a clip is with itself.
    """
    unit, similarity = likenesses
    flat = similarity.reshape(len(unit), -1)
    cohort = min(_COHORT, flat.shape[1])
    chance = np.maximum(np.partition(flat, -cohort, axis=1)[:, -cohort:], 0).mean(axis=1)
    above = similarity - 0.5 * (chance[:, None, None] + chance[unit])
    length = (0.5 * (seconds[:, None, None] + seconds[unit]) / _TYPICAL) ** _GROWTH
    evidence = np.where(similarity > _NONE, above * length, _NONE).astype(np.float32)
    best = evidence.argmax(axis=2)[:, :, None]
    partner = np.take_along_axis(unit, best, 2)[:, :, 0]
    evidence = np.take_along_axis(evidence, best, 2)[:, :, 0]
    alone = np.arange(len(unit))[:, None]
    return evidence, np.where(evidence > _NONE, partner, alone)
