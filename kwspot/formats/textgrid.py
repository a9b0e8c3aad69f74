"""Praat's TextGrid: tiers of intervals without gap, those between the labels empty.

Both text forms are read, the long one is written, in which Praat saves. Scores are left out.
Source: the Praat manual, "TextGrid file formats".

Examples
--------
>>> from kwspot.formats import Label
>>> text = write([Label(0.5, 1.25, "hello", tier="words")], duration=3.0)
>>> read(text)
[Label(start=0.5, end=1.25, text='hello', score=None, tier='words', recording='')]
>>> [label.tier for label in read(add(text, [Label(1, 2, "bye", score=0.9)]))]
['words', 'bye']
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwspot.formats.format import labelled, refused
from kwspot.formats.praat import Tokens
from kwspot.formats.tiers import arranged, check_new

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.formats.label import Label

TITLE = "a TextGrid"
SUFFIXES = (".TextGrid",)
MANY = False

_STEP = 1e-6  # seconds
_INTERVALS = "IntervalTier"

# What a tier is called, what its entries, and how each begins.
_KINDS = {_INTERVALS: ("intervals", "text"), "TextTier": ("points", "mark")}


@dataclass(frozen=True, slots=True)
class _Entry:
    """An interval, or a point if both times are the same."""

    start: float
    end: float
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Tier:
    """A tier as it stands in the file."""

    kind: str
    name: str
    entries: list[_Entry]


@dataclass(frozen=True, slots=True)
class _Grid:
    """A TextGrid: `start` and `end` in seconds, and its tiers."""

    start: float
    end: float
    tiers: list[_Tier]


def matches(text: str) -> bool:
    """Tell by the class that the head names."""
    return "ooTextFile" in text[:100] and '"TextGrid"' in text[:200]


def read(text: str) -> list[Label]:
    """Read the intervals and points that have text, tier by tier."""
    return [
        labelled(entry.line, entry.start, entry.end, entry.text, tier=tier.name)
        for tier in _parsed(text).tiers
        for entry in tier.entries
        if entry.text.strip()
    ]


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write tiers of intervals."""
    tiers = _tiers(labels) or [_Tier(_INTERVALS, "labels", [])]  # Praat wants one at least
    return _serialised(_joined(_Grid(0.0, duration or 0.0, []), tiers))


def add(
    text: str, labels: Sequence[Label], duration: float | None = None, *, replace: bool = False
) -> str:
    """Add tiers after those that are there; all others stay."""
    grid, tiers = _parsed(text), _tiers(labels)
    new = {tier.name for tier in tiers}
    check_new(new, {tier.name for tier in grid.tiers}, replace=replace)
    kept = [tier for tier in grid.tiers if tier.name not in new]
    return _serialised(_joined(_Grid(grid.start, max(grid.end, duration or 0.0), kept), tiers))


def _joined(grid: _Grid, tiers: list[_Tier]) -> _Grid:
    """Return a grid with further tiers, as long as they need."""
    entries = [entry for tier in tiers for entry in tier.entries]
    start = min([grid.start, *(entry.start for entry in entries)])
    end = max([grid.end, *(entry.end for entry in entries)])
    return _Grid(start, end or 1.0, [*grid.tiers, *tiers])


def _tiers(labels: Sequence[Label]) -> list[_Tier]:
    """Make tiers of labels."""
    for label in labels:
        if not label.text.strip():
            raise refused(TITLE, "what has no text is a gap", label.text)
    return [
        _Tier(_INTERVALS, name, [_Entry(one.start, one.end, one.text) for one in tier])
        for name, tier in arranged(labels, TITLE, _STEP).items()
    ]


def _parsed(text: str) -> _Grid:
    """Read a whole file."""
    tokens = Tokens(text)
    tokens.header("TextGrid")
    start, end = tokens.number("xmin"), tokens.number("xmax")
    tiers = tokens.flag("exists") and tokens.count("the number of tiers")
    return _Grid(start, end, [_parsed_tier(tokens) for _ in range(tiers or 0)])


def _parsed_tier(tokens: Tokens) -> _Tier:
    """Read one tier."""
    kind = tokens.word("'IntervalTier' or 'TextTier'", known=_KINDS)
    name = tokens.word("the name of a tier")
    for own in ("xmin", "xmax"):
        tokens.number(own)  # all tiers are as long as the whole
    return _Tier(kind, name, [_entry(tokens, kind) for _ in range(tokens.count("a length"))])


def _entry(tokens: Tokens, kind: str) -> _Entry:
    """Read an interval or a point."""
    start = tokens.number("a time in seconds")
    line = tokens.line
    end = tokens.number("a time in seconds") if kind == _INTERVALS else start
    return _Entry(start, end, tokens.word("the text of a label"), line)


def _serialised(grid: _Grid) -> str:
    """Write a whole file."""
    parts = [
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
        f"xmin = {_time(grid.start)} \nxmax = {_time(grid.end)} \n"
        f"tiers? <exists> \nsize = {len(grid.tiers)} \nitem []: \n"
    ]
    for number, tier in enumerate(grid.tiers, 1):
        entries = list(_filled(tier.entries, grid)) if tier.kind == _INTERVALS else tier.entries
        each, words = _KINDS[tier.kind]
        parts.append(
            f"    item [{number}]:\n"
            f'        class = "{tier.kind}" \n        name = {_quoted(tier.name)} \n'
            f"        xmin = {_time(grid.start)} \n        xmax = {_time(grid.end)} \n"
            f"        {each}: size = {len(entries)} \n"
        )
        for place, entry in enumerate(entries, 1):
            times = (
                f"            xmin = {_time(entry.start)} \n"
                f"            xmax = {_time(entry.end)} \n"
                if tier.kind == _INTERVALS
                else f"            number = {_time(entry.start)} \n"
            )
            parts.append(
                f"        {each} [{place}]:\n{times}            {words} = {_quoted(entry.text)} \n"
            )
    return "".join(parts)


def _filled(entries: Sequence[_Entry], grid: _Grid) -> Iterator[_Entry]:
    """Yield intervals that follow each other from the beginning to the end."""
    at = grid.start
    for entry in entries:
        if entry.start > at:
            yield _Entry(at, entry.start, "")
        yield entry
        at = entry.end
    if at < grid.end or not entries:
        yield _Entry(at, grid.end, "")


def _time(seconds: float) -> str:
    """Write a time as short as it is exact."""
    return f"{seconds:.15g}"


def _quoted(text: str) -> str:
    """Put text in quotes, with quotes inside it doubled."""
    return '"' + text.replace('"', '""') + '"'
