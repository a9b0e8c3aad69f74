r"""Audacity's label track, ``start <tab> end <tab> text``: times in seconds, no score, no tier.

Source: the Audacity manual, "Importing and Exporting Labels".

Examples
--------
>>> from kwspot.formats import Label
>>> write([Label(0.5, 1.25, "hello")])
'0.500000\t1.250000\thello\n'
>>> read("0.5\t1.25\thello\n\\\t100\t2000\n")
[Label(start=0.5, end=1.25, text='hello', score=None, tier='', recording='')]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kwspot.formats.format import in_order, labelled, lines, malformed, refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.formats.label import Label

TITLE = "an Audacity label track"
SUFFIXES = (".txt",)
MANY = False


def matches(text: str) -> bool:
    """Tell by a first line of two numbers."""
    return re.match(r"\s*\d+([.,]\d+)?\t\d+([.,]\d+)?(\t|\s*$)", text, re.MULTILINE) is not None


def read(text: str) -> list[Label]:
    """Read a label track; the frequencies of spectral labels are passed over."""
    found = []
    for number, line in lines(text):
        if not line.strip() or line.startswith("\\"):
            continue
        start, tab, rest = line.partition("\t")
        if not tab:
            raise malformed(number, "start, end and text, with tabs between them", line)
        end, _, words = rest.partition("\t")
        # Older versions write the decimal comma of their language.
        found.append(labelled(number, start.replace(",", "."), end.replace(",", "."), words))
    return found


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write a label track; scores and tiers are left out."""
    for label in labels:
        if re.search(r"[\t\n\r]", label.text):
            raise refused(TITLE, "tabs and line ends part its columns", label.text)
    return "".join(f"{x.start:.6f}\t{x.end:.6f}\t{x.text}\n" for x in in_order(labels))
