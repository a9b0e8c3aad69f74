"""The report of `kwspot spot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.report.item import DOUBTFUL, Item
from kwspot.report.markup import Html, element, join
from kwspot.report.picture import clock
from kwspot.report.report import Report
from kwspot.report.table import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kwspot.audio import Source
    from kwspot.results import Detection, Detections

_CONTEXT = 2.0  # seconds
_MOST = 100  # places on a page of about 5 MB


def describe_detections(
    found: Sequence[Detections],
    recordings: Mapping[str, Source] | None = None,
    *,
    settings: Mapping[str, object] | None = None,
    about: str = "spot",
    most: int = _MOST,
) -> Report:
    """Describe places where keywords were found in recordings.

    Parameters
    ----------
    found : sequence of Detections
        One for each recording, from `kwspot.spot`.
    recordings : mapping of str to path, bytes, binary file object or tuple, optional
        The recordings by name. What is missing here is read from the path of that name.
    settings : mapping of str to object, optional
        How they were found, to be told.
    about : str
        The command that found them, ``spot`` or ``search``.
    most : int
        How many places to show; if there are more, the surest.

    Returns
    -------
    Report
        Its places can be judged; `kwspot.review.Review` reads what is then saved.

    Raises
    ------
    ValueError
        If `most` is not above 0.

    Examples
    --------
    >>> from kwspot.results import Detection, Detections
    >>> hits = Detections("a.wav", 3.0, (Detection("hello", 0.5, 1.1, 0.6),))
    >>> report = describe_detections([hits])
    >>> report.lead
    '1 place in 1 of 1 recording, 3 s.'
    >>> report.items[0].doubts
    ('Its score is below 0.75.',)
    """
    if most < 1:
        msg = f"most must be above 0, got {most}"
        raise ValueError(msg)
    every = [detection for one in found for detection in one]
    surest = sorted(every, key=lambda one: one.score, reverse=True)[:most]
    shown = [one for one in every if any(one is kept for kept in surest)]
    words = list(dict.fromkeys(one.keyword for one in every))
    holding, seconds = sum(len(one) > 0 for one in found), sum(one.duration for one in found)
    heading = "Where it was found" if len(words) == 1 else "What was found"
    if len(shown) < len(every):
        heading = f"The {len(shown)} surest of {len(every)} places"
    several = len(words) > 1
    return Report(
        kind="Keywords found" if about == "spot" else "Search",
        title=", ".join(words) or "Nothing found",
        lead=f"{_count(len(every), 'place')} in {holding} of {_count(len(found), 'recording')}, "
        f"{clock(round(seconds, 1))}{' s' if seconds < 60 else ''}.",
        items=tuple(_item(one, recordings or {}, several=several) for one in shown),
        context=_CONTEXT,
        review=about,
        sections=(_summary(found),) if len(found) > 1 else (),
        heading=heading,
        settings=settings or {},
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _item(one: Detection, recordings: Mapping[str, Source], *, several: bool) -> Item:
    return Item(
        recording=one.recording,
        source=recordings.get(one.recording, one.recording),
        word=one.keyword,
        start=one.start,
        end=one.end,
        score=one.score,
        mark="doubtful" if one.score < DOUBTFUL else "",
        doubts=(f"Its score is below {DOUBTFUL:g}.",) if one.score < DOUBTFUL else (),
        facts=(("keyword", one.keyword),) if several else (),
    )


def _summary(found: Sequence[Detections]) -> Html:
    """Return what each recording holds as a table."""
    rows = (
        (
            one.recording,
            f"{one.duration:.1f}",
            len(one),
            f"{max(hit.score for hit in one):.2f}" if len(one) else "-",
        )
        for one in found
    )
    summary = element("summary", f"All {len(found)} recordings")
    content = table("Recordings", ("recording", "length (s)", "places", "best score"), rows)
    return element("details", join([summary, content]))
