"""What EXTRACT answers: the instances of one pattern and the filter that describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from kwspot.discover.extract.shapes import Shape

F64 = npt.NDArray[np.float64]


class Instance(NamedTuple):
    """One place that holds the pattern.

    Attributes
    ----------
    start, end : int
        Half-open span in samples (rows of the array).
    score : float
        0 to 1: the share of the filter's weight that is met there.
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A pattern and all its instances, in order of time; none if nothing repeats.

    Attributes
    ----------
    instances : tuple of Instance
        Where it is: at least two places, or none.
    score : float
        Log-odds (natural) of the pattern over chance or its nearest rival; 0 if nothing was found.
        Not comparable between different lengths.
    filter : ndarray, shape (R, w), float64
        Log-odds of each feature at each offset; 0 where it says nothing.
    shapes : tuple of Shape
        What each of the R rows stands for.
    extent : tuple of int
        The columns of the filter that matter, half-open: those that an instance which meets all
        of it fills.

    Examples
    --------
    >>> nothing = Pattern((), 0.0, np.zeros((0, 8)), (), (0, 8))
    >>> len(nothing), list(nothing)
    (0, [])
    """

    instances: tuple[Instance, ...]
    score: float
    filter: F64
    shapes: tuple[Shape, ...]
    extent: tuple[int, int]

    def __iter__(self) -> Iterator[Instance]:
        return iter(self.instances)

    def __len__(self) -> int:
        return len(self.instances)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the filter, a row per shape, on `ax` or a new figure; lines mark the instance.

        Rows are sorted by column of the series, then by length of the shape.
        """
        if ax is None:
            try:
                import matplotlib.pyplot as plt
            except ImportError:
                raise MissingExtra("a plot", "plot") from None
            ax = plt.figure(figsize=(6, 5), layout="constrained").subplots()
        rows, width = self.filter.shape
        order = sorted(range(rows), key=self.shapes.__getitem__)
        ax.imshow(
            self.filter[order],
            aspect="auto",
            interpolation="nearest",
            cmap="magma",
            extent=(0, width, max(rows, 1), 0),
        )
        columns = np.array([self.shapes[row].column for row in order], int)
        named, first, counts = np.unique(columns, return_index=True, return_counts=True)
        ax.set_yticks(first + counts / 2, labels=[str(column) for column in named])
        for edge in self.extent:
            ax.axvline(edge, color="white", linestyle=":")
        ax.set(xlabel="offset (samples)", ylabel="column of the series, by length of shape")
        ax.set_title(f"{len(self)} instances, log-odds {self.score:.0f}")
        return ax
