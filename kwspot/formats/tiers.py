"""Labels as tiers, in which no two overlap: for TextGrid and ELAN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kwspot.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kwspot.formats.label import Label

_UNNAMED = "labels"


def arranged(labels: Sequence[Label], title: str, step: float) -> dict[str, list[Label]]:
    """Sort labels into tiers, each in the order of time and without overlap.

    A label stands in the tier that it names; a detection that names none in one for its keyword.
    What overlaps goes to a further tier, ``hello (2)``.

    Parameters
    ----------
    labels : sequence of Label
        In any order.
    title : str
        The format, for messages.
    step : float
        Seconds to which times are rounded; a shorter label becomes one step long.

    Raises
    ------
    FormatError
        If a label is a point in time.

    Notes
    -----
    O(n log n), as long as few overlap.

    Examples
    --------
    >>> from kwspot.formats import Label
    >>> both = [Label(0, 2, "a", tier="x"), Label(1, 3, "b", tier="x"), Label(2, 3, "c", tier="x")]
    >>> {name: [label.text for label in tier] for name, tier in arranged(both, "A", 1.0).items()}
    {'x': ['a', 'c'], 'x (2)': ['b']}
    """
    found: dict[str, list[Label]] = {}
    for label in sorted(labels, key=lambda label: label.start):
        if label.start == label.end:
            raise FormatError(
                f"{title} cannot hold {label.text!r} at {label.start:g} s: it is a point in time",
                hint="give it a duration, or choose another format",
            )
        start = round(label.start / step)
        end = max(round(label.end / step), start + 1)
        exact = replace(label, start=round(start * step, 6), end=round(end * step, 6))
        found.setdefault(_lane(found, name_of(label), exact.start), []).append(exact)
    return found


def name_of(label: Label) -> str:
    """Return the tier that a label belongs to.

    Examples
    --------
    >>> from kwspot.formats import Label
    >>> name_of(Label(0, 1, "hello", score=0.9)), name_of(Label(0, 1, "hello"))
    ('hello', 'labels')
    """
    return label.tier or (_UNNAMED if label.score is None else label.text)


def _lane(tiers: dict[str, list[Label]], name: str, start: float) -> str:
    """Return the first tier of a name that is free from `start` on."""
    lane, number = name, 1
    while lane in tiers and tiers[lane][-1].end > start:
        number += 1
        lane = f"{name} ({number})"
    return lane


def check_new(names: Collection[str], there: Collection[str], *, replace: bool) -> None:
    """Refuse tiers that are there already, unless they may be replaced.

    Raises
    ------
    FormatError
        If one is there.
    """
    clash = [name for name in names if name in there]
    if clash and not replace:
        raise FormatError(
            f"there is already a tier {clash[0]!r}",
            hint="give --tier another name, or --force to replace that tier alone",
        )
