"""Axes to draw on, and colours that everybody can tell apart, on light and on dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import ColorType

# Okabe and Ito, "Color universal design", 2008: those that stand out on white and on black alike.
FOUND, DOUBTFUL, OTHER = "#0072B2", "#D55E00", "#009E73"
PALETTE = (FOUND, DOUBTFUL, OTHER, "#CC79A7", "#E69F00", "#56B4E9")
SHADE = 0.35  # opacity of a span behind a curve
SCALE = "cividis"  # from low to high; in order for every kind of sight


def axes_or_new(ax: Axes | None, *, size: tuple[float, float] = (8.0, 3.0)) -> Axes:
    """Return the axes given, or those of a new figure of a size in inches.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise MissingExtra("a plot", "plot") from None
    return plt.figure(figsize=size, layout="constrained").subplots()


def foreground(ax: Axes) -> ColorType:
    """Return the colour in which the user's style writes on these axes."""
    return ax.xaxis.label.get_color()
