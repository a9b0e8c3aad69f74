"""How good found terms are, by the measures of spoken term discovery.

Truth is what was said: for each recording, by its name, ``(start, end, symbol)`` in seconds. Units
are the smallest parts known, best phones; `letters` makes them up from words. Words need not cover
a recording. Source of the measures: Ludusan et al., "Bridging the gap between speech technology and
natural language processing: an evaluation toolbox for term discovery systems", LREC 2014. Pairs and
occurrences are counted here as they are, not weighted by how often their type occurs.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kwspot.results import Occurrence

Spans: TypeAlias = "Mapping[str, Sequence[tuple[float, float, str]]]"
Found: TypeAlias = "Iterable[Iterable[Occurrence]]"

T = TypeVar("T")

_HALF, _SURE = 0.5, 0.03  # of a unit, or seconds of it, that an occurrence must hold


class Score(NamedTuple):
    """How good found terms are.

    Attributes
    ----------
    precision : float
        Share of what was found that is right, 0 to 1.
    recall : float
        Share of what is true that was found, 0 to 1.
    """

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean.

        Examples
        --------
        >>> Score(1.0, 0.5).f1.__round__(3), Score(0.0, 0.0).f1
        (0.667, 0.0)
        """
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def letters(words: Spans) -> dict[str, list[tuple[float, float, str]]]:
    """Return units made of words: their letters, evenly spread, where nobody marked phones.

    Parameters
    ----------
    words : mapping of str to sequence of (start, end, word)
        What was said in each recording, in seconds.

    Examples
    --------
    >>> letters({"a.wav": [(0.0, 0.5, "no")]})
    {'a.wav': [(0.0, 0.25, 'n'), (0.25, 0.5, 'o')]}
    """
    return {
        name: [
            (start + i * (end - start) / len(word), start + (i + 1) * (end - start) / len(word), c)
            for start, end, word in spans
            for i, c in enumerate(word)
        ]
        for name, spans in _checked(words).items()
    }


def coverage(terms: Found, units: Spans) -> float:
    """Return the share of all units that some occurrence holds, 0 to 1.

    Parameters
    ----------
    terms : iterable of iterable of Occurrence
        What was found.
    units : mapping of str to sequence of (start, end, symbol)
        Every unit of each recording, in seconds.

    Raises
    ------
    ValueError
        If a recording is not in `units`, or a span is empty.

    Notes
    -----
    A unit is held if half of it or 30 ms of it lie within. O(occurrences + units).

    Examples
    --------
    >>> from kwspot.results import Occurrence
    >>> coverage([[Occurrence("a", 0.0, 0.5, 1.0)]], {"a": [(0.0, 0.5, "n"), (0.5, 1.0, "o")]})
    0.5
    """
    checked = _checked(units)
    held = {(place.clip, i) for term in terms for place in term for i in _held(place, checked)}
    return len(held) / max(1, sum(map(len, checked.values())))


def edit_distance(terms: Found, units: Spans) -> float:
    """Return the normalised edit distance (NED) of the pairs of occurrences of each term, 0 to 1.

    Parameters are those of `coverage`.

    Raises
    ------
    ValueError
        If a recording is not in `units`, or a span is empty.

    Notes
    -----
    Levenshtein distance of the units that two occurrences hold over the longer number of units,
    averaged over all pairs of all terms; 0 if there is none. O(sum of m^2) for terms of m.

    Examples
    --------
    >>> from kwspot.results import Occurrence
    >>> term = [Occurrence("a", 0.0, 0.5, 1.0), Occurrence("a", 1.0, 1.5, 1.0)]
    >>> edit_distance([term], letters({"a": [(0.0, 0.5, "no"), (1.0, 1.5, "so")]}))
    0.5
    """
    counts: Counter[tuple[str, str]] = Counter()
    for spelled in _spelled(terms, units):
        counts.update((a, b) if a < b else (b, a) for a, b in combinations(spelled, 2))
    total = sum(counts.values())
    return sum(n * _distance(a, b) for (a, b), n in counts.items()) / max(1, total)


