"""Scores: of detections over time, and of keywords beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kwspot.show.axes import FOUND, PALETTE, SHADE, axes_or_new
from kwspot.show.place import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from kwspot.results import Detection, Detections, Ranking
    from kwspot.scores import ScoreCurve

_TOP = 1.05  # a little above the highest score


def draw_detections(found: Detections, ax: Axes | None) -> Axes:
    """Draw one bar per detection, as high as its score; a colour for each keyword."""
    ax = axes_or_new(ax)
    names = list(dict.fromkeys(item.keyword for item in found))
    for number, name in enumerate(names):
        bars = [item for item in found if item.keyword == name]
        colour = PALETTE[number % len(PALETTE)]
        _draw_bars(ax, bars, [item.score for item in bars], color=colour, label=name)
    if names:
        ax.legend(title="keyword", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set(xlim=(0, found.duration), ylim=(0, 1), xlabel="time (s)", ylabel="score (0 to 1)")
    ax.set_title(short(found.recording))
    return ax


def draw_ranking(ranking: Ranking, ax: Axes | None) -> Axes:
    """Draw one bar per keyword, the likeliest on top."""
    ax = axes_or_new(ax, size=(6.0, 1.2 + 0.3 * len(ranking)))
    names, scores = zip(*ranking.items, strict=True)
    ax.barh(range(len(names)), scores, color=FOUND)
    ax.set_yticks(range(len(names)), labels=names)
    ax.set(xlim=(0, 1), xlabel="probability (0 to 1)", ylabel="keyword")
    ax.invert_yaxis()
    ax.set_title(short(ranking.recording))
    return ax


def draw_score_curves(
    curves: Sequence[ScoreCurve], found: Sequence[Detection], ax: Axes | None
) -> Axes:
    """Draw scores over time, thresholds dashed, and what was detected with its peak."""
    ax = axes_or_new(ax)
    colours = {}
    for number, curve in enumerate(curves):
        colours[curve.keyword] = colour = PALETTE[number % len(PALETTE)]
        ax.plot(curve.time, curve.score, color=colour, linewidth=1, label=curve.keyword)
        ax.axhline(curve.threshold, color=colour, linestyle="--", linewidth=1)
    for name, colour in colours.items():
        hits = [one for one in found if one.keyword == name]
        _draw_bars(ax, hits, [_TOP] * len(hits), color=colour, alpha=SHADE)
        ax.plot([one.end for one in hits], [one.score for one in hits], "v", color=colour)
    ax.legend(title="dashed: threshold", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    last = max((curve.time[-1] for curve in curves if curve.time), default=1.0)
    ax.set(xlim=(0, last), ylim=(0, _TOP), xlabel="time (s)", ylabel="score (0 to 1)")
    return ax


def _draw_bars(
    ax: Axes, spans: Sequence[Detection], heights: Sequence[float], **style: Any
) -> None:
    """Draw a bar over each span as one shape: ten thousand take no longer than ten."""
    x = np.array([(one.start, one.start, one.end, one.end) for one in spans]).ravel()
    y = np.array([(0, height, height, 0) for height in heights]).ravel()
    ax.fill_between(x, y, linewidth=0, **style)
