"""What kwspot answers: frozen, iterable, and the same after a round trip through JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from kwspot.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where one clip holds the word.

    Attributes
    ----------
    clip : str
        The clip as it was given: a path, or ``clip 1``, ``clip 2``, ... for samples.
    start, end : float
        Half-open span in seconds.
    score : float
        0 to 1: how well this place agrees with the other occurrences.
    present : bool
        False if the clip does not seem to hold the word; the span is then the best guess.

    Examples
    --------
    >>> Occurrence("a.wav", 0.5, 1.1, 0.93).duration
    0.6
    """

    clip: str
    start: float
    end: float
    score: float
    present: bool = True

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return round(self.end - self.start, 6)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The word that several clips share, and where each has it.

    Attributes
    ----------
    occurrences : tuple of Occurrence
        One per clip, in the clips' order; or, if every occurrence was asked for, at least one per
        clip, in order of the clips and of time.
    confidence : float
        0 to 1: how sure it is that this is the shared word.
    method, front_end : str
        How it was found.
    runners_up : tuple of tuple of Occurrence
        Other words that most clips share, the surest first; one occurrence per clip.
    evidence : Evidence or None
        What speaks for this word, if the method can tell.

    Examples
    --------
    >>> found = Discovery((Occurrence("a.wav", 0.5, 1.1, 0.93),), 0.8, "consensus", "cepstra")
    >>> Discovery.from_json(found.to_json()) == found
    True
    """

    occurrences: tuple[Occurrence, ...]
    confidence: float
    method: str
    front_end: str
    runners_up: tuple[tuple[Occurrence, ...], ...] = ()
    evidence: Evidence | None = None

    def __iter__(self) -> Iterator[Occurrence]:
        return iter(self.occurrences)

    def __len__(self) -> int:
        return len(self.occurrences)

    @property
    def absent(self) -> tuple[str, ...]:
        """The clips that do not seem to hold the word."""
        return tuple(item.clip for item in self if not item.present)

    def to_json(self) -> str:
        """Serialise to one line of JSON."""
        return json.dumps({"format": "kwspot.discovery/1", **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = parsed(text, "kwspot.discovery/1")
        words = [fields.pop("occurrences"), *fields.pop("runners_up")]
        first, *others = (tuple(Occurrence(**item) for item in word) for word in words)
        told = fields.pop("evidence", None)
        evidence = Evidence.from_fields(told) if told is not None else None
        return cls(occurrences=first, runners_up=tuple(others), evidence=evidence, **fields)


@dataclass(frozen=True, slots=True)
class Detection:
    """One place where a keyword was recognised.

    Attributes
    ----------
    keyword : str
        Name of the keyword.
    start, end : float
        Half-open span in seconds from the beginning of the recording.
    score : float
        0 to 1: the probability that this is the keyword, higher is surer.
    """

    keyword: str
    start: float
    end: float
    score: float


@dataclass(frozen=True, slots=True)
class Detections:
    """All detections in one recording, in order of time.

    Examples
    --------
    >>> hits = Detections("a.wav", 3.0, (Detection("hello", 0.5, 1.1, 0.9),))
    >>> [hit.start for hit in hits.above(0.8)]
    [0.5]
    >>> Detections.from_json(hits.to_json()) == hits
    True
    """

    recording: str
    duration: float
    items: tuple[Detection, ...]

    def __iter__(self) -> Iterator[Detection]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def above(self, score: float) -> Detections:
        """Keep the detections that score at least `score`."""
        kept = tuple(item for item in self.items if item.score >= score)
        return Detections(self.recording, self.duration, kept)

    def to_json(self) -> str:
        """Serialise to one line of JSON."""
        return json.dumps({"format": "kwspot.detections/1", **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = parsed(text, "kwspot.detections/1")
        return cls(items=tuple(Detection(**item) for item in fields.pop("items")), **fields)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Which keyword an utterance is, the likeliest first.

    Examples
    --------
    >>> ranking = Ranking("a.wav", (("yes", 0.9), ("no", 0.1)))
    >>> ranking.best
    'yes'
    >>> Ranking.from_json(ranking.to_json()) == ranking
    True
    """

    recording: str
    items: tuple[tuple[str, float], ...]

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def best(self) -> str:
        """The name of the likeliest keyword."""
        return self.items[0][0]

    def to_json(self) -> str:
        """Serialise to one line of JSON."""
        return json.dumps({"format": "kwspot.ranking/1", **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = parsed(text, "kwspot.ranking/1")
        return cls(items=tuple((name, score) for name, score in fields.pop("items")), **fields)


def parsed(text: str, expected: str) -> dict[str, Any]:
    """Parse JSON text and check that it is of the expected format."""
    fields = json.loads(text)
    found = fields.pop("format", None) if isinstance(fields, dict) else None
    if found != expected:
        msg = f"expected JSON of format {expected!r}, got {found!r}"
        raise ValueError(msg)
    return dict(fields)
