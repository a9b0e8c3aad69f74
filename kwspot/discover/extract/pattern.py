"""What EXTRACT answers: the instances of one pattern and the filter that describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from kwspot.base import Result
from kwspot.discover.extract.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes

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
class Pattern(Result):
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

    FORMAT: ClassVar[str] = "kwspot.pattern/1"

    instances: tuple[Instance, ...]
    score: float
    filter: F64
    shapes: tuple[Shape, ...]
    extent: tuple[int, int]

    def __iter__(self) -> Iterator[Instance]:
        return iter(self.instances)

    def __len__(self) -> int:
        return len(self.instances)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them."""
        return {
            "instances": [list(instance) for instance in self],
            "score": self.score,
            "filter": {"shape": self.filter.shape, "values": self.filter.ravel().tolist()},
            "shapes": [list(shape) for shape in self.shapes],
            "extent": list(self.extent),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        start, stop = fields["extent"]
        return cls(
            tuple(Instance(*instance) for instance in fields["instances"]),
            fields["score"],
            np.array(fields["filter"]["values"]).reshape(fields["filter"]["shape"]),
            tuple(Shape(*shape) for shape in fields["shapes"]),
            (start, stop),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the filter, a row per shape, on `ax` or a new figure; lines mark the instance.

        Rows are sorted by column of the series, then by length of the shape.

        Parameters
        ----------
        ax : Axes, optional
            What to draw on; by default a new figure.

        Returns
        -------
        Axes
            What it was drawn on.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        """
        from kwspot.show.pattern import draw_filter

        return draw_filter(self, ax)
