r"""CSV: a row per label, columns named in the first line, as `kwspot spot --format csv` writes it.

Other common names of columns are read too, and semicolons or tabs between them, as spreadsheets
write where the comma is the decimal sign.

Examples
--------
>>> from kwspot.formats import Label
>>> print(write([Label(0.5, 1.25, "hello", score=0.9, recording="a.wav")]), end="")
audio,keyword,start,end,score
a.wav,hello,0.5,1.25,0.9
>>> read("Label;Onset;Offset\nwren;0,5;1,25\n")
[Label(start=0.5, end=1.25, text='wren', score=None, tier='', recording='')]
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Literal

from kwspot.formats.format import first_line, in_order, labelled, malformed, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.formats.label import Label

TITLE = "CSV"
SUFFIXES = (".csv", ".tsv")
MANY = True

_FIELDS = ("audio", "keyword", "start", "end", "score")

# What a column may be called, small letters.
_NAMES = {
    "recording": ("audio", "recording", "audio_file", "audio_path", "file", "filename", "path"),
    "text": ("keyword", "label", "text", "annotation", "word", "event_label"),
    "start": ("start", "start_s", "onset", "onset_s", "begin", "start_time", "start (s)"),
    "end": ("end", "end_s", "offset", "offset_s", "stop", "end_time", "end (s)"),
    "score": ("score", "confidence", "probability"),
    "tier": ("tier", "layer"),
}
_NEEDED = ("text", "start", "end")


def matches(text: str) -> bool:
    """Tell by the names of the columns."""
    header = first_line(text)
    return not set(_NEEDED) - set(_columns(next(csv.reader([header], delimiter=_mark(text)), [])))


def read(text: str) -> list[Label]:
    """Read a table that has columns for text, start and end at least."""
    rows = _rows(text)
    line, header = next(rows, (1, []))
    columns = _columns(header)
    for what in _NEEDED:
        if what not in columns:
            raise malformed(line, f"a column {' or '.join(map(repr, _NAMES[what]))}", header)
    found = []
    for line, row in rows:
        if not any(row):
            continue
        if len(row) < len(header):
            raise malformed(line, f"{len(header)} columns", row)
        cells = {what: row[place] for what, place in columns.items()}
        score = cells.get("score", "")
        found.append(
            labelled(
                line,
                _point(cells["start"]),
                _point(cells["end"]),
                cells["text"],
                score=number(_point(score), "a score", line) if score else None,
                tier=cells.get("tier", ""),
                recording=cells.get("recording", ""),
            )
        )
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield rows, each with the number of its first line."""
    reader, line = csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text), strict=True), 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise malformed(line, "a row of CSV", str(error)) from None


def _mark(text: str) -> str:
    """Tell what parts the columns."""
    header = first_line(text)
    return max(",;\t", key=header.count)


def _columns(header: list[str]) -> dict[str, int]:
    """Find what each column holds."""
    names = [name.strip().lower() for name in header]
    return {
        what: names.index(name)
        for what, known in _NAMES.items()
        for name in reversed(known)  # the first that is there stays
        if name in names
    }


def _point(text: str) -> str:
    """Make a decimal comma a point."""
    return text.replace(",", ".")


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write a table; a column of tiers only where there are some."""
    tiered = any(label.tier for label in labels)
    content = io.StringIO()
    # Left to itself, a writer of Python 3.11 puts no quotes around a lone carriage return.
    odd = any("\r" in x.text + x.recording + x.tier for x in labels)
    quoting: Literal[0, 1] = csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL
    table = csv.writer(content, lineterminator="\n", quoting=quoting)
    table.writerow((*_FIELDS, "tier") if tiered else _FIELDS)
    for x in in_order(labels):
        row = (x.recording, x.text, x.start, x.end, "" if x.score is None else x.score)
        table.writerow((*row, x.tier) if tiered else row)
    return content.getvalue()
