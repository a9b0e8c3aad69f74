"""Pictures whose drawing is held to files in `golden/`: without text, which fonts would change."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text
from result_sample import PLACES, a_warping, an_evaluation, sounds

from kwspot.results import Discovery

GOLDEN = Path(__file__).parent / "golden"


def waveforms(ax, places=PLACES):
    Discovery(places, 0.8, "consensus", "cepstra").plot(ax, recordings=sounds())


def warp(ax):
    a_warping().plot(ax)


def trade_off(ax):
    an_evaluation().plot(ax)


PICTURES = {"waveforms": waveforms, "warp": warp, "trade-off": trade_off}


def render(draw, path):
    """Write what is drawn on axes of a fixed size and the style of matplotlib itself."""
    with mpl.rc_context():
        mpl.rcdefaults()
        figure = Figure(figsize=(4, 3), dpi=60)
        draw(figure.subplots())
        for text in figure.findobj(Text):
            text.set_visible(False)
        figure.savefig(path, metadata={"Software": None})
