"""Agreement of places: why a word was taken for the one that clips share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kwspot.show.axes import SCALE, axes_or_new
from kwspot.show.place import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kwspot.discover.candidates import Candidates
    from kwspot.evidence import Evidence

_WRITTEN = 12  # clips up to which each cell has its figure
_BRIGHT = 0.9  # share of the evidence that is told apart: copies of a sentence are far above it


def draw_agreement(evidence: Evidence, ax: Axes | None) -> Axes:
    """Draw the matrix of agreement between the places chosen in each two clips."""
    size = 3.0 + 0.45 * len(evidence.clips)
    ax = axes_or_new(ax, size=(min(size + 1.5, 11.0), min(size, 10.0)))
    agreement = np.array(evidence.agreement)
    np.fill_diagonal(agreement, np.nan)
    image = ax.imshow(agreement, cmap=SCALE)
    names = [short(name, 16) for name in evidence.clips]
    ax.set_xticks(range(len(names)), labels=names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), labels=names)
    if len(names) <= _WRITTEN:
        _write_figures(ax, agreement)
    ax.figure.colorbar(image, ax=ax, label="evidence (0: as by chance)")
    ax.set(xlabel="clip", ylabel="clip")
    lead = "" if evidence.margin is None else f"\n{evidence.margin:.2f} ahead of the runner-up"
    ax.set_title(f"agreement of the chosen places{lead}", fontsize="medium")
    return ax


def _write_figures(ax: Axes, values: np.ndarray) -> None:
    """Write each value in its cell, dark on bright and bright on dark."""
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "black" if value > middle else "white"
            ax.text(column, row, f"{value:.1f}", color=colour, ha="center", va="center", fontsize=8)


def draw_candidates(shown: Candidates, ax: Axes | None) -> Axes:
    """Draw how alike all candidates are, clip by clip, with the chosen ones in rings."""
    ax = axes_or_new(ax, size=(7.0, 6.0))
    bright = float(np.quantile(shown.gain[shown.gain > 0], _BRIGHT))
    image = ax.imshow(shown.gain, cmap=SCALE, vmin=0, vmax=bright, interpolation="nearest")
    for border in shown.first[1:-1]:
        ax.axvline(border - 0.5, color="white", linewidth=0.8)
        ax.axhline(border - 0.5, color="white", linewidth=0.8)
    pairs = [(a, b) for a in shown.chosen for b in shown.chosen if a != b]
    x, y = zip(*pairs, strict=True)
    for colour, width in (("black", 3.0), ("white", 1.5)):
        ax.scatter(x, y, s=70, facecolors="none", edgecolors=colour, linewidths=width)
    middles = (np.array(shown.first[:-1]) + shown.first[1:]) / 2 - 0.5
    names = [short(name, 16) for name in shown.clips]
    ax.set_xticks(middles, labels=names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(middles, labels=names)
    ax.figure.colorbar(image, ax=ax, extend="max", label="evidence (0: as by chance)")
    ax.set(xlabel="places in each clip, by time", ylabel="places in each clip, by time")
    ax.set_title("agreement of all candidates, and the places chosen (rings)", fontsize="medium")
    return ax
