"""Waveforms: how loud a recording is over time, on axes or as SVG without matplotlib."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.show.axes import DOUBTFUL, FOUND, foreground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from kwspot.show.sound import Sound

F32 = npt.NDArray[np.float32]

_COLUMNS = 1500  # more than a figure has pixels
_SVG_COLUMNS = 300


def envelope(samples: F32, columns: int) -> tuple[F32, F32]:
    """Return the lowest and the highest sample of each of at most so many columns of equal width.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        One at least.
    columns : int
        How many parts to cut them in; n if there are fewer.

    Returns
    -------
    low, high : ndarray, shape (min(n, columns),), float32

    Notes
    -----
    O(n).

    Examples
    --------
    >>> low, high = envelope(np.array([0, 1, -1, 0.5], np.float32), 2)
    >>> low.tolist(), high.tolist()
    ([0.0, -1.0], [1.0, 0.5])
    """
    columns = min(columns, len(samples))
    first = np.arange(columns) * len(samples) // columns
    return np.minimum.reduceat(samples, first), np.maximum.reduceat(samples, first)


def draw_waveform(ax: Axes, sound: Sound, *, middle: float = 0.0, height: float = 1.0) -> None:
    """Draw a sound along the time axis, scaled to its loudest sample.

    Parameters
    ----------
    ax : Axes
        What to draw on.
    sound : Sound
        What to draw.
    middle, height : float
        Where its line of rest lies, and how far the loudest sample reaches from there.
    """
    low, high = envelope(sound.samples, _COLUMNS)
    scale = height / max(float(np.abs(sound.samples).max()), 1e-9)
    time = np.linspace(sound.start, sound.end, len(low), endpoint=False)
    ax.fill_between(
        time,
        middle + scale * low,
        middle + scale * high,
        color=foreground(ax),
        alpha=0.65,
        linewidth=0.4,
    )


def waveform_svg(
    sound: Sound,
    spans: Sequence[tuple[float, float, bool]] = (),
    *,
    label: str = "waveform",
    width: int = 240,
    height: int = 40,
) -> str:
    """Return an SVG element of a waveform, in the colour of the text around it.

    Parameters
    ----------
    sound : Sound
        What to draw.
    spans : sequence of (start, end, sure)
        What to mark, in seconds from the beginning of the recording; dashed if it is not sure.
    label : str
        What screen readers say; any text.
    width, height : int
        In pixels.

    Notes
    -----
    O(n). Needs no matplotlib, follows light and dark, and has about 4 kB.

    Examples
    --------
    >>> from kwspot.show.sound import Sound
    >>> picture = waveform_svg(Sound(np.zeros(800, np.float32), 8000, 0.0), [(0.02, 0.05, True)])
    >>> picture.count("<rect"), picture.count("<path")
    (1, 1)
    """
    low, high = envelope(sound.samples, _SVG_COLUMNS)
    loudest = max(float(np.abs(sound.samples).max()), 1e-9)
    x = np.linspace(0, width, len(low))
    top, bottom = (height / 2 * (1 - 0.95 * edge / loudest) for edge in (high, low))
    outline = [*zip(x, top, strict=True), *zip(x[::-1], bottom[::-1], strict=True)]
    path = " ".join(f"{left:.1f},{down:.1f}" for left, down in outline)
    marks = (_mark(sound, span, width, height) for span in spans)
    return (
        f'<svg role="img" aria-label="{escape(label)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{"".join(marks)}'
        f'<path d="M{path}Z" fill="currentColor" stroke="currentColor" stroke-width=".5"/></svg>'
    )


def _mark(sound: Sound, span: tuple[float, float, bool], width: int, height: int) -> str:
    start, end, sure = span
    scale = width / (sound.end - sound.start)
    left = max(0.0, (start - sound.start) * scale)
    right = min(float(width), (end - sound.start) * scale)
    colour, dashes = (FOUND, "") if sure else (DOUBTFUL, ' stroke-dasharray="4 3"')
    return (
        f'<rect x="{left:.1f}" y=".5" width="{max(0.0, right - left):.1f}" height="{height - 1}" '
        f'fill="{colour}" fill-opacity=".3" stroke="{colour}"{dashes}/>'
    )
