"""Long clips: which of their units are heard again in the other clips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.likeness import NONE, look_up

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.likeness import Likenesses
    from kwspot.discover.units import Units

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_COHORT = 10  # likenesses of a unit, its best anywhere, that each is held against
_TYPICAL = 0.4  # seconds, a word
_GROWTH = 0.5  # power of the length: evidence adds up over frames that are not independent
_PROMISE = 0.06  # weight of what speaks for a unit by itself
_OWN = 0.5  # weight of a unit's own worth against that of the units it stands with


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
        Of each clip, the worth of each unit: its evidence in the three quarters of the clips that
        speak least for it, averaged with that of the units which it is most like there; or the
        worth of a unit which is most like it, if that is more.

    Notes
    -----
    A similarity counts by how far it exceeds what either unit reaches with its ten nearest of all
    other clips. So a word that is said a hundred times, but not in every clip, has no link to
    anything in the clips without it: it is worse than a hundred others there. This is the adaptive
    symmetric normalisation of speaker recognition, with a cohort of fixed size.
    Source: S. Cumani, P. D. Batzu, D. Colibro, C. Vair, P. Laface and V. Vasilakakis, "Comparison
    of speaker recognition approaches for real applications", Interspeech 2011 (normalisation).
    """
    seconds = np.concatenate([part.segments.seconds for part in units])
    evidence, partners = weigh(look_up(clips, units, progress), seconds)
    low = -(-3 * evidence.shape[1] // 4)
    promise = np.concatenate([part.promise for part in units])
    alone = np.sort(evidence, axis=1)[:, :low].mean(axis=1) + np.float32(_PROMISE) * promise
    worth = np.float32(_OWN) * alone + np.float32(1 - _OWN) * alone[partners].mean(axis=1)
    shared = worth.copy()
    np.maximum.at(shared, partners, worth[:, None])
    return np.split(shared, np.cumsum([len(part) for part in units])[:-1])


def weigh(likenesses: Likenesses, seconds: F32) -> tuple[F32, I64]:
    """Return each unit's best evidence in each clip, shape (n, p), and the unit that it is with.

    Units of length `seconds`, shape (n,); a unit without any likeness in a clip is with itself.
    """
    listed, similarity = likenesses
    flat = similarity.reshape(len(listed), -1)
    cohort = min(_COHORT, flat.shape[1])
    chance = np.maximum(np.partition(flat, -cohort, axis=1)[:, -cohort:], 0).mean(axis=1)
    above = similarity - 0.5 * (chance[:, None, None] + chance[listed])
    length = (0.5 * (seconds[:, None, None] + seconds[listed]) / _TYPICAL) ** _GROWTH
    evidence = np.where(similarity > NONE, above * length, NONE).astype(np.float32)
    best = evidence.argmax(axis=2)[:, :, None]
    partner = np.take_along_axis(listed, best, 2)[:, :, 0]
    evidence = np.take_along_axis(evidence, best, 2)[:, :, 0]
    alone = np.arange(len(listed))[:, None]
    return evidence, np.where(evidence > NONE, partner, alone)
