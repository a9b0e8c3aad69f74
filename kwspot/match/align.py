"""Dynamic time warping between feature arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from kwspot.base import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]

BAND = 0.4  # share of the longer of two recordings that a warp may lead off the diagonal


@dataclass(frozen=True, slots=True, eq=False)
class Alignment(Result):
    """Fit of a template at each end point of a stream; unpacks to cost and start.

    Attributes
    ----------
    cost : ndarray, shape (n,), float32
        Mean over the path of one minus the cosine; infinite where nothing fits.
    start : ndarray, shape (n,), int32
        First frame of the fit.
    """

    FORMAT: ClassVar[str] = "kwspot.alignment/1"

    cost: F32
    start: I32

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        return iter((self.cost, self.start))

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them: null for an infinite cost."""
        cost = [value if np.isfinite(value) else None for value in self.cost.tolist()]
        return {"cost": cost, "start": self.start.tolist()}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        cost = [np.inf if value is None else value for value in fields["cost"]]
        return cls(np.array(cost, np.float32), np.array(fields["start"], np.int32))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the cost at each end point, and the best fit, on `ax` or a new figure."""
        from kwspot.show.warping import draw_alignment

        return draw_alignment(self, ax)


def align(template: npt.ArrayLike, stream: npt.ArrayLike) -> Alignment:
    r"""Warp a template onto every end point of a stream.

    For each frame :math:`j` this is a warp that uses the whole template, ends at :math:`j` and
    runs between half and twice the template's speed; it may start anywhere.

    Parameters
    ----------
    template : array_like, shape (m, d), float
        Features of the keyword, one row per frame; each row is taken at unit length.
    stream : array_like, shape (n, d), float
        Features to search, at the same frame rate and with the same d.

    Returns
    -------
    Alignment
        ``cost``, shape (n,), float32: mean over the path of one minus the cosine, 0 for a perfect
        match, about 1 for chance, infinite where no warp fits yet; and ``start``, shape (n,),
        int32: the first frame of that fit.

    Raises
    ------
    ValueError
        If either input is not two-dimensional, is empty or has NaN, or if the d differ.

    Notes
    -----
    O(m n d) time and O(m) extra memory. The steps (1, 1), (1, 2) and (2, 1) weigh 2, 3 and 3 local
    costs, and the total is divided by the frames used on both sides.
    Source: Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word
    recognition", IEEE Trans. ASSP 26, 1978 (symmetric form, slope constraint P = 1), with a free
    start as in Sakurai, Faloutsos and Yamamuro, ICDE 2007 (SPRING).

    Examples
    --------
    >>> word = [[1, 0], [0, 1], [1, 1]]
    >>> cost, start = align(word, [[-1, 0], [1, 0], [0, 1], [1, 1], [0, -1]])
    >>> int(cost.argmin()), int(start[cost.argmin()])
    (3, 1)
    """
    from kwspot.match.bank import TemplateBank

    query, target = unit_pair(template, stream, ("template", "stream"))
    cost, start = TemplateBank([query]).feed(target)
    return Alignment(cost[:, 0].copy(), start[:, 0].copy())


def warp(a: npt.ArrayLike, b: npt.ArrayLike, *, band: float = BAND) -> float:
    """Warp all of one recording onto all of another, and return the mean cost.

    Parameters
    ----------
    a, b : array_like, shapes (m, d) and (n, d), float
        Features; each row is taken at unit length.
    band : float
        Cells further from the diagonal than this share of the longer one are shut.

    Returns
    -------
    float
        Mean over the path of one minus the cosine: 0 for equal shapes, about 1 for chance,
        infinite if no path stays in the band.

    Raises
    ------
    ValueError
        If either input is not two-dimensional, is empty or has NaN, or if the d differ.

    Notes
    -----
    O(m n d) time, O(n) memory. Source: Sakoe and Chiba 1978, symmetric form without slope limits.

    Examples
    --------
    >>> round(warp([[1, 0], [0, 1]], [[1, 0], [1, 0], [0, 1]]), 3)
    0.0
    """
    from kwspot.kernels.dtw import warp_whole

    left, right = unit_pair(a, b, ("a", "b"))
    return float(warp_whole(left, right, band, np.empty((2, len(right) + 1), np.float32)))


def unit_pair(a: npt.ArrayLike, b: npt.ArrayLike, names: tuple[str, str]) -> tuple[F32, F32]:
    """Check two feature arrays, which messages call by these names; give them unit rows.

    Raises
    ------
    ValueError
        If either is not two-dimensional, is empty or has NaN, or if the d differ.
    """
    left, right = _unit_rows(a, names[0]), _unit_rows(b, names[1])
    if left.shape[1] != right.shape[1]:
        msg = (
            f"{names[0]} has d={left.shape[1]} features per frame, {names[1]} has {right.shape[1]}"
        )
        raise ValueError(msg)
    return left, right


def _unit_rows(values: npt.ArrayLike, name: str) -> F32:
    """Check a feature array and bring its rows to unit length."""
    array = np.asarray(values, np.float32)
    if array.ndim != 2 or not array.size:
        msg = f"{name} must have shape (frames, features) and not be empty, got {array.shape}"
        raise ValueError(msg)
    if not np.isfinite(array).all():
        msg = f"{name} must be finite, got NaN or infinity"
        raise ValueError(msg)
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    return np.ascontiguousarray(array / np.where(norms > 0, norms, 1))
