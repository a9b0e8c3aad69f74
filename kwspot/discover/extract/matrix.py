"""The features that EXTRACT finds in a series: which shape is seen when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from kwspot.base import Result
from kwspot.discover.extract.cells import repeated
from kwspot.discover.extract.shapes import Shape, shape_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from kwspot.discover.extract.pattern import Pattern

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMatrix(Result):
    """Where shapes drawn from a series are seen in it.

    Attributes
    ----------
    active : ndarray, shape (R, N), uint8
        1 where the shape of that row is centred.
    shapes : tuple of Shape
        What each of the R rows stands for.
    """

    FORMAT: ClassVar[str] = "kwspot.feature-matrix/1"

    active: U8
    shapes: tuple[Shape, ...]

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them: of each row, the samples where it is 1."""
        return {
            "samples": self.active.shape[1],
            "active": [np.flatnonzero(row).tolist() for row in self.active],
            "shapes": [list(shape) for shape in self.shapes],
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        active = np.zeros((len(fields["active"]), fields["samples"]), np.uint8)
        for row, where in zip(active, fields["active"], strict=True):
            row[where] = 1
        return cls(active, tuple(Shape(*shape) for shape in fields["shapes"]))

    def plot(self, ax: Axes | None = None, *, pattern: Pattern | None = None) -> Axes:
        """Draw the matrix, sorted by column of the series and length of the shape.

        Parameters
        ----------
        ax : Axes, optional
            What to draw on; by default a new figure.
        pattern : Pattern, optional
            What `extract` learned from the same series: the flock of features that occur together
            is coloured in each of its instances.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        ValueError
            If the pattern has other shapes.
        """
        from kwspot.show.pattern import draw_features

        if pattern is not None and pattern.shapes != self.shapes:
            msg = "the pattern was learned from other shapes: give `features` its bounds and rng"
            raise ValueError(msg)
        return draw_features(self, pattern, ax)


def seen_again(columns: F64, high: int, *, rng: np.random.Generator) -> tuple[U8, list[Shape]]:
    """Return the features of standardised columns, shape (D, N), that are on at least twice.

    The rows, shape (R, high + N + high), reach over the padding at both ends.
    """
    n = columns.shape[1]
    padded = np.pad(columns, ((0, 0), (high, high)), mode="edge")
    active, shapes = shape_rows(padded, max_length=high, per_length=n.bit_length() - 1, rng=rng)
    kept = repeated(active, pad=high)
    return active[kept], [shape for shape, keep in zip(shapes, kept, strict=True) if keep]
