"""Agreement of places: why a word was taken for the one that clips share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kwspot.show.axes import SCALE, axes_or_new
from kwspot.show.place import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kwspot.evidence import Evidence

_WRITTEN = 12  # clips up to which each cell has its figure


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
