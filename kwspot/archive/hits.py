"""What a search of archives answers: places, the surest first."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

from kwspot.base import parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SAME = 0.5  # of two hits that share more of the shorter one, the surer counts


class Found(NamedTuple):
    """A place whose cost is exact; ordered by that.

    Attributes
    ----------
    cost : float
        What `kwspot.spot` would make of it, before calibration.
    recording : str
        Path of the recording.
    end, start : int
        Its frames are `start` up to `end`.
    keyword : int
        Number of the keyword.
    archive : str
        Where the recording is archived.
    """

    cost: float
    recording: str
    end: int
    start: int
    keyword: int
    archive: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One place in an archive where a keyword was recognised.

    Attributes
    ----------
    archive : str
        URL of the archive.
    recording : str
        Path of the recording when it was indexed.
    keyword : str
        Name of the keyword.
    start, end : float
        Half-open span in seconds from the beginning of the recording.
    score : float
        0 to 1, as `kwspot.spot` gives it.
    """

    archive: str
    recording: str
    keyword: str
    start: float
    end: float
    score: float


@dataclass(frozen=True, slots=True)
class Hits:
    """Places in archives, for each keyword the surest first.

    Attributes
    ----------
    items : tuple of Hit
    hours : float
        How much was searched.

    Examples
    --------
    >>> hits = Hits((Hit("talks", "/a.wav", "hello", 0.5, 1.1, 0.9),), 3.0)
    >>> [hit.start for hit in hits], Hits.from_json(hits.to_json()) == hits
    ([0.5], True)
    """

    items: tuple[Hit, ...]
    hours: float

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def to_json(self) -> str:
        """Return the hits as one line of JSON."""
        return json.dumps({"format": "kwspot.hits/1", **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str
            The JSON.
        """
        fields = parsed(text, "kwspot.hits/1")
        return cls(items=tuple(Hit(**item) for item in fields.pop("items")), **fields)


def best(found: Iterable[Found], count: int) -> list[Found]:
    """Return the cheapest places of one keyword that are not about the same sound.

    Ties go by path and time, so that the order in which they were found changes nothing.

    Parameters
    ----------
    found : iterable of Found
        In any order.
    count : int
        How many to return at most.

    Examples
    --------
    >>> places = [Found(0.3, "a", 20, 10, 0, ""), Found(0.2, "a", 22, 10, 0, "")]
    >>> [place.end for place in best(places, 5)]
    [22]
    """
    kept: list[Found] = []
    beside: dict[tuple[str, str], list[Found]] = {}
    for one in sorted(found):
        if len(kept) == count:
            break
        others = beside.setdefault((one.archive, one.recording), [])
        if not any(_shared(one, other) > _SAME for other in others):
            others.append(one)
            kept.append(one)
    return kept


def _shared(a: Found, b: Found) -> float:
    shared = min(a.end, b.end) - max(a.start, b.start)
    return shared / max(min(a.end - a.start, b.end - b.start), 1)
