"""Drawings of an evaluation."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from kwspot.errors import MissingExtra
from kwspot.tensorfile import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from kwspot.evaluation.result import Evaluation


def draw(evaluation: Evaluation, path: str | Path) -> None:
    """Write a PNG file: the trade-off beside the reliability."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("a plot", "plot") from None
    figure = Figure(figsize=(9, 4), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    draw_curve(evaluation, left)
    draw_reliability(evaluation, right)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    write_atomically(path, content.getvalue())


def draw_curve(evaluation: Evaluation, ax: Axes) -> None:
    """Draw misses against false alarms."""
    curve = evaluation.curve
    per_hour = curve.unit == "per hour"
    alarms, misses = np.array(curve.false_alarm), 100 * np.array(curve.miss)
    ax.step(alarms if per_hour else 100 * alarms, misses, where="post")
    ax.set(
        xlabel="false alarms per hour" if per_hour else "false accepts (%)",
        ylabel="misses (%)",
        ylim=(0, 100),
    )
    ax.set_xscale("symlog", linthresh=0.1)
    ax.set_xlim(left=0)
    ax.grid(visible=True, alpha=0.3)
    ax.set_title("detection error trade-off")


def draw_reliability(evaluation: Evaluation, ax: Axes) -> None:
    """Draw how often scores came true."""
    ax.plot([0, 1], [0, 1], color="grey", linestyle=":")
    if evaluation.reliability:
        said, came, number = zip(*evaluation.reliability, strict=True)
        ax.plot(said, came, marker="o")
        for x, y, n in zip(said, came, number, strict=True):
            ax.annotate(str(n), (x, y), textcoords="offset points", xytext=(4, -10), fontsize=7)
    ax.set(xlabel="score", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1))
    ax.set_title("reliability")
