"""Evaluations: misses against false alarms, scores against what came true, and figures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from kwspot.errors import MissingExtra
from kwspot.show.axes import FOUND, SCALE, axes_or_new, foreground
from kwspot.tensorfile import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

    from kwspot.evaluation import Curve, Evaluation, Measure


def save(evaluation: Evaluation, path: str | Path) -> None:
    """Write a PNG file: the trade-off beside the reliability."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("a plot", "plot") from None
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_curve(evaluation.curve, left)
    draw_reliability(evaluation, right)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    write_atomically(path, content.getvalue())


def draw_evaluation(evaluation: Evaluation, ax: Axes | None, kind: str) -> Axes:
    """Draw one side of an evaluation; see `kwspot.Evaluation.plot`."""
    if kind == "trade-off":
        return draw_curve(evaluation.curve, ax)
    if kind == "reliability":
        return draw_reliability(evaluation, ax)
    if kind == "measures":
        shares = [one for one in evaluation.measures["all"] if one.name[:5] != "false"]
        return draw_measures({one.name: one for one in shares}, ax)
    if kind == "confusion" and evaluation.confusion:
        return draw_confusion(evaluation.confusion, ax)
    known = "'trade-off', 'reliability', 'measures' or, of identification, 'confusion'"
    msg = f"kind must be {known}, got {kind!r}"
    raise ValueError(msg)


def draw_curve(curve: Curve, ax: Axes | None) -> Axes:
    """Draw misses against false alarms, the axis of which is linear up to 0.1."""
    ax = axes_or_new(ax, size=(5.0, 4.0))
    per_hour = curve.unit == "per hour"
    alarms, misses = np.array(curve.false_alarm), 100 * np.array(curve.miss)
    ax.step(alarms if per_hour else 100 * alarms, misses, where="post", color=FOUND)
    ax.set(
        xlabel="false alarms per hour" if per_hour else "false accepts (%)",
        ylabel="misses (%)",
        ylim=(0, 100),
    )
    ax.set_xscale("symlog", linthresh=0.1)
    ax.set_xlim(left=0)
    ax.grid(visible=True, alpha=0.3)
    ax.set_title("detection error trade-off")
    return ax


def draw_reliability(evaluation: Evaluation, ax: Axes | None) -> Axes:
    """Draw how often scores came true, with how many there were of each size."""
    ax = axes_or_new(ax, size=(5.0, 4.0))
    ax.plot([0, 1], [0, 1], color=foreground(ax), alpha=0.5, linestyle=":", label="as it should be")
    if evaluation.reliability:
        said, came, number = zip(*evaluation.reliability, strict=True)
        ax.plot(said, came, marker="o", color=FOUND, label="found (and how many)")
        for x, y, n in zip(said, came, number, strict=True):
            ax.annotate(str(n), (x, y), textcoords="offset points", xytext=(4, -10), fontsize=8)
    ax.set(
        xlabel="score (0 to 1)",
        ylabel="share that was right (0 to 1)",
        xlim=(0, 1.02),
        ylim=(-0.02, 1.02),
    )
    ax.legend(loc="upper left", fontsize=8)
    ax.set_title("reliability")
    return ax


def draw_measures(measures: Mapping[str, Measure], ax: Axes | None) -> Axes:
    """Draw figures with their 95 % intervals, a line for each; those without a value are left."""
    told = {name: one for name, one in measures.items() if one.value is not None}
    ax = axes_or_new(ax, size=(6.0, 1.2 + 0.4 * len(told)))
    for line, one in enumerate(told.values()):
        if one.low is not None and one.high is not None:
            ax.plot([one.low, one.high], [line, line], color=FOUND, linewidth=2)
        ax.plot(one.value or 0.0, line, marker="o", color=FOUND)
    ax.set_yticks(range(len(told)), labels=list(told))
    ax.set(
        ylim=(max(len(told), 1) - 0.5, -0.5),
        ylabel="measure",
        xlabel=_unit(list(measures)),
    )
    return ax


def draw_confusion(confusion: Mapping[str, Mapping[str, int]], ax: Axes | None) -> Axes:
    """Draw how often each true word was taken for each keyword, as a share of how often it came."""
    given = list(next(iter(confusion.values()), {}))
    counts = np.array([[row[name] for name in given] for row in confusion.values()], float)
    counts = counts.reshape(len(confusion), len(given))
    ax = axes_or_new(ax, size=(2.5 + 0.4 * len(given), 2.0 + 0.4 * len(confusion)))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = ax.imshow(shares, cmap=SCALE, vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "black" if shares[row, column] > 0.5 else "white"
        ax.text(column, row, f"{count:.0f}", color=colour, ha="center", va="center", fontsize=8)
    ax.set_xticks(range(len(given)), labels=given, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(confusion)), labels=list(confusion))
    ax.figure.colorbar(image, ax=ax, label="share of the true word")
    ax.set(xlabel="taken for", ylabel="true word")
    return ax


def _unit(names: list[str]) -> str:
    """Return what figures are told in: the name of one, or that several are shares."""
    return names[0] if len(names) == 1 and names[0] else "share (0 to 1), with 95 % interval"
