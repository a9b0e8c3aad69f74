"""How a word would sound in a room, far from the microphone."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

_SECONDS = 0.5  # in which the reverberation falls by 60 dB
_FIRST = 0.005  # seconds until the first reflection
_NOISE = 10 ** (-15 / 20)  # beside the word, whose tail would else lead to silence as no room does
_RUMBLE = 0.95  # pole of the noise's spectrum: low frequencies are the loudest


def in_room(x: F32, rate: int) -> F32:
    """Return a word as it would sound in a room with some noise.

    Parameters
    ----------
    x : ndarray, shape (n,), float32
        Its samples.
    rate : int
        Of the samples, in Hz.

    Returns
    -------
    ndarray, shape (m,), float32
        Half a second longer.

    Notes
    -----
    Direct sound, and a tail of noise as loud as it that decays exponentially; the same for the
    same samples. O(n log n).

    Source: Polack, "La transmission de l'énergie sonore dans les salles", thesis, Université du
    Maine 1988: the late part of a room's response is decaying noise.

    Examples
    --------
    >>> click = np.zeros(800, np.float32)
    >>> click[0] = 1
    >>> heard = in_room(click, 16000)
    >>> len(heard), bool(np.abs(heard[1000:2000]).mean() > 2 * np.abs(heard[7000:8000]).mean())
    (8800, True)
    """
    rng = np.random.default_rng(crc32(np.ascontiguousarray(x, np.float32).tobytes()))
    time = np.arange(int(_SECONDS * rate)) / rate
    response = rng.normal(size=len(time)) * 10 ** (-3 * time / _SECONDS)
    response[: int(_FIRST * rate)] = 0
    response /= np.linalg.norm(response)
    response[0] = 1
    n = len(x) + len(time)
    size = 1 << (n - 1).bit_length()
    turns = 2 * np.pi * np.arange(size // 2 + 1) / size
    rumble = np.fft.rfft(rng.normal(size=size)) / np.abs(1 - _RUMBLE * np.exp(1j * turns))
    noise = np.fft.irfft(rumble, size)[:n]
    reverberant = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(response, size), size)[:n]
    level = _NOISE * np.linalg.norm(reverberant) / np.linalg.norm(noise)
    return (reverberant + level * noise).astype(np.float32)
