"""Spectrograms: which frequencies sound when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kwspot.show.sound import Sound

F32 = npt.NDArray[np.float32]

_WINDOW = 0.025  # seconds, as speech is analysed
_HOP = 0.005
_COLUMNS = 2000
_RANGE = 70.0  # dB below the loudest that are shown


def spectrogram(sound: Sound) -> tuple[F32, float]:
    """Return powers in dB below the loudest, and the seconds from one column to the next.

    Parameters
    ----------
    sound : Sound
        Of any length.

    Returns
    -------
    levels : ndarray, shape (bins, frames), float32
        -70 to 0; bins from 0 Hz to half the rate.
    hop : float
        5 ms, or more for what is longer than 10 s.

    Notes
    -----
    O(frames x bins log bins), and at most 2000 frames.

    Examples
    --------
    >>> from kwspot.show.sound import Sound
    >>> tone = np.sin(2 * np.pi * 1000 / 8000 * np.arange(8000)).astype(np.float32)
    >>> levels, hop = spectrogram(Sound(tone, 8000, 0.0))
    >>> levels.shape, hop, int(levels[:, 100].argmax()) * 8000 / 512
    ((257, 201), 0.005, 1000.0)
    """
    rate = sound.rate
    size = max(16, round(_WINDOW * rate))
    hop = max(1, round(_HOP * rate), len(sound.samples) // _COLUMNS)
    padded = np.pad(sound.samples, (size // 2, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[: len(sound.samples) + 1 : hop]
    bins = 2 << (size - 1).bit_length()
    power = np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), bins)) ** 2
    levels = 10 * np.log10(np.maximum(power.T, 1e-20))
    return np.maximum(levels - levels.max(), -_RANGE).astype(np.float32), hop / rate


def draw_spectrogram(ax: Axes, sound: Sound) -> None:
    """Draw the spectrogram of a sound along the time axis, in dB below the loudest."""
    import librosa.display

    levels, hop = spectrogram(sound)
    image = librosa.display.specshow(
        levels,
        x_coords=sound.start + hop * np.arange(levels.shape[1]),
        y_coords=np.linspace(0, sound.rate / 2, levels.shape[0]),
        x_axis="s",
        y_axis="hz",
        ax=ax,
        cmap="viridis",
        rasterized=True,
    )
    ax.figure.colorbar(image, ax=ax, label="power (dB)", pad=0.01)
    ax.set_ylabel("frequency (Hz)")
