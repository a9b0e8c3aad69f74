"""What an evaluation answers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from kwspot.results import parsed

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT = "kwspot.evaluation/1"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with its interval.

    Attributes
    ----------
    name : str
        What was measured, with its unit if it is no share from 0 to 1.
    value : float or None
        None where there is nothing to judge, as the precision of no detections.
    low, high : float or None
        95 % bootstrap interval; None where it cannot be told, as with a single group.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Detection error trade-off.

    Attributes
    ----------
    unit : str
        What false alarms are counted in: ``per hour``, or ``share``.
    threshold, miss, false_alarm : tuple of float
        One value per point, from the lowest threshold to the highest; misses as a share.
    """

    unit: str
    threshold: tuple[float, ...]
    miss: tuple[float, ...]
    false_alarm: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well keywords did.

    Attributes
    ----------
    task : str
        ``spotting`` or ``identification``.
    recordings : int
        How many were tested.
    seconds : float
        Their duration together.
    groups : int
        Over how many speakers or recordings the intervals are.
    grouped_by : str
        ``speaker`` or ``recording``.
    measures : dict of str to tuple of Measure
        By keyword; ``all`` keywords together first.
    curve : Curve
        Of all keywords together.
    reliability : tuple of tuple (float, float, int)
        Mean score, share that was right, and number, of scores in bins of equal width.
    confusion : dict of str to dict of str to int
        How often each true word was taken for each keyword; empty for spotting.

    Examples
    --------
    >>> curve = Curve("per hour", (0.5,), (0.1,), (2.0,))
    >>> found = Evaluation(
    ...     "spotting", 3, 60.0, 3, "recording", {"all": (Measure("recall", 0.9),)}, curve, ()
    ... )
    >>> Evaluation.from_json(found.to_json()) == found
    True
    >>> found["recall"].value
    0.9
    """

    task: str
    recordings: int
    seconds: float
    groups: int
    grouped_by: str
    measures: dict[str, tuple[Measure, ...]]
    curve: Curve
    reliability: tuple[tuple[float, float, int], ...]
    confusion: dict[str, dict[str, int]] | None = None

    def __getitem__(self, name: str) -> Measure:
        """Return the measure of that name over all keywords."""
        for measure in self.measures["all"]:
            if measure.name == name:
                return measure
        raise KeyError(name)

    def to_json(self) -> str:
        """Serialise to one line of JSON."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If it is something else.
        """
        fields = parsed(text, _FORMAT)
        measures = {
            keyword: tuple(Measure(**one) for one in some)
            for keyword, some in fields.pop("measures").items()
        }
        curve = fields.pop("curve")
        unit = curve.pop("unit")
        return cls(
            measures=measures,
            curve=Curve(unit, **{name: tuple(values) for name, values in curve.items()}),
            reliability=tuple((said, came, n) for said, came, n in fields.pop("reliability")),
            **fields,
        )

    def save_plot(self, path: str | Path) -> None:
        """Draw the trade-off and the reliability into a PNG file.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        OutputError
            If the file cannot be written.
        """
        from kwspot.evaluation.plot import draw

        draw(self, path)
