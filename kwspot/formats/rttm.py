"""RTTM, NIST's Rich Transcription Time Marked: one line of ten words per label.

Recordings are named as usual there, without folder and ending. Tiers are left out.
Source: NIST, "The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan", appendix A.

Examples
--------
>>> from kwspot.formats import Label
>>> print(write([Label(0.5, 1.25, "hello", score=0.9, recording="calls/a.wav")]), end="")
SPEAKER a 1 0.500000 0.750000 <NA> <NA> hello 0.9 <NA>
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from kwspot.errors import FormatError
from kwspot.formats.format import in_order, labelled, lines, malformed, number, refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.formats.label import Label

TITLE = "RTTM"
SUFFIXES = (".rttm",)
MANY = True

_NONE = "<NA>"
_FEWEST = 9  # the tenth word came with later evaluations


def matches(text: str) -> bool:
    """Tell by the first word of a line."""
    return re.search(r"^(SPEAKER|LEXEME) \S+ \S+ [\d.]+ [\d.]+ ", text, re.MULTILINE) is not None


def read(text: str) -> list[Label]:
    """Read the lines of type SPEAKER, and of LEXEME with the speaker as tier."""
    found = []
    for line, content in lines(text):
        words = content.split()
        if not words or words[0] not in ("SPEAKER", "LEXEME"):
            continue
        if len(words) < _FEWEST:
            raise malformed(line, f"at least {_FEWEST} words in a row", content)
        kind, recording, _, onset, length, spelling, _, name, score = words[:_FEWEST]
        start = number(onset, "an onset in seconds", line)
        end = start + number(length, "a duration in seconds", line)
        found.append(
            labelled(
                line,
                start,
                round(end, 9),
                spelling if kind == "LEXEME" else name,
                score=None if score == _NONE else number(score, "a score", line),
                tier=name if kind == "LEXEME" and name != _NONE else "",
                recording="" if recording == _NONE else recording,
            )
        )
    return found


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write a line of type SPEAKER for each label, its text in the place of the speaker."""
    names = _names({label.recording for label in labels})
    rows = []
    for label in in_order(labels):
        score = _NONE if label.score is None else repr(float(label.score))
        start, length = f"{label.start:.6f}", f"{label.end - label.start:.6f}"
        rows.append(
            f"SPEAKER {names[label.recording]} 1 {start} {length} {_NONE} {_NONE} "
            f"{_word(label.text)} {score} {_NONE}\n"
        )
    return "".join(rows)


def _names(recordings: set[str]) -> dict[str, str]:
    """Give each recording its name without folder and ending; no two may share one."""
    names = {one: _word(PurePath(one).stem) if one else _NONE for one in recordings}
    if len(set(names.values())) < len(names):
        raise FormatError(
            "RTTM names recordings without folder and ending, and two of these would be the same",
            hint="write one file for each folder, or choose another format",
        )
    return names


def _word(text: str) -> str:
    """Refuse what is not one word."""
    if len(text.split()) != 1 or text != text.strip():
        raise refused(TITLE, "its columns are single words", text)
    return text
