"""What every answer can do: become JSON and come back, and show itself in a notebook."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False)  # what has no fields is not all the same
class Result:
    """An answer. Its kinds are frozen dataclasses, each with its own format and picture.

    Examples
    --------
    >>> from kwspot.results import Occurrence
    >>> place = Occurrence("a.wav", 0.5, 1.1, 0.93)
    >>> Occurrence.from_json(place.to_json()) == place
    True
    """

    FORMAT: ClassVar[str]

    def to_json(self) -> str:
        """Serialise to one line of JSON."""
        return json.dumps({"format": self.FORMAT, **self.to_fields()}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str
            JSON of the same kind of answer.

        Raises
        ------
        ValueError
            If it is something else.
        """
        return cls.from_fields(parsed(text, cls.FORMAT))

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them."""
        return asdict(self)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile.

        Parameters
        ----------
        fields : mapping of str to anything
            All of them.
        """
        return cls(**fields)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it on `ax` or a new figure.

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
        raise NotImplementedError

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the figures, and the picture if there is matplotlib."""
        from kwspot.show.card import card

        return card(self)


def parsed(text: str, expected: str) -> dict[str, Any]:
    """Parse JSON text and check that it is of the expected format.

    Raises
    ------
    ValueError
        If it is not.
    """
    fields = json.loads(text)
    found = fields.pop("format", None) if isinstance(fields, dict) else None
    if found != expected:
        msg = f"expected JSON of format {expected!r}, got {found!r}"
        raise ValueError(msg)
    return dict(fields)
