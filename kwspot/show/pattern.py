"""What EXTRACT sees: its features over time, and the filter of those that occur together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.show.axes import DOUBTFUL, FOUND, SCALE, SHADE, axes_or_new

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from kwspot.discover.extract import FeatureMatrix, Pattern, Shape

U8 = npt.NDArray[np.uint8]

_COLUMNS = 1200
_ROWS = 300
_SEEN = "0.55"  # grey that is seen on white and on black


def draw_filter(pattern: Pattern, ax: Axes | None) -> Axes:
    """Draw the learned filter, and where an instance begins and ends."""
    ax = axes_or_new(ax, size=(6.0, 5.0))
    rows, width = pattern.filter.shape
    image = ax.imshow(
        pattern.filter[_sorted(pattern.shapes)],
        aspect="auto",
        interpolation="nearest",
        cmap=SCALE,
        extent=(0, width, max(rows, 1), 0),
    )
    if rows:
        ax.figure.colorbar(image, ax=ax, label="log-odds")
    _name_rows(ax, pattern.shapes)
    for edge in pattern.extent:
        ax.axvline(edge, color="white", linestyle=":")
    ax.set(xlabel="offset (samples)", ylabel="column of the series, by length of shape")
    ax.set_title(f"{len(pattern)} instances, log-odds {pattern.score:.0f}")
    return ax


def draw_features(matrix: FeatureMatrix, pattern: Pattern | None, ax: Axes | None) -> Axes:
    """Draw which shape is seen when; coloured where it belongs to the flock of an instance."""
    from matplotlib.colors import to_rgba

    ax = axes_or_new(ax, size=(8.0, 4.5))
    rows, samples = matrix.active.shape
    order = _sorted(matrix.shapes)
    seen = _shrunk(matrix.active[order])
    flock = _shrunk(_flock(matrix, pattern)[order])
    picture = np.zeros((*seen.shape, 4))
    picture[seen > 0] = to_rgba(_SEEN)
    picture[flock > 0] = to_rgba(DOUBTFUL)
    ax.imshow(picture, aspect="auto", interpolation="nearest", extent=(0, samples, max(rows, 1), 0))
    for instance in pattern or ():
        ax.axvspan(instance.start, instance.end, color=FOUND, alpha=SHADE, linewidth=0)
    _name_rows(ax, matrix.shapes)
    ax.set(xlabel="time (samples)", ylabel="column of the series, by length of shape")
    ax.set_title("features of the series" + (", and the learned flock" if pattern else ""))
    return ax


def _flock(matrix: FeatureMatrix, pattern: Pattern | None) -> U8:
    """Mark the cells that are on, in an instance, where its filter has weight."""
    marked = np.zeros_like(matrix.active)
    if pattern is None:
        return marked
    for instance in pattern:
        first = instance.start - pattern.extent[0]
        here = slice(first, first + pattern.filter.shape[1])
        marked[:, here] |= matrix.active[:, here] * (pattern.filter > 0)
    return marked


def _shrunk(cells: U8) -> U8:
    """Bring cells to the size of a picture: each pixel is on if any of its cells is."""
    for axis, most in ((0, _ROWS), (1, _COLUMNS)):
        size = cells.shape[axis]
        if size > most:
            cells = np.maximum.reduceat(cells, np.arange(most) * size // most, axis=axis)
    return cells


def _sorted(shapes: Sequence[Shape]) -> list[int]:
    """Return the rows by column of the series, then by length of the shape."""
    return sorted(range(len(shapes)), key=shapes.__getitem__)


def _name_rows(ax: Axes, shapes: Sequence[Shape]) -> None:
    """Write the number of each column of the series beside its rows."""
    columns = np.sort(np.array([shape.column for shape in shapes], int))
    named, first, counts = np.unique(columns, return_index=True, return_counts=True)
    ax.set_yticks(first + counts / 2, labels=[str(column) for column in named])
