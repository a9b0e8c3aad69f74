"""Figures as SVG that can stand in any page: transparent, in the colour of the text around them."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING, Any

from kwspot.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

_INK = "#010203"  # stands for the colour of the text until the figure is SVG
_INKED = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
_STYLE: Any = {
    **dict.fromkeys(_INKED, _INK),
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "font.family": "sans-serif",
    "legend.framealpha": 0.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "kwspot",
}


def svg(
    draw: Callable[[Axes], object], *, label: str, size: tuple[float, float] = (8.0, 3.0)
) -> str:
    """Return what a function draws on axes as an SVG element.

    Parameters
    ----------
    draw : callable
        Draws on the axes that it is given: for instance a result's ``plot``.
    label : str
        What screen readers say; any text.
    size : tuple of float
        Width and height in inches.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.

    Notes
    -----
    The user's style and open figures are left alone. Equal drawings give equal text.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("a picture", "plot") from None
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.subplots())
        content = io.StringIO()
        figure.savefig(content, format="svg", metadata={"Date": None})
    text = content.getvalue()
    text = text[text.index("<svg") :].replace(_INK, "currentColor")
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
