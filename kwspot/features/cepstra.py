"""Root cepstra with deltas: the default front end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from kwspot.features.mel import MelPowers
from kwspot.features.mfcc import cosine_basis

if TYPE_CHECKING:
    from kwspot.features.framing import FrameStream

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class RootCepstra:
    """Cepstra of root-compressed mel powers and their slopes, 50 frames a second.

    A root compresses like a logarithm where it is loud but, unlike it, lets silence go to zero
    instead of minus infinity. A gain only scales the features. In speech, coefficient k deviates
    by about 1 / (k + 1); the lifter makes up for most of that.

    Attributes
    ----------
    powers : MelPowers
        The spectral analysis, twice as many frames as come out.
    coefficients : int
        Cepstral coefficients, the first being the loudness; as many slopes follow.
    floor : float
        Share of the mean power of a frame that is added to each band: what lies further below is
        not heard, nor what a resampler leaves where the recording had nothing.
    root : float
        Exponent on the power.
    lifter : float
        Coefficient k is multiplied by k + 1 to this power.
    reach : int
        The slope is fitted over this many 10 ms frames on either side.
    slope_weight : float
        What slopes (per 10 ms) are multiplied by; 5.6 makes them as large as the coefficients.

    Notes
    -----
    O(n) time for n samples. Looks 40 ms ahead.

    Examples
    --------
    >>> import numpy as np
    >>> RootCepstra()(np.zeros(16000, np.float32)).shape
    (50, 26)
    """

    name: ClassVar[str] = "cepstra"
    homogeneous: ClassVar[bool] = True
    powers: MelPowers = MelPowers(emphasis=0.97, centre=True)
    coefficients: int = 13
    floor: float = 1e-4
    root: float = 0.1
    lifter: float = 0.8
    reach: int = 3
    slope_weight: float = 8.0

    @property
    def rate(self) -> int:
        """Sampling rate in Hz."""
        return self.powers.rate

    @property
    def period(self) -> float:
        """Seconds per frame."""
        return 2 * self.powers.hop / self.powers.rate

    @property
    def dimensions(self) -> int:
        """Features per frame."""
        return 2 * self.coefficients

    @property
    def context(self) -> float:
        """Seconds that a frame sees on either side of its middle."""
        return (self.reach + 2) * self.powers.hop / self.powers.rate

    def loudness(self, frames: F32) -> F32:
        """Return the mean root power of the bands, up to a factor, shape (n,)."""
        return np.maximum(frames[:, 0], np.float32(0))

    def of_powers(self, powers: F32) -> F32:
        """Return the static coefficients, shape (n, coefficients), of powers, shape (n, bands)."""
        from kwspot.kernels.spectrum import root_cepstra

        cepstra = np.empty((len(powers), self.coefficients), np.float32)
        basis = cosine_basis(powers.shape[1], self.coefficients)
        lifter = np.arange(1, self.coefficients + 1, dtype=np.float32) ** np.float32(self.lifter)
        root_cepstra(powers, self.floor, self.root, basis * lifter, cepstra)
        return cepstra

    def with_slopes(self, cepstra: F32) -> F32:
        """Append slopes and average pairs: (n, coefficients) to (n // 2, 2 coefficients).

        Beyond its ends the sequence is taken to stand still.
        """
        return self._inner(np.pad(cepstra, ((self.reach, self.reach), (0, 0)), mode="edge"))

    def _inner(self, cepstra: F32) -> F32:
        """Do as `with_slopes`, for the frames that have `reach` others on either side."""
        reach, n = self.reach, len(cepstra) - 2 * self.reach
        slopes = np.zeros((n, self.coefficients), np.float32)
        for k in range(1, reach + 1):
            weight = np.float32(self.slope_weight * k / sum(2 * j * j for j in range(1, reach + 1)))
            slopes += weight * (cepstra[reach + k :][:n] - cepstra[reach - k :][:n])
        frames = np.concatenate([cepstra[reach:][:n], slopes], axis=1)
        pairs = frames[: n // 2 * 2].reshape(n // 2, 2, self.dimensions)
        means: F32 = np.float32(0.5) * (pairs[:, 0] + pairs[:, 1])
        return means

    def __call__(self, x: F32) -> F32:
        """Return the features, shape (frames, dimensions), of samples, shape (n,)."""
        powers = self.powers(x)
        if not len(powers):
            return np.empty((0, self.dimensions), np.float32)
        return self.with_slopes(self.of_powers(powers))

    def stream(self) -> CepstraStream:
        """Begin a recording that arrives in chunks."""
        return CepstraStream(self)


class CepstraStream:
    """Root cepstra of a recording that arrives in chunks, equal to those of the whole recording."""

    def __init__(self, config: RootCepstra) -> None:
        self._statics: FrameStream = config.powers.stream().then(
            config.of_powers, config.coefficients
        )
        self._slopes = SlopeStream(config)

    def feed(self, x: F32) -> F32:
        """Take the next samples, shape (n,), and return the frames that are now complete."""
        return self._slopes.feed(self._statics.feed(x))

    def finish(self) -> F32:
        """Return the last frames, whose slopes see the last frame held."""
        frames = self._slopes.feed(self._statics.finish())
        return np.concatenate([frames, self._slopes.finish()])


class SlopeStream:
    """What `RootCepstra.with_slopes` makes of static coefficients that arrive bit by bit."""

    def __init__(self, config: RootCepstra) -> None:
        self._config = config
        self._waiting = np.empty((0, config.coefficients), np.float32)

    def feed(self, statics: F32) -> F32:
        """Take the next coefficients, shape (n, coefficients); return the complete frames."""
        reach = self._config.reach
        if not len(self._waiting) and len(statics):
            self._waiting = np.repeat(statics[:1], reach, axis=0)
        self._waiting = np.concatenate([self._waiting, statics])
        frames = self._config._inner(self._waiting) if len(self._waiting) > 2 * reach else None
        if frames is None:
            return np.empty((0, self._config.dimensions), np.float32)
        self._waiting = self._waiting[2 * len(frames) :]
        return frames

    def finish(self) -> F32:
        """Return the last frames, whose slopes see the last coefficients held."""
        return self.feed(np.repeat(self._waiting[-1:], self._config.reach, axis=0))
