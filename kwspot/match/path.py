"""How one sound is warped onto another: the path, not only what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from kwspot.base import Result
from kwspot.match.align import unit_pair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Warping(Result):
    """The best warp of all of one sound onto all of another.

    Attributes
    ----------
    cost : float
        What `warp` returns: mean over the path of one minus the cosine; infinite without a path.
    path : ndarray, shape (k, 2), int32
        Frames of the first and of the second that belong together, from the beginning to the end;
        empty if no path stays in the band.
    local : ndarray, shape (m, n), float32
        One minus the cosine of every frame of the first and every frame of the second.
    period : float
        Seconds per frame; 0 if that is not known.
    names : tuple of str
        What the two are called.
    """

    FORMAT: ClassVar[str] = "kwspot.warping/1"

    cost: float
    path: I32
    local: F32
    period: float = 0.0
    names: tuple[str, str] = ("first", "second")

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them."""
        return {
            "cost": self.cost if np.isfinite(self.cost) else None,
            "path": self.path.tolist(),
            "local": self.local.tolist(),
            "period": self.period,
            "names": list(self.names),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        first, second = fields["names"]
        return cls(
            cost=np.inf if fields["cost"] is None else fields["cost"],
            path=np.array(fields["path"], np.int32).reshape(-1, 2),
            local=np.array(fields["local"], np.float32),
            period=fields["period"],
            names=(first, second),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the path over the costs of all pairs of frames, on `ax` or a new figure."""
        from kwspot.show.warping import draw_warping

        return draw_warping(self, ax)


def warp_path(a: npt.ArrayLike, b: npt.ArrayLike, *, band: float = 0.4) -> Warping:
    """Warp all of one recording onto all of another, and return how.

    Parameters
    ----------
    a, b : array_like, shapes (m, d) and (n, d), float
        Features; each row is taken at unit length.
    band : float
        Cells further from the diagonal than this share of the longer one are shut.

    Returns
    -------
    Warping
        Its cost is what `warp` returns.

    Raises
    ------
    ValueError
        If either input is not two-dimensional, is empty or has NaN, or if the d differ.

    Notes
    -----
    O(m n d) time, O(m n) memory. Of equally cheap paths the one nearest to the diagonal is taken.
    Source: Sakoe and Chiba 1978, symmetric form without slope limits.

    Examples
    --------
    >>> warping = warp_path([[1, 0], [0, 1]], [[1, 0], [1, 0], [0, 1]])
    >>> warping.path.tolist()
    [[0, 0], [0, 1], [1, 2]]
    """
    from kwspot.kernels.path import trace

    left, right = unit_pair(a, b, ("a", "b"))
    local = 1 - left @ right.T
    m, n = local.shape
    total, path = np.empty((m + 1, n + 1), np.float32), np.empty((m + n, 2), np.int32)
    length = trace(local, band, total, path)
    return Warping(float(total[m, n]) / (m + n), path[:length][::-1].copy(), local)
