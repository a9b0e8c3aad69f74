"""Make frames of different voices, rooms and levels comparable: centre and unit length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

# Frames count by this power of their loudness (root-compressed, so the ratios are small): speech
# outweighs the pauses without a threshold, and a change of level changes no weight.
_CONTRAST = 6
PRIOR_SECONDS = 0.5
MEMORY_SECONDS = 30.0

# Loud is what passes this share of the way from the quietest to the loudest frames.
_LOUD_SHARE = 0.1
# A word passes this share somewhere, as noise beside it does not; and what is further from that
# than this many seconds is not of it. 0.3 to 0.6 s do as well.
_STRONG_SHARE = 0.4
_REACH_SECONDS = 0.4


@dataclass(frozen=True)
class Centre:
    """Mean of the loud frames of a recording, and its level.

    Attributes
    ----------
    mean : ndarray, shape (d,), float32
        For a level of 1.
    level : float
        Mean loudness of the loud frames, 0 for silence; always 1 if a gain shifts the features
        instead of scaling them.

    Examples
    --------
    >>> import numpy as np
    >>> frames, loudness = np.array([[2, 1], [0, 0]], np.float32), np.array([2, 0], np.float32)
    >>> centre = Centre.of(frames, loudness, homogeneous=True)
    >>> centre.level, centre.mean.tolist()
    (2.0, [1.0, 0.5])
    """

    mean: F32
    level: float

    @classmethod
    def of(cls, frames: F32, loudness: F32, *, homogeneous: bool) -> Centre:
        """Measure frames, shape (n, d), of loudness, shape (n,)."""
        weights = loudness.astype(np.float64) ** _CONTRAST
        total = weights.sum()
        if total <= 0:
            return cls(np.zeros(frames.shape[1], np.float32), 0.0)
        level = float(weights @ loudness / total) if homogeneous else 1.0
        return cls((weights @ frames / (total * level)).astype(np.float32), level)

    def apply(self, frames: F32) -> F32:
        """Bring frames, shape (n, d), to level 1 and mean 0."""
        if self.level == 0:
            return np.zeros_like(frames)
        return frames / np.float32(self.level) - self.mean


def unit(frames: F32) -> F32:
    """Make each frame, shape (n, d), unit length; zeros stay."""
    norms = np.linalg.norm(frames, axis=1, keepdims=True)
    return np.ascontiguousarray(frames / np.where(norms > 0, norms, 1), np.float32)


def is_loud(loudness: F32, *, share: float = _LOUD_SHARE) -> npt.NDArray[np.bool_]:
    """Tell which frames, shape (n,), are louder than the pauses of their recording.

    They pass a share of the way from these to its loudest frames.

    Examples
    --------
    >>> import numpy as np
    >>> is_loud(np.array([0, 0, 4, 5, 0], np.float32)).tolist()
    [False, False, True, True, False]
    """
    if len(loudness) == 0:
        return np.zeros(0, np.bool_)
    low, high = np.quantile(loudness, [0.05, 0.95])
    loud: npt.NDArray[np.bool_] = loudness > low + share * (high - low)
    return loud


def loud_part(loud: npt.NDArray[np.bool_], *, margin: int = 0) -> slice:
    """Return the part from the first to the last loud frame, with a margin, or all if none is.

    Examples
    --------
    >>> import numpy as np
    >>> loud_part(np.array([False, False, True, True, False]), margin=1)
    slice(1, 5, None)
    """
    places = np.flatnonzero(loud)
    if not len(places):
        return slice(0, len(loud))
    return slice(max(0, int(places[0]) - margin), min(len(loud), int(places[-1]) + 1 + margin))


def word_part(loudness: F32, period: float) -> slice:
    """Return where in a recording of one word the word is: not in noise or clicks far from it.

    Parameters
    ----------
    loudness : ndarray, shape (n,), float32
        Of its frames.
    period : float
        Seconds per frame.

    Examples
    --------
    >>> import numpy as np
    >>> loudness = np.zeros(100, np.float32)
    >>> loudness[0], loudness[50:70] = 2, 9
    >>> loud_part(is_loud(loudness)), word_part(loudness, 0.02)
    (slice(0, 70, None), slice(30, 70, None))
    """
    part = loud_part(is_loud(loudness))
    strong = np.flatnonzero(is_loud(loudness, share=_STRONG_SHARE))
    if not len(strong):
        return part
    reach = round(_REACH_SECONDS / period)
    groups = np.split(strong, np.flatnonzero(np.diff(strong) > reach) + 1)
    above = loudness - loudness.min()
    word = max(groups, key=lambda group: float(above[group].sum()))
    first, last = int(word[0]) - reach, int(word[-1]) + 1 + reach
    return slice(max(part.start, first), min(part.stop, last))


class RunningNormaliser:
    """Normalise frames as they come, by what was heard so far.

    Parameters
    ----------
    prior : ndarray, shape (d,), float32
        Mean to expect (at a level of 1), worth half a second of speech.
    period : float
        Seconds per frame.
    homogeneous : bool
        A gain scales the frames; otherwise it shifts them.
    state : ndarray, shape (d + 3,), float64, optional
        The `state` of another, to go on from there; by default nothing was heard yet.

    Attributes
    ----------
    state : ndarray, shape (d + 3,), float64
        What was heard so far: changed by each `feed`, and the same whatever the prior.

    Notes
    -----
    Causal, constant memory, and independent of how the frames are cut into chunks. Fades over 30
    seconds of speech, so that a new voice or room is followed.
    """

    def __init__(
        self,
        prior: F32,
        *,
        period: float,
        homogeneous: bool,
        state: npt.NDArray[np.float64] | None = None,
    ) -> None:
        self._prior, self._period = prior, period
        self._homogeneous = homogeneous
        self.state = np.zeros(len(prior) + 3) if state is None else state.copy()

    def feed(self, frames: F32, loudness: F32) -> F32:
        """Return the next frames, shape (n, d), of loudness, shape (n,), as unit vectors."""
        from kwspot.kernels.normalise import normalise_running

        out = np.empty_like(frames)
        normalise_running(
            frames,
            loudness,
            self._prior,
            PRIOR_SECONDS / self._period,
            MEMORY_SECONDS / self._period,
            self._homogeneous,
            self.state,
            out,
        )
        return out
