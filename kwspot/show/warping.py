"""Warps: which frames of two sounds belong together, and where a template fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kwspot.show.axes import DOUBTFUL, FOUND, SCALE, SHADE, axes_or_new
from kwspot.show.place import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kwspot.match import Alignment, Warping


def draw_warping(warping: Warping, ax: Axes | None) -> Axes:
    """Draw the path over the costs of all pairs of frames, the first sound upwards."""
    ax = axes_or_new(ax, size=(5.5, 4.5))
    m, n = warping.local.shape
    scale, unit = (warping.period, "s") if warping.period else (1.0, "frames")
    image = ax.imshow(
        warping.local,
        cmap=SCALE,
        origin="lower",
        extent=(0, n * scale, 0, m * scale),
        aspect="auto",
        interpolation="nearest",
    )
    if len(warping.path):
        up, right = (warping.path.T + 0.5) * scale
        ax.plot(right, up, color="black", linewidth=4)
        ax.plot(right, up, color="white", linewidth=2)
    ax.figure.colorbar(image, ax=ax, label="cost (1 - cosine)")
    first, second = warping.names
    ax.set(ylabel=f"in {short(first, 30)} ({unit})", xlabel=f"in {short(second, 30)} ({unit})")
    ax.set_title(f"warp, mean cost {warping.cost:.3f}")
    return ax


def draw_alignment(alignment: Alignment, ax: Axes | None) -> Axes:
    """Draw the cost of the fit that ends at each frame, and mark the best fit."""
    ax = axes_or_new(ax)
    cost = np.where(np.isfinite(alignment.cost), alignment.cost, np.nan)
    ax.plot(cost, color=FOUND)
    if np.isfinite(cost).any():
        end = int(np.nanargmin(cost))
        ax.axvspan(alignment.start[end], end, color=FOUND, alpha=SHADE, linewidth=0)
        ax.plot(end, cost[end], marker="v", color=DOUBTFUL)
    ax.set(xlabel="end of the fit (frames)", ylabel="cost (1 - cosine)", xlim=(0, len(cost)))
    ax.set_title("best fit of the template at each frame")
    return ax