def grouping(terms: Found, units: Spans) -> Score:
    """Score which occurrences stand together: pairs that hold the same units are right.

    Parameters are those of `coverage`; returned is a `Score`, as by `boundary`.

    Raises
    ------
    ValueError
        If a recording is not in `units`, or a span is empty.

    Examples
    --------
    >>> from kwspot.results import Occurrence
    >>> term = [Occurrence("a", at, at + 0.5, 1.0) for at in (0.0, 1.0, 2.0)]
    >>> said = {"a": [(0.0, 0.5, "no"), (1.0, 1.5, "no"), (2.0, 2.5, "yes")]}
    >>> round(grouping([term], letters(said)).precision, 2), grouping([term], letters(said)).recall
    (0.33, 1.0)
    """
    spelled = _spelled(terms, units)
    return _pairs([[text for text in term if text] for term in spelled])


def boundary(terms: Found, words: Spans, units: Spans) -> Score:
    """Score where occurrences begin and end: at the beginning or end of a word is right.

    Parameters
    ----------
    terms : iterable of iterable of Occurrence
        What was found.
    words : mapping of str to sequence of (start, end, word)
        What was said in each recording, in seconds.
    units : mapping of str to sequence of (start, end, symbol)
        Every unit of each recording, in seconds.

    Returns
    -------
    Score

    Raises
    ------
    ValueError
        If a recording is not in `words` or `units`, or a span is empty.
    """
    checked = _checked(units)
    found = {edge for place in _places(terms) for edge in _edges(place.clip, _held(place, checked))}
    true = {edge for name, held in _word_units(words, checked) for edge in _edges(name, held)}
    return _compare(found, true)


def token(terms: Found, words: Spans, units: Spans) -> Score:
    """Score occurrences as words: those that hold exactly the units of a word are right.

    Parameters and what is returned are those of `boundary`.

    Raises
    ------
    ValueError
        If a recording is not in `words` or `units`, or a span is empty.
    """
    checked = _checked(units)
    found = {(place.clip, *_ends(_held(place, checked))) for place in _places(terms)}
    true = {(name, *_ends(held)) for name, held in _word_units(words, checked)}
    return _compare(found, true)


def type_(terms: Found, words: Spans, units: Spans) -> Score:
    """Score the vocabulary: an occurrence's units are right if they spell a word.

    Parameters and what is returned are those of `boundary`.

    Raises
    ------
    ValueError
        If a recording is not in `words` or `units`, or a span is empty.
    """
    checked = _checked(units)
    found = {text for term in _spelled(terms, units) for text in term if text}
    true = {
        "".join(checked[name][i][2] for i in held) for name, held in _word_units(words, checked)
    }
    return _compare(found, true)


def labelling(terms: Found, labels: Spans, *, overlap: float = 0.5) -> Score:
    """Score terms as classes of hand-labelled units: each class counts for one label at most.

    Parameters
    ----------
    terms : iterable of iterable of Occurrence
        What was found.
    labels : mapping of str to sequence of (start, end, symbol)
        Every unit of each recording.
    overlap : float
        Intersection over union at which an occurrence is a unit.

    Returns
    -------
    Score
        Of all occurrences and all units, when terms are assigned to labels one to one so that
        most are right. What belongs to no assigned term is wrong.

    Raises
    ------
    ValueError
        If a recording is not in `labels`, or a span is empty.

    Examples
    --------
    >>> from kwspot.results import Occurrence
    >>> term = [Occurrence("a", at, at + 0.1, 1.0) for at in (0.0, 1.0)]
    >>> labelling([term], {"a": [(0.0, 0.1, "x"), (1.0, 1.1, "y"), (2.0, 2.1, "x")]})
    Score(precision=0.5, recall=0.3333333333333333)
    """
    from scipy.optimize import linear_sum_assignment

    checked = _checked(labels)
    symbols = sorted({symbol for spans in checked.values() for _, _, symbol in spans})
    listed = [list(term) for term in terms]
    right = np.zeros((len(listed), len(symbols)), np.int64)
    for row, term in enumerate(listed):
        units = {_unit_at(place, checked, overlap) for place in term} - {None}
        for symbol, count in Counter(symbol for *_, symbol in filter(None, units)).items():
            right[row, symbols.index(symbol)] = count
    hits = int(right[linear_sum_assignment(-right)].sum())
    found, true = sum(map(len, listed)), sum(map(len, checked.values()))
    return Score(hits / max(1, found), hits / max(1, true))


