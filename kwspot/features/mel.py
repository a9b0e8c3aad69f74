"""Band powers on the mel scale, and their logarithm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from kwspot.features.framing import FrameStream, frame_count, lead_in

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class MelPowers:
    """Power of a recording in mel bands.

    Frame i is centred on the samples ``[i * hop, (i + 1) * hop)``; before the first and after the
    last sample the recording is taken to stand still.

    Attributes
    ----------
    rate : int
        Sampling rate in Hz.
    hop, width, size : int
        Samples from frame to frame, in the (periodic Hann) window and in the transform, a power of
        two.
    bands : int
        Number of triangular bands, of equal area (Slaney).
    low, high : float
        Edges of the first and the last band in Hz.
    emphasis : float
        Pre-emphasis ``x[i] - emphasis * x[i - 1]``.
    centre : bool
        Take the mean out of each frame, so that a constant offset does not leak into low bands.

    Notes
    -----
    O(n) time for n samples: about 2 us a frame. The scale is that of Slaney's Auditory Toolbox,
    as in librosa, which is the oracle of the tests.

    Examples
    --------
    >>> import numpy as np
    >>> MelPowers()(np.zeros(1600, np.float32)).shape
    (10, 40)
    """

    rate: int = 16000
    hop: int = 160
    width: int = 400
    size: int = 512
    bands: int = 40
    low: float = 60.0
    high: float = 7600.0
    emphasis: float = 0.0
    centre: bool = False

    def __call__(self, x: F32) -> F32:
        """Return the powers, shape (n // hop, bands), of samples, shape (n,)."""
        x = np.asarray(x, np.float32)
        if not len(x):
            return np.empty((0, self.bands), np.float32)
        n = frame_count(len(x), self.hop)
        lead = lead_in(self.width, self.hop)
        return self.of_padded(np.pad(x, (lead, self.width), mode="edge"), n)

    def of_padded(self, x: F32, n: int) -> F32:
        """Return the powers of n frames, the first of which begins at ``x[1]``."""
        from kwspot.kernels.spectrum import BATCH, band_powers

        window, turn, first, weights = _tables(self)
        work = np.empty((4, self.size // 2 + 1, BATCH), np.float32)
        powers = np.empty((n, self.bands), np.float32)
        band_powers(
            x, self.hop, self.emphasis, self.centre, window, turn, first, weights, work, powers
        )
        return powers

    def stream(self) -> FrameStream:
        """Begin a recording that arrives in chunks."""
        return FrameStream(self.of_padded, self.hop, self.width, self.bands)


@dataclass(frozen=True)
class LogMel:
    """Natural logarithm of mel band powers, 100 frames a second.

    Examples
    --------
    >>> import numpy as np
    >>> LogMel()(np.zeros(1600, np.float32)).max().round(1)
    np.float32(-23.0)
    """

    name: ClassVar[str] = "mel"
    homogeneous: ClassVar[bool] = False
    powers: MelPowers = MelPowers()
    floor: float = 1e-10

    @property
    def rate(self) -> int:
        """Sampling rate in Hz."""
        return self.powers.rate

    @property
    def period(self) -> float:
        """Seconds per frame."""
        return self.powers.hop / self.powers.rate

    @property
    def dimensions(self) -> int:
        """Features per frame."""
        return self.powers.bands

    @property
    def context(self) -> float:
        """Seconds that a frame sees on either side of its middle."""
        return self.powers.width / 2 / self.powers.rate

    def loudness(self, frames: F32) -> F32:
        """Return a root of the geometric mean of the band powers, shape (n,)."""
        loudness: F32 = np.exp(np.float32(0.1) * frames.mean(axis=1))
        return loudness

    def of_powers(self, powers: F32) -> F32:
        """Return the features of band powers, both of shape (frames, bands)."""
        return np.log(np.maximum(powers, np.float32(self.floor)))

    def __call__(self, x: F32) -> F32:
        """Return the features, shape (frames, bands), of samples, shape (n,)."""
        return self.of_powers(self.powers(x))

    def stream(self) -> FrameStream:
        """Begin a recording that arrives in chunks."""
        return self.powers.stream().then(self.of_powers, self.dimensions)


def mel(hertz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Convert Hz to mel: linear below 1 kHz, logarithmic above (Slaney 1998).

    Examples
    --------
    >>> mel([0, 1000, 6400])
    array([ 0., 15., 42.])
    """
    hertz = np.asarray(hertz, np.float64)
    above = 15 + 27 * np.log(np.maximum(hertz, 1000) / 1000) / np.log(6.4)
    return np.where(hertz < 1000, hertz * 3 / 200, above)


def hertz(mels: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Convert mel to Hz, the inverse of `mel`.

    Examples
    --------
    >>> hertz([0, 15, 42])
    array([   0., 1000., 6400.])
    """
    mels = np.asarray(mels, np.float64)
    above = 1000 * np.exp((np.maximum(mels, 15) - 15) * np.log(6.4) / 27)
    return np.where(mels < 15, mels * 200 / 3, above)


@cache
def filter_bank(rate: int, size: int, bands: int, low: float, high: float) -> F32:
    """Return triangular mel filters of equal area, shape (bands, size // 2 + 1).

    Raises
    ------
    ValueError
        If a band is so narrow that no bin of the transform lies in it, or above half the rate.

    Examples
    --------
    >>> filter_bank(16000, 512, 40, 60.0, 7600.0).shape
    (40, 257)
    """
    edges = hertz(np.linspace(mel(low), mel(high), bands + 2))[:, None]
    bins = np.arange(size // 2 + 1) * rate / size
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - left) / (middle - left), (right - bins) / (right - middle)
    filters = np.maximum(0, np.minimum(rising, falling)) * 2 / (right - left)
    if high > rate / 2 or not filters.any(axis=1).all():
        msg = f"{bands} bands from {low} to {high} Hz do not fit {size} bins at {rate} Hz"
        raise ValueError(msg)
    return filters.astype(np.float32)


@cache
def moved_bands(powers: MelPowers, factor: float) -> F32:
    """Return the matrix, (bands, bands), whose rows hold what each band hears once moved.

    Frequencies are multiplied by the factor; between bands it is linear.

    Examples
    --------
    >>> moved_bands(MelPowers(bands=3, low=0, high=800), 2.0).round(2).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    """
    low, high = mel(powers.low), mel(powers.high)
    middles = hertz(np.linspace(low, high, powers.bands + 2)[1:-1])
    sources = np.interp(factor * middles, middles, np.arange(powers.bands))
    moved: F32 = np.maximum(0, 1 - np.abs(sources[:, None] - np.arange(powers.bands)))
    return moved.astype(np.float32)


@cache
def _tables(config: MelPowers) -> tuple[F32, F32, npt.NDArray[np.int64], F32]:
    """Return window, circle, first bin of each band and its weights: what the kernel reads."""
    turns = 2 * np.pi * np.arange(config.size) / config.size
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(config.width) / config.width)
    filters = filter_bank(config.rate, config.size, config.bands, config.low, config.high)
    widest = int(np.count_nonzero(filters, axis=1).max())
    first = np.minimum((filters > 0).argmax(axis=1), filters.shape[1] - widest)
    weights = np.stack([row[at : at + widest] for row, at in zip(filters, first, strict=True)])
    circle = np.stack([np.cos(turns), -np.sin(turns)]).astype(np.float32)
    return window.astype(np.float32), circle, first.astype(np.int64), weights
