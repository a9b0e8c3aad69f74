"""An audio player that carries its sound with it."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from kwspot.show.sound import Sound

_RATES = 8000, 48000  # Hz that every browser plays, and the encoder takes
_BLOCK = 1 << 16  # samples at a time: libsndfile crashes on a million at once


def player(sound: Sound, *, label: str) -> str:
    """Return an HTML audio element with its sound in a data URI.

    Parameters
    ----------
    sound : Sound
        What it plays.
    label : str
        What screen readers call it; any text.

    Returns
    -------
    str
        About 10 kB for each second at 16 kHz.

    Notes
    -----
    O(n). Ogg Vorbis; the page needs no network and no file beside it.

    Examples
    --------
    >>> from kwspot.show.sound import Sound
    >>> html = player(Sound(np.zeros(1600, np.float32), 16000, 0.0), label="'yes' <at 0 s>")
    >>> html.partition(' src=')[0]
    '<audio controls preload="metadata" aria-label="&#x27;yes&#x27; &lt;at 0 s&gt;"'
    """
    content = base64.b64encode(ogg(sound)).decode("ascii")
    return (
        f'<audio controls preload="metadata" aria-label="{escape(label)}" '
        f'src="data:audio/ogg;base64,{content}"></audio>'
    )


def ogg(sound: Sound) -> bytes:
    """Return a sound as the content of an Ogg Vorbis file; louder than full scale is clipped.

    Examples
    --------
    >>> from kwspot.show.sound import Sound
    >>> ogg(Sound(np.zeros(1600, np.float32), 16000, 0.0))[:4]
    b'OggS'
    """
    import soundfile

    samples, rate = _playable(sound)
    content = io.BytesIO()
    with soundfile.SoundFile(
        content, "w", rate, channels=1, format="OGG", subtype="VORBIS"
    ) as file:
        for first in range(0, len(samples), _BLOCK):
            file.write(np.clip(samples[first : first + _BLOCK], -1, 1))
    return content.getvalue()


def _playable(sound: Sound) -> tuple[npt.NDArray[np.float32], int]:
    """Bring samples to a rate that can be played."""
    low, high = _RATES
    rate = round(min(max(sound.rate, low), high))
    if rate == sound.rate:
        return sound.samples, rate
    import soxr

    return np.asarray(soxr.resample(sound.samples, sound.rate, rate), np.float32), rate
