"""Raven's selection table: one row per label, columns parted by tabs and named in the first line.

The columns are those of Raven Pro, and BirdNET's are read too. Tiers are left out.
Source: the Raven Pro User's Manual, "Selection tables".

Examples
--------
>>> from kwspot.formats import Label
>>> read(write([Label(0.5, 1.25, "wren", score=0.9, recording="dawn.wav")]))
[Label(start=0.5, end=1.25, text='wren', score=0.9, tier='', recording='dawn.wav')]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kwspot.formats.format import first_line, in_order, labelled, lines, malformed, number, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kwspot.formats.label import Label

TITLE = "a Raven selection table"
SUFFIXES = (".selections.txt", ".txt")
MANY = False

_BEGIN, _END, _OFFSET = "Begin Time (s)", "End Time (s)", "File Offset (s)"
_COLUMNS = (
    "Selection",
    "View",
    "Channel",
    _BEGIN,
    _END,
    "Low Freq (Hz)",
    "High Freq (Hz)",
    "Begin Path",
    "Annotation",
    "Score",
)
_BAND = 0.0, 8000.0  # Hz, what kwspot listens to: Raven draws no box without a band
_TEXT = "Annotation", "Common Name", "Species"
_SCORE = "Score", "Confidence"
_FILE = "Begin Path", "Begin File"


def matches(text: str) -> bool:
    """Tell by the name of the column of times."""
    return _BEGIN in first_line(text)


def read(text: str) -> list[Label]:
    """Read a selection table; a selection that is listed once for each view is taken once.

    In a table about several files, times are counted from the beginning of each.
    """
    rows = lines(text.lstrip("\n"))
    header = next(rows)[1].split("\t")
    for column in (_BEGIN, _END):
        if column not in header:
            raise malformed(1, f"a column {column!r}", header)
    found: dict[object, Label] = {}
    for line, row in rows:
        if row.strip():
            cells = dict(zip(header, row.split("\t"), strict=False))
            found.setdefault(cells.get("Selection", line), _label(cells, line))
    return list(found.values())


def _label(cells: dict[str, str], line: int) -> Label:
    """Read one row."""
    start = number(cells.get(_BEGIN), f"a number in the column {_BEGIN!r}", line)
    end = number(cells.get(_END), f"a number in the column {_END!r}", line)
    if cells.get(_OFFSET):
        offset = number(cells[_OFFSET], f"a number in the column {_OFFSET!r}", line)
        start, end = offset, offset + (end - start)
    score = _first(cells, _SCORE)
    return labelled(
        line,
        start,
        end,
        _first(cells, _TEXT),
        score=number(score, "a score", line) if score else None,
        recording=_first(cells, _FILE),
    )


def _first(cells: dict[str, str], columns: Iterable[str]) -> str:
    """Return the first of several cells that is not empty."""
    return next(filter(None, map(cells.get, columns)), "")


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write a selection table for the first channel, over all frequencies that kwspot hears."""
    rows = ["\t".join(_COLUMNS)]
    for place, label in enumerate(in_order(labels), 1):
        for name in (label.text, label.recording):
            if re.search(r"[\t\n\r]", name):
                raise refused(TITLE, "tabs and line ends part its columns", name)
        score = "" if label.score is None else repr(float(label.score))
        rows.append(
            f"{place}\tSpectrogram 1\t1\t{label.start:.6f}\t{label.end:.6f}\t{_BAND[0]:.1f}\t"
            f"{_BAND[1]:.1f}\t{label.recording}\t{label.text}\t{score}"
        )
    return "\n".join(rows) + "\n"