def purity(term: Iterable[Occurrence], words: Spans, *, overlap: float = 0.5) -> tuple[str, float]:
    """Return the word that most occurrences of a term are, and the share of them that are.

    Parameters
    ----------
    term : iterable of Occurrence
        One term.
    words : mapping of str to sequence of (start, end, word)
        What was said in each recording, in seconds.
    overlap : float
        Intersection over union at which an occurrence is a word, 0 to 1.

    Raises
    ------
    ValueError
        If a recording is not in `words`, or a span is empty.

    Examples
    --------
    >>> from kwspot.results import Occurrence
    >>> purity([Occurrence("a", 0.0, 0.5, 1.0)], {"a": [(0.0, 0.6, "no")]})
    ('no', 1.0)
    """
    checked = _checked(words)
    units = [_unit_at(place, checked, overlap) for place in term]
    counts = Counter(unit[-1] for unit in units if unit is not None)
    word, count = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return word, count / max(1, len(units))


def _unit_at(place: Occurrence, labels: Spans, overlap: float) -> tuple[str, float, str] | None:
    """Return recording, start and symbol of the unit that a place is, None if it is none."""
    best, unit = overlap, None
    for start, end, symbol in _of(place.clip, labels):
        shared = min(end, place.end) - max(start, place.start)
        value = shared / (max(end, place.end) - min(start, place.start))
        if value >= best:
            best, unit = value, (place.clip, start, symbol)
    return unit


def _checked(spans: Spans) -> Spans:
    """Refuse spans that are none."""
    for name, items in spans.items():
        for start, end, symbol in items:
            if not start < end or not symbol:
                msg = f"{name}: expected start < end and a symbol, got {(start, end, symbol)}"
                raise ValueError(msg)
    return spans


def _of(name: str, spans: Spans) -> Sequence[tuple[float, float, str]]:
    if name not in spans:
        msg = f"no truth is given for the recording {name!r}"
        raise ValueError(msg)
    return spans[name]


def _places(terms: Found) -> list[Occurrence]:
    return [place for term in terms for place in term]


def _held(place: Occurrence, units: Spans) -> list[int]:
    """Return which units a place holds: half of them, or 30 ms."""
    held = []
    for i, (start, end, _) in enumerate(_of(place.clip, units)):
        shared = min(end, place.end) - max(start, place.start)
        if shared >= min(_HALF * (end - start), _SURE) - 1e-9:
            held.append(i)
    return held


def _spelled(terms: Found, units: Spans) -> list[list[str]]:
    """Return for each term what its occurrences spell."""
    checked = _checked(units)
    return [
        ["".join(checked[place.clip][i][2] for i in _held(place, checked)) for place in term]
        for term in terms
    ]


def _word_units(words: Spans, units: Spans) -> list[tuple[str, list[int]]]:
    """Return for each word its recording and the units whose middle it holds."""
    return [
        (name, held)
        for name, spans in _checked(words).items()
        for start, end, _ in spans
        if (
            held := [
                i for i, (a, b, _) in enumerate(_of(name, units)) if start <= (a + b) / 2 < end
            ]
        )
    ]


def _ends(held: list[int]) -> tuple[int, int]:
    return (held[0], held[-1]) if held else (-1, -1)


def _edges(name: str, held: list[int]) -> list[tuple[str, int]]:
    """Return the two boundaries of a run of units, by the unit that follows."""
    return [(name, held[0]), (name, held[-1] + 1)] if held else []


def _compare(found: set[T], true: set[T]) -> Score:
    hits = len(found & true)
    return Score(hits / max(1, len(found)), hits / max(1, len(true)))


def _pairs(groups: Sequence[Sequence[str]]) -> Score:
    """Score pairs within groups against pairs of equal texts."""
    total = Counter(text for group in groups for text in group)
    right = sum(_choose(n) for group in groups for n in Counter(group).values())
    together = sum(_choose(len(group)) for group in groups)
    equal = sum(_choose(n) for n in total.values())
    return Score(right / max(1, together), right / max(1, equal))


def _choose(n: int) -> int:
    return n * (n - 1) // 2


def _distance(a: str, b: str) -> float:
    """Return the edit distance of two texts over the longer length."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1] / max(1, len(a), len(b))
