"""What an evaluation answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from kwspot.base import Result

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Measure(Result):
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

    FORMAT: ClassVar[str] = "kwspot.measure/1"

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the value with its interval on `ax` or a new figure."""
        from kwspot.show.evaluation import draw_measures

        return draw_measures({self.name: self}, ax)


@dataclass(frozen=True, slots=True)
class Curve(Result):
    """Detection error trade-off.

    Attributes
    ----------
    unit : str
        What false alarms are counted in: ``per hour``, or ``share``.
    threshold, miss, false_alarm : tuple of float
        One value per point, from the lowest threshold to the highest; misses as a share.
    """

    FORMAT: ClassVar[str] = "kwspot.curve/1"

    unit: str
    threshold: tuple[float, ...]
    miss: tuple[float, ...]
    false_alarm: tuple[float, ...]

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        points = (tuple(fields[name]) for name in ("threshold", "miss", "false_alarm"))
        return cls(fields["unit"], *points)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw misses against false alarms on `ax` or a new figure."""
        from kwspot.show.evaluation import draw_curve

        return draw_curve(self, ax)


@dataclass(frozen=True, slots=True)
class Evaluation(Result):
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

    FORMAT: ClassVar[str] = "kwspot.evaluation/1"

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

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        rest = dict(fields)
        measures = {
            keyword: tuple(Measure(**one) for one in some)
            for keyword, some in rest.pop("measures").items()
        }
        reliability = tuple((said, came, n) for said, came, n in rest.pop("reliability"))
        curve = Curve.from_fields(rest.pop("curve"))
        return cls(measures=measures, curve=curve, reliability=reliability, **rest)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        kind: Literal["trade-off", "reliability", "measures", "confusion"] = "trade-off",
    ) -> Axes:
        """Draw how good it is.

        Parameters
        ----------
        ax : Axes, optional
            What to draw on; by default a new figure.
        kind : {"trade-off", "reliability", "measures", "confusion"}
            Misses against false alarms; how often scores came true; the figures that are shares,
            of all keywords together, with their intervals; or which word was taken for which.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        ValueError
            If there is no such kind; what is spotted has no confusion.
        """
        from kwspot.show.evaluation import draw_evaluation

        return draw_evaluation(self, ax, kind)

    def save_plot(self, path: str | Path) -> None:
        """Draw the trade-off and the reliability into a PNG file.

        Parameters
        ----------
        path : path
            File to write or replace.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        OutputError
            If the file cannot be written.
        """
        from kwspot.show.evaluation import save

        save(self, path)
