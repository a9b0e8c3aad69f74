"""Other hearings of a word: by another voice, faster, the noise less and the tone more even."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from kwspot.features.mel import moved_bands
from kwspot.features.normalise import is_loud

if TYPE_CHECKING:
    from kwspot.features.mel import MelPowers

F32 = npt.NDArray[np.float32]


# Noise is the quietest twentieth of a band; so many times its power is taken out, but of no power
# more than so much, in steps of 10 dB.
_NOISE, _TIMES, _MOST = 0.05, np.float32(2), np.float32(0.7)


class Place(NamedTuple):
    """Frames of a word in its recording, from `start` up to `stop`, and what is quiet around it."""

    start: int
    stop: int
    before: int
    after: int


@runtime_checkable
class HearsOtherwise(Protocol):
    """A front end that knows a word better by the mean of several hearings."""

    def otherwise(self, x: F32, place: Place) -> tuple[F32, ...]:
        """Return a word of samples, shape (n,), cut out, (m, d) each, of unit length.

        Always as many hearings, in the same order.
        """
        ...


class Hearing(NamedTuple):
    """What is changed in a sound before it is listened to.

    Attributes
    ----------
    stretch : float
        Factor of its frequencies.
    pace : float
        Factor of its speed.
    evened : float
        Share of its mean spectrum, in dB, that is taken out.
    """

    stretch: float
    pace: float
    evened: float

    def of(self, mels: F32, powers: MelPowers) -> F32:
        """Change logarithms of powers, shape (n, bands), of a sound; the result has other length.

        Examples
        --------
        >>> from kwspot.features.mel import MelPowers
        >>> mels = np.random.default_rng(0).normal(size=(60, 32)).astype(np.float32)
        >>> Hearing(1.1, 1.2, 0.3).of(mels, MelPowers(bands=32, high=3800.0)).shape
        (50, 32)
        """
        mels = without_noise(mels)
        tone = mels[is_loud(_loudness(mels))].mean(axis=0)
        mels = mels - np.float32(self.evened) * (tone - tone.mean())
        return faster(mels @ moved_bands(powers, self.stretch).T, self.pace)


def without_noise(mels: F32) -> F32:
    """Subtract from logarithms of powers, to base 10, (n, bands), what goes on all the time.

    Source: Boll, "Suppression of acoustic noise in speech using spectral subtraction", IEEE
    Transactions on Acoustics, Speech and Signal Processing 1979.

    Examples
    --------
    >>> hiss = np.log10(np.array([[1], [1], [1], [10]], np.float32))
    >>> without_noise(hiss).astype(np.float64).ravel().round(2).tolist()
    [-0.7, -0.7, -0.7, 0.9]
    """
    noise = np.quantile(mels, _NOISE, axis=0).astype(np.float32) - mels
    left = np.log10(np.maximum(1 - _TIMES * np.float32(10) ** noise, np.float32(10) ** -_MOST))
    return np.asarray(mels + left, np.float32)


def faster(mels: F32, pace: float) -> F32:
    """Interpolate frames, shape (n, d), so that an even number is left, n / pace or one less."""
    n = max(2, round(len(mels) / pace / 2) * 2)
    at = np.linspace(0, len(mels) - 1, n)
    before = np.minimum(at.astype(np.int64), max(0, len(mels) - 2))
    share = (at - before).astype(np.float32)[:, None]
    after = np.minimum(before + 1, len(mels) - 1)
    moved: F32 = mels[before] * (1 - share) + mels[after] * share
    return moved


def _loudness(mels: F32) -> F32:
    """Return a root of the geometric mean of powers, shape (n,), of their logarithms to base 10."""
    loudness: F32 = np.float32(10) ** (np.float32(0.1) * mels.mean(axis=1))
    return loudness
