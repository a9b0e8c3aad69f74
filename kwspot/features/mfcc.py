"""Mel-frequency cepstral coefficients, for comparison and for other people's habits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from kwspot.features.mel import MelPowers

if TYPE_CHECKING:
    from kwspot.features.framing import FrameStream

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class MFCC:
    """Mel-frequency cepstral coefficients of power in decibels, 100 frames a second.

    Notes
    -----
    Equal to librosa's ``feature.mfcc`` of the same band powers, without its ceiling on the dynamic
    range, which would make a frame depend on the rest of the recording.

    Source: Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word
    recognition in continuously spoken sentences", IEEE Trans. ASSP, 1980.

    Examples
    --------
    >>> import numpy as np
    >>> MFCC()(np.ones(1600, np.float32)).shape
    (10, 13)
    """

    name: ClassVar[str] = "mfcc"
    homogeneous: ClassVar[bool] = False
    powers: MelPowers = MelPowers()
    dimensions: int = 13
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
    def context(self) -> float:
        """Seconds that a frame sees on either side of its middle."""
        return self.powers.width / 2 / self.powers.rate

    def loudness(self, frames: F32) -> F32:
        """Return a root of the geometric mean of the band powers, shape (n,)."""
        decibels = frames[:, 0] / np.float32(np.sqrt(self.powers.bands))
        loudness: F32 = np.exp(np.float32(0.01 * np.log(10)) * decibels)
        return loudness

    def of_powers(self, powers: F32) -> F32:
        """Return the coefficients, shape (frames, dimensions), of powers, shape (frames, bands)."""
        decibels = 10 * np.log10(np.maximum(powers, np.float32(self.floor)))
        basis = cosine_basis(self.powers.bands, self.dimensions)
        # einsum, unlike a BLAS product, gives a frame the same bits whatever stands beside it
        coefficients: F32 = np.einsum("ib,bk->ik", decibels, basis)
        return coefficients

    def __call__(self, x: F32) -> F32:
        """Return the coefficients, shape (frames, dimensions), of samples, shape (n,)."""
        return self.of_powers(self.powers(x))

    def stream(self) -> FrameStream:
        """Begin a recording that arrives in chunks."""
        return self.powers.stream().then(self.of_powers, self.dimensions)


@cache
def cosine_basis(bands: int, d: int) -> F32:
    """Return the first d functions of the orthonormal cosine transform (II), shape (bands, d).

    Examples
    --------
    >>> import numpy as np
    >>> np.round(cosine_basis(4, 4).T @ cosine_basis(4, 4), 6).trace()
    np.float32(4.0)
    """
    angles = np.pi * np.outer(np.arange(bands) + 0.5, np.arange(d)) / bands
    scale = np.sqrt(np.where(np.arange(d) == 0, 1, 2) / bands)
    basis: F32 = (np.cos(angles) * scale).astype(np.float32)
    return basis
