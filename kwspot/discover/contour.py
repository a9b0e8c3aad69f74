"""How loud a clip is and how fast its spectrum changes, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

RATE = 100  # frames per second

_QUIET = 0.1  # share of the frames that are taken for background noise, in each band
_RANGE = 1e-7  # noise below this share of the loudest powers does not count
_SMOOTHING = 1.5  # frames, standard deviation
_REACH = 4  # frames on either side whose spectra are compared


@dataclass(frozen=True, eq=False)
class Contour:
    """Loudness over the background and spectral change of a clip, `RATE` frames a second.

    Attributes
    ----------
    loudness : ndarray, shape (n,), float64
        Mean over the bands of the log power over the noise: 0 quiet, 1 loud (quantiles .05, .95).
    change : ndarray, shape (n,), float64
        Distance of the mean spectra before and after each frame's beginning.

    Examples
    --------
    >>> powers = np.ones((100, 40), np.float32)
    >>> powers[30:60] = 1e6
    >>> contour = Contour.of(powers, np.log)
    >>> np.flatnonzero(contour.loudness > 0.5)[[0, -1]], int(contour.change.argmax())
    (array([30, 59]), 30)
    """

    loudness: F64
    change: F64

    @classmethod
    def of(cls, powers: F32, spectrum: Callable[[F32], F32]) -> Contour:
        """Measure band powers, shape (n, bands); `spectrum` makes them comparable. O(n)."""
        level = np.float32(max(np.quantile(powers.sum(axis=1), 0.98), 1e-30))
        return cls(_loudness(powers), _change(spectrum(powers / level)))

    def speech(self, share: float) -> npt.NDArray[np.bool_]:
        """Tell which frames are louder than `share` of the way from quiet to loud, shape (n,)."""
        return self.loudness > share


def _loudness(powers: F32) -> F64:
    """Return the loudness, shape (n,), of powers, shape (n, bands)."""
    noise = np.quantile(powers, _QUIET, axis=0)
    noise = np.maximum(noise, np.quantile(powers, 0.98) * _RANGE + 1e-30)
    over = np.log1p(powers / (2 * noise).astype(np.float32)).mean(axis=1, dtype=np.float64)
    reach = int(4 * _SMOOTHING)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SMOOTHING) ** 2)
    smooth = np.convolve(np.pad(over, reach, mode="edge"), bell / bell.sum(), mode="valid")
    low, high = np.quantile(smooth, [0.05, 0.95])
    loudness: F64 = (smooth - low) / max(high - low, 1e-9)
    return loudness


def _change(spectra: F32) -> F64:
    """Return the distance of the spectra, shape (n, d), on either side of each frame."""
    n = len(spectra)
    change = np.zeros(n)
    if n < 2 * _REACH:
        return change
    total = np.concatenate([np.zeros((1, spectra.shape[1])), np.cumsum(spectra, 0, np.float64)])
    step = total[2 * _REACH :] - 2 * total[_REACH:-_REACH] + total[: -2 * _REACH]
    change[_REACH : n - _REACH + 1] = np.sqrt(np.square(step).sum(axis=1))
    return change
