"""Why a word was taken for the one that clips share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from kwspot.base import Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Evidence(Result):
    """What speaks for the word that was found, and what each clip adds to it.

    Scores are evidence without a unit: 0 is what sounds reach by chance, more is surer.

    Attributes
    ----------
    clips : tuple of str
        The K clips that were compared, without copies.
    candidates : tuple of int
        How many places of each were compared.
    agreement : tuple of tuple of float
        K x K: evidence that the places chosen in two clips are one word. The diagonal is 0.
    margin : float or None
        By how much the word scores above the runner-up; None if there is no other.
    left_out : tuple of float
        The same margin with each of the clips left out: below 0 another word would be preferred.
        Empty if there are only two clips, or there is no other word.

    Examples
    --------
    >>> links = ((0.0, 2.0, 1.5), (2.0, 0.0, 0.5), (1.5, 0.5, 0.0))
    >>> evidence = Evidence(("a", "b", "c"), (80, 95, 70), links, 0.8, (0.6, -0.1, 0.9))
    >>> round(evidence.stability, 2), evidence.mean_agreement
    (0.67, (1.75, 1.25, 1.0))
    """

    FORMAT: ClassVar[str] = "kwspot.evidence/1"

    clips: tuple[str, ...]
    candidates: tuple[int, ...]
    agreement: tuple[tuple[float, ...], ...]
    margin: float | None
    left_out: tuple[float, ...]

    @property
    def mean_agreement(self) -> tuple[float, ...]:
        """What the place chosen in each clip has with those in the others, on average."""
        return tuple(sum(row) / (len(row) - 1) for row in self.agreement)

    @property
    def stability(self) -> float | None:
        """Share of the clips that can be left out with the same result; None if unknown."""
        if not self.left_out:
            return None
        return sum(margin > 0 for margin in self.left_out) / len(self.left_out)

    def in_order(self, order: Sequence[int]) -> Self:
        """Return the same with the clips in another order.

        Parameters
        ----------
        order : sequence of int
            The old numbers of all clips.

        Examples
        --------
        >>> Evidence(("a", "b"), (80, 95), ((0.0, 2.0), (2.0, 0.0)), 0.8, ()).in_order([1, 0]).clips
        ('b', 'a')
        """
        return replace(
            self,
            clips=tuple(self.clips[i] for i in order),
            candidates=tuple(self.candidates[i] for i in order),
            agreement=tuple(tuple(self.agreement[i][j] for j in order) for i in order),
            left_out=tuple(self.left_out[i] for i in order) if self.left_out else (),
        )

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        return cls(
            clips=tuple(fields["clips"]),
            candidates=tuple(fields["candidates"]),
            agreement=tuple(tuple(row) for row in fields["agreement"]),
            margin=fields["margin"],
            left_out=tuple(fields["left_out"]),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how well the places chosen in any two clips agree, on `ax` or a new figure."""
        from kwspot.show.agreement import draw_agreement

        return draw_agreement(self, ax)
