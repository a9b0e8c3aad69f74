"""Terms: what is said again and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.show.axes import PALETTE, axes_or_new
from kwspot.show.place import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kwspot.discover.terms import Terms


def draw_terms(terms: Terms, ax: Axes | None) -> Axes:
    """Draw the places of all terms, a lane for each recording and a colour for the worthiest."""
    lanes = {name: lane for lane, name in enumerate(terms.recordings)}
    ax = axes_or_new(ax, size=(8.0, min(12.0, 1.5 + 0.4 * len(lanes))))
    for number, term in reversed(list(enumerate(terms, 1))):
        named = number <= len(PALETTE)
        ax.barh(
            [lanes[one.clip] for one in term],
            [one.duration for one in term],
            left=[one.start for one in term],
            color=PALETTE[number - 1] if named else "0.6",
            height=0.7,
            alpha=0.75,
            label=f"term {number}" if named else None,
        )
    if len(terms):
        ax.legend(reverse=True, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set_yticks(range(len(lanes)), labels=[short(name) for name in lanes])
    ax.set(xlabel="time (s)", ylabel="recording", ylim=(len(lanes) - 0.5, -0.5))
    ax.set_xlim(left=0)
    return ax
