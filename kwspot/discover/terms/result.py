"""What is said again and again: terms, each with its occurrences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from kwspot.base import Result
from kwspot.results import Occurrence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes

    from kwspot.audio import Source
    from kwspot.keyword import Keyword
    from kwspot.show.spans import Recordings

_CONTEXT = 1.5  # seconds around an occurrence from which its voice and room are learned


@dataclass(frozen=True, slots=True)
class Term(Result):
    """A word or phrase, or any sound, that recurs.

    Attributes
    ----------
    occurrences : tuple of Occurrence
        Where it is, the clearest first; each scores the probability that it is this term.
    worth : float
        Length times count times confidence, in seconds, without what better terms explain.

    Examples
    --------
    >>> places = Occurrence("a.wav", 0.5, 1.1, 0.9), Occurrence("b.wav", 0.1, 0.5, 0.7)
    >>> term = Term(places, 0.8)
    >>> len(term), term.confidence, term.duration
    (2, 0.8, 0.5)
    """

    FORMAT: ClassVar[str] = "kwspot.term/1"

    occurrences: tuple[Occurrence, ...]
    worth: float

    def __iter__(self) -> Iterator[Occurrence]:
        return iter(self.occurrences)

    def __len__(self) -> int:
        return len(self.occurrences)

    @property
    def confidence(self) -> float:
        """Mean score of the occurrences, 0 to 1."""
        return round(sum(item.score for item in self) / max(1, len(self)), 6)

    @property
    def duration(self) -> float:
        """Mean length in seconds."""
        return round(sum(item.duration for item in self) / max(1, len(self)), 6)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        places = tuple(Occurrence(**place) for place in fields["occurrences"])
        return cls(places, fields["worth"])

    def plot(self, ax: Axes | None = None, *, recordings: Recordings = None) -> Axes:
        """Draw the recordings that have it with its places, see `kwspot.Discovery.plot`."""
        from kwspot.show.spans import draw_lanes

        return draw_lanes(self.occurrences, ax, recordings)

    def _repr_html_(self) -> str:
        from kwspot.show.card import places_card

        told = {"count": len(self), "confidence": self.confidence, "seconds": self.duration}
        return places_card("Term", told, self.occurrences)

    def keyword(
        self,
        name: str = "term",
        *,
        recordings: Mapping[str, Source] | None = None,
        front_end: str = "cepstra",
        most: int = 10,
    ) -> Keyword:
        """Learn a keyword from the clearest occurrences.

        Parameters
        ----------
        name : str
            What detections call it.
        recordings : mapping of str to path, bytes, binary file object or tuple, optional
            The recordings by the name that occurrences give. Those that are missing here are read
            from the path of that name.
        front_end : str
            Which features it is recognised by.
        most : int
            Examples to learn from; each costs time when the keyword is spotted.

        Returns
        -------
        Keyword

        Raises
        ------
        AudioError
            If a recording cannot be read any more.

        Notes
        -----
        Each occurrence is heard with 1.5 s around it. O(n) for the recordings that hold them.
        """
        from kwspot.audio import digest, load
        from kwspot.features import front_end as front_end_named
        from kwspot.keyword import Keyword
        from kwspot.recording import Recording

        chosen, known = front_end_named(front_end), recordings or {}
        heard, places = [], []
        for item in self.occurrences[:most]:
            source = known.get(item.clip, item.clip)
            first = max(0, round((item.start - _CONTEXT) * chosen.rate))
            x = load(source, rate=chosen.rate)[first : round((item.end + _CONTEXT) * chosen.rate)]
            part = Recording.listen((x, chosen.rate), item.clip, chosen)
            heard.append(replace(part, digest=digest(source)))
            at = first / chosen.rate
            places.append(replace(item, start=item.start - at, end=item.end - at))
        keyword = Keyword.enrol(name, chosen, heard, places, self.confidence)
        examples = (
            replace(example, occurrence=item)
            for example, item in zip(keyword.examples, self.occurrences, strict=False)
        )
        return replace(keyword, examples=tuple(examples))


@dataclass(frozen=True, slots=True)
class Terms(Result):
    """Terms found in recordings, the worthiest first.

    Attributes
    ----------
    items : tuple of Term
        The terms.
    recordings : tuple of str
        The recordings that were searched, by name.
    seconds : float
        Their length together.

    Examples
    --------
    >>> term = Term((Occurrence("a.wav", 0.5, 1.1, 0.9), Occurrence("a.wav", 2.5, 3.1, 0.8)), 1.0)
    >>> terms = Terms((term,), ("a.wav",), 4.0)
    >>> Terms.from_json(terms.to_json()) == terms
    True
    >>> print(terms.table())
      term  count  length  confidence  clearest
         1      2    0.60        0.85  a.wav at 0.50
    """

    FORMAT: ClassVar[str] = "kwspot.terms/1"

    items: tuple[Term, ...]
    recordings: tuple[str, ...]
    seconds: float

    def __iter__(self) -> Iterator[Term]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, number: int) -> Term:
        return self.items[number]

    def table(self) -> str:
        """Return the terms as a table, one line for each."""
        lines = [f"{'term':>6}  {'count':>5}  {'length':>6}  {'confidence':>10}  clearest"]
        for number, term in enumerate(self, 1):
            best = term.occurrences[0]
            lines.append(
                f"{number:6}  {len(term):5}  {term.duration:6.2f}  {term.confidence:10.2f}"
                f"  {best.clip} at {best.start:.2f}"
            )
        return "\n".join(lines)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        items = tuple(Term.from_fields(term) for term in fields["items"])
        return cls(items, tuple(fields["recordings"]), fields["seconds"])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw where each term occurs, a lane for each recording, on `ax` or a new figure.

        A colour stands for each of the six worthiest terms; the others are grey.
        """
        from kwspot.show.terms import draw_terms

        return draw_terms(self, ax)

    def _repr_html_(self) -> str:
        from kwspot.show.card import places_card

        told = {"terms": len(self), "recordings": len(self.recordings), "seconds": self.seconds}
        words = [f"term {number}, {len(term)} times" for number, term in enumerate(self, 1)]
        return places_card("Terms", told, [term.occurrences[0] for term in self], words=words)
