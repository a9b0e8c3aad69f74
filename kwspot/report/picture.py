"""A sound as a picture: waveform above spectrogram, in SVG that fits any width."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.report.markup import Html, fill, join
from kwspot.report.png import LEVELS, png

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kwspot.show.sound import Sound

F32 = npt.NDArray[np.float32]

_COLUMNS = 480  # of either picture
_RANGE = 55.0  # dB below the loudest that a spectrogram shows
_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds between marks of the axis
_MARKS = 7  # at most, so that they fit a telephone


def picture(sound: Sound, start: float, end: float) -> Html:
    """Return an SVG element of a sound with a span marked.

    Parameters
    ----------
    sound : Sound
        At 16 kHz.
    start, end : float
        The span, in seconds from the beginning of the recording.

    Notes
    -----
    O(n log n) for n samples; about 12 kB. Positions are per cents of the width, so that the picture
    stretches and the text does not; ink is black, and the page turns it round where it is dark.
    """
    length = sound.end - sound.start
    left, right = (100 * (time - sound.start) / length for time in (start, end))
    return fill(
        "picture.svg",
        columns=_COLUMNS,
        outline=_outline(sound.samples),
        spectrogram=base64.b64encode(png(_levels(sound))).decode(),
        left=f"{left:.3f}%",
        width=f"{right - left:.3f}%",
        right=f"{right:.3f}%",
        marks=join(
            fill("mark.svg", x=f"{100 * (time - sound.start) / length:.3f}%", time=_mark(time))
            for time in _marks(sound.start, sound.end)
        ),
    )


def clock(time: float) -> str:
    """Return a time as people read it: seconds, and minutes and hours where there are any.

    Examples
    --------
    >>> clock(2.5), clock(62), clock(3723.25)
    ('2.5', '1:02', '1:02:03.25')
    """
    minutes, seconds = divmod(round(time, 3), 60)
    if not minutes:
        return f"{seconds:.10g}"
    whole, part = divmod(round(seconds, 3), 1)
    hours, minutes = divmod(int(minutes), 60)
    front = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{front}:{int(whole):02}" + f"{part:.3f}".rstrip("0").rstrip(".")[1:]


def _outline(samples: F32) -> str:
    """Return the waveform as the path of an area, 100 high, scaled to its loudest sample."""
    columns = min(_COLUMNS, len(samples))
    first = np.arange(columns) * len(samples) // columns
    scale = 48 / max(float(np.abs(samples).max()), 1e-9)
    low, high = np.minimum.reduceat(samples, first), np.maximum.reduceat(samples, first)
    x = np.rint(np.arange(columns) * _COLUMNS / columns).astype(int)
    top, bottom = (np.rint(50 - scale * edge).astype(int) for edge in (high, low))
    there = [f"{a} {b}" for a, b in zip(x, top, strict=True)]
    back = [f"{a} {b}" for a, b in zip(x[::-1], bottom[::-1], strict=True)]
    return f"M{'L'.join(there + back)}Z"


def _levels(sound: Sound) -> npt.NDArray[np.uint8]:
    """Return the spectrogram on a mel scale, low frequencies last, in levels of ink."""
    from kwspot.features.mel import LogMel

    frames = LogMel()(sound.samples)
    if len(frames) > _COLUMNS:
        first = np.arange(_COLUMNS) * len(frames) // _COLUMNS
        frames = np.maximum.reduceat(frames, first)
    decibels = 10 / np.log(10) * (frames - frames.max(initial=-np.inf))
    ink = np.clip(1 + decibels / _RANGE, 0, 1)
    levels = np.rint((LEVELS - 1) * ink).astype(np.uint8)
    return np.ascontiguousarray(levels.T[::-1])


def _mark(time: float) -> str:
    return f"{clock(time)} s" if time < 60 else clock(time)


def _marks(start: float, end: float) -> Iterator[float]:
    """Yield round times between two."""
    step = next((one for one in _STEPS if (end - start) / one <= _MARKS), 30.0)
    margin = (end - start) / 50  # for the text
    first, last = (start + margin) / step, (end - margin) / step
    for number in range(int(np.ceil(first)), int(np.floor(last)) + 1):
        yield round(number * step, 3)
