"""What kwspot answers: frozen, iterable, and the same after a round trip through JSON."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from kwspot.base import Result
from kwspot.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes

    from kwspot.show.spans import Kind, Recordings


@dataclass(frozen=True, slots=True)
class Occurrence(Result):
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

    FORMAT: ClassVar[str] = "kwspot.occurrence/1"

    clip: str
    start: float
    end: float
    score: float
    present: bool = True

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return round(self.end - self.start, 6)

    def plot(
        self, ax: Axes | None = None, *, kind: Kind = "waveform", recordings: Recordings = None
    ) -> Axes:
        """Draw the place and half a second around it.

        Parameters
        ----------
        ax : Axes, optional
            What to draw on; by default a new figure.
        kind : {"waveform", "spectrogram"}
            What of the sound to draw.
        recordings : mapping of str to path, bytes, binary file object or tuple, optional
            The clip by its name; by default it is read from the path of that name.

        Raises
        ------
        AudioError
            If the clip cannot be read, and its spectrogram is asked for.
        MissingExtra
            If matplotlib is not installed.
        """
        from kwspot.show.spans import draw_place

        return draw_place(self, ax, kind, recordings)

    def _repr_html_(self) -> str:
        from kwspot.show.card import places_card

        return places_card("Occurrence", {}, (self,))


@dataclass(frozen=True, slots=True)
class Discovery(Result):
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

    FORMAT: ClassVar[str] = "kwspot.discovery/1"

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

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        rest = dict(fields)
        words = [rest.pop("occurrences"), *rest.pop("runners_up")]
        first, *others = (tuple(Occurrence(**item) for item in word) for word in words)
        told = rest.pop("evidence", None)
        evidence = Evidence.from_fields(told) if told is not None else None
        return cls(occurrences=first, runners_up=tuple(others), evidence=evidence, **rest)

    def plot(self, ax: Axes | None = None, *, recordings: Recordings = None) -> Axes:
        """Draw every clip with its place: the waveforms one above the other.

        Parameters
        ----------
        ax : Axes, optional
            What to draw on; by default a new figure.
        recordings : mapping of str to path, bytes, binary file object or tuple, optional
            The clips by name. Those that are missing here are read from the path of that name;
            of those that are not there either, only the places are drawn.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        """
        from kwspot.show.spans import draw_lanes

        return draw_lanes(self.occurrences, ax, recordings)

    def _repr_html_(self) -> str:
        told = {"method": self.method, "confidence": self.confidence}
        from kwspot.show.card import places_card

        return places_card("Discovery", told, self.occurrences)


@dataclass(frozen=True, slots=True)
class Detection(Result):
    """One place where a keyword was recognised.

    Attributes
    ----------
    keyword : str
        Name of the keyword.
    start, end : float
        Half-open span in seconds from the beginning of the recording.
    score : float
        0 to 1: the probability that this is the keyword, higher is surer.
    recording : str
        Name of the recording, empty for a stream. Detections are compared without it.
    """

    FORMAT: ClassVar[str] = "kwspot.detection/1"

    keyword: str
    start: float
    end: float
    score: float
    recording: str = field(default="", compare=False)

    def plot(
        self, ax: Axes | None = None, *, kind: Kind = "waveform", recordings: Recordings = None
    ) -> Axes:
        """Draw the place and half a second around it, see `Occurrence.plot`."""
        from kwspot.show.spans import draw_place

        return draw_place(self, ax, kind, recordings)

    def row(self) -> dict[str, Any]:
        """Return the fields, as they stand in a table of one recording: without its name.

        Examples
        --------
        >>> Detection("hello", 0.5, 1.1, 0.9, "a.wav").row()
        {'keyword': 'hello', 'start': 0.5, 'end': 1.1, 'score': 0.9}
        """
        return {name: getattr(self, name) for name in ("keyword", "start", "end", "score")}

    def _repr_html_(self) -> str:
        from kwspot.show.card import places_card

        return places_card("Detection", {}, (self,))


@dataclass(frozen=True, slots=True)
class Detections(Result):
    """All detections in one recording, in order of time.

    Attributes
    ----------
    recording : str
        Its name; the items are told.
    duration : float
        Its length in seconds.
    items : tuple of Detection
        In order of time.

    Examples
    --------
    >>> hits = Detections("a.wav", 3.0, (Detection("hello", 0.5, 1.1, 0.9),))
    >>> [hit.start for hit in hits.above(0.8)]
    [0.5]
    >>> Detections.from_json(hits.to_json()) == hits
    True
    """

    FORMAT: ClassVar[str] = "kwspot.detections/1"

    recording: str
    duration: float
    items: tuple[Detection, ...]

    def __post_init__(self) -> None:
        items = tuple(
            item if item.recording else replace(item, recording=self.recording)
            for item in self.items
        )
        object.__setattr__(self, "items", items)

    def __iter__(self) -> Iterator[Detection]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def above(self, score: float) -> Detections:
        """Return the detections that score enough.

        Parameters
        ----------
        score : float
            Least score to keep, 0 to 1.
        """
        kept = tuple(item for item in self.items if item.score >= score)
        return Detections(self.recording, self.duration, kept)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them."""
        return {
            "recording": self.recording,
            "duration": self.duration,
            "items": [item.row() for item in self],
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        items = tuple(Detection(**item) for item in fields["items"])
        return cls(fields["recording"], fields["duration"], items)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        kind: Kind | None = None,
        recordings: Recordings = None,
    ) -> Axes:
        """Draw one bar per detection, as high as its score; or mark them all in the recording.

        Parameters
        ----------
        ax : Axes, optional
            What to draw on; by default a new figure.
        kind : {"waveform", "spectrogram"}, optional
            What of the sound to draw instead of the scores.
        recordings : mapping of str to path, bytes, binary file object or tuple, optional
            The recording by its name; by default it is read from the path of that name.

        Raises
        ------
        AudioError
            If the recording cannot be read, and its spectrogram is asked for.
        MissingExtra
            If matplotlib is not installed.
        """
        if kind is None:
            from kwspot.show.scores import draw_detections

            return draw_detections(self, ax)
        from kwspot.show.spans import draw_recording

        return draw_recording(self, ax, kind, recordings)

    def _repr_html_(self) -> str:
        told = {"recording": self.recording, "found": len(self), "seconds": self.duration}
        from kwspot.show.card import places_card

        return places_card("Detections", told, self.items)


@dataclass(frozen=True, slots=True)
class Ranking(Result):
    """Which keyword an utterance is, the likeliest first.

    Attributes
    ----------
    recording : str
        The utterance as it was given.
    items : tuple of tuple (str, float)
        Name and probability, 0 to 1, of each keyword.

    Examples
    --------
    >>> ranking = Ranking("a.wav", (("yes", 0.9), ("no", 0.1)))
    >>> ranking.best
    'yes'
    >>> Ranking.from_json(ranking.to_json()) == ranking
    True
    """

    FORMAT: ClassVar[str] = "kwspot.ranking/1"

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

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        return cls(fields["recording"], tuple((name, score) for name, score in fields["items"]))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one bar per keyword, as long as its probability, on `ax` or a new figure."""
        from kwspot.show.scores import draw_ranking

        return draw_ranking(self, ax)
