"""The sound to be shown: parts of a recording as it was recorded, or nothing if it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.audio import cut
from kwspot.errors import KwspotError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.audio import Source

F32 = npt.NDArray[np.float32]

WHOLE = (0.0, 1e6)  # a span that holds any recording


class Sound(NamedTuple):
    """Part of a recording.

    Attributes
    ----------
    samples : ndarray, shape (n,), float32
        Mono, full scale 1.
    rate : float
        In Hz.
    start : float
        Where it begins in the recording, in seconds.
    """

    samples: F32
    rate: float
    start: float

    @property
    def end(self) -> float:
        """Where it ends in the recording, in seconds."""
        return self.start + len(self.samples) / self.rate


def hear(source: Source, spans: Sequence[tuple[float, float]]) -> list[Sound] | None:
    """Read spans of a recording, at its own rate; None if it cannot be read any more.

    Parameters
    ----------
    source : path, bytes, binary file object or tuple (samples, rate)
        As `kwspot.audio.load` takes it.
    spans : sequence of (start, end)
        In seconds; what lies outside the recording is left out.

    Notes
    -----
    One pass: O(n) for n samples up to the end of the last span.

    Examples
    --------
    >>> (sound,) = hear((np.ones(8000), 8000), [(-0.5, 0.25)])
    >>> len(sound.samples), sound.start, sound.end
    (2000, 0.0, 0.25)
    >>> hear("gone.wav", [(0, 1)]) is None
    True
    """
    spans = [(max(0.0, start), end) for start, end in spans]
    try:
        pieces, rate = cut(source, spans)
    except KwspotError:
        return None
    return [
        Sound(np.nan_to_num(piece.mean(axis=1, dtype=np.float32)), rate, round(start * rate) / rate)
        for piece, (start, _) in zip(pieces, spans, strict=True)
    ]
