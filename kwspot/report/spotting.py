"""The reports of `kwspot spot` and of searches: places where keywords were found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from kwspot.report.item import DOUBTFUL, Item
from kwspot.report.markup import Html, element, join
from kwspot.report.picture import clock
from kwspot.report.report import Report
from kwspot.report.table import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kwspot.audio import Source
    from kwspot.results import Detections

_CONTEXT = 2.0  # seconds
_MOST = 100  # places on a page of about 5 MB


class Found(Protocol):
    """A place where a keyword was found: a detection, or a hit in an archive."""

    @property
    def recording(self) -> str:
        """Name of the recording."""
        ...

    @property
    def keyword(self) -> str:
        """Name of the keyword."""
        ...

    @property
    def start(self) -> float:
        """Begin in seconds."""
        ...

    @property
    def end(self) -> float:
        """End in seconds."""
        ...

    @property
    def score(self) -> float:
        """0 to 1, higher is surer."""
        ...


Kind = TypeVar("Kind", bound=Found)


def describe_detections(
    found: Sequence[Detections],
    recordings: Mapping[str, Source] | None = None,
    *,
    settings: Mapping[str, object] | None = None,
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
    every = [detection for one in found for detection in one]
    surest = _surest(every, most)
    shown = [one for one in every if id(one) in {id(kept) for kept in surest}]
    holding, seconds = sum(len(one) > 0 for one in found), sum(one.duration for one in found)
    return Report(
        kind="Keywords found",
        title=_words(every),
        lead=f"{_count(len(every), 'place')} in {holding} of {_count(len(found), 'recording')}, "
        f"{clock(round(seconds, 1))}{' s' if seconds < 60 else ''}.",
        items=_items(shown, recordings or {}),
        context=_CONTEXT,
        review="spot",
        sections=(_summary(found),) if len(found) > 1 else (),
        heading=_heading(shown, every),
        settings=settings or {},
    )


def describe_hits(
    hits: Sequence[Found],
    recordings: Mapping[str, Source] | None = None,
    *,
    hours: float,
    settings: Mapping[str, object] | None = None,
    most: int = _MOST,
) -> Report:
    """Describe places that a search of archives found, the surest first.

    Parameters
    ----------
    hits : sequence of objects with recording, keyword, start, end and score
        In the order to show them.
    recordings : mapping of str to path, bytes, binary file object or tuple, optional
        The recordings by name. What is missing here is read from the path of that name; if nothing
        is there any more, the page says so.
    hours : float
        How much was searched.
    settings : mapping of str to object, optional
        How they were found, to be told.
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
    >>> from kwspot.results import Detection
    >>> report = describe_hits([Detection("hello", 0.5, 1.1, 0.9, "gone.wav")], hours=3)
    >>> report.lead, report.doubts
    ('1 place, 3 h searched.', ('gone.wav is not there any more, and cannot be heard.',))
    """
    sources = recordings or {}
    names = dict.fromkeys(hit.recording for hit in hits)
    gone = [name for name in names if name not in sources and not Path(name).is_file()]
    there = [hit for hit in hits if hit.recording not in gone]
    shown = _surest(there, most)
    return Report(
        kind="Search",
        title=_words(hits),
        lead=f"{_count(len(hits), 'place')}, {hours:.3g} h searched.",
        items=_items(shown, sources),
        context=_CONTEXT,
        review="search",
        doubts=tuple(f"{name} is not there any more, and cannot be heard." for name in gone),
        heading=_heading(shown, hits),
        settings=settings or {},
    )


def _surest(found: Sequence[Kind], most: int) -> list[Kind]:
    """Return so many, the surest first; equal ones keep their order."""
    if most < 1:
        msg = f"most must be above 0, got {most}"
        raise ValueError(msg)
    return sorted(found, key=lambda one: one.score, reverse=True)[:most]


def _words(found: Sequence[Found]) -> str:
    return ", ".join(dict.fromkeys(one.keyword for one in found)) or "Nothing found"


def _heading(shown: Sequence[Found], every: Sequence[Found]) -> str:
    if len(shown) < len(every):
        return f"{len(shown)} of {len(every)} places, the surest"
    return "Where it was found"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _items(shown: Sequence[Found], recordings: Mapping[str, Source]) -> tuple[Item, ...]:
    several = len({one.keyword for one in shown}) > 1
    return tuple(
        Item(
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
        for one in shown
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
