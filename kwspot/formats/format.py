"""What an annotation format is, and what its readers and writers share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from kwspot.errors import FormatError
from kwspot.formats.label import Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


MEND = "mend the file, or export it again from the program that it comes from"


class Format(Protocol):
    """A file format for labels: each module of a format is one.

    Attributes
    ----------
    TITLE : str
        What people call it.
    SUFFIXES : tuple of str
        Endings of its files, small letters, the usual one first as it is spelt.
    MANY : bool
        Whether one file can be about several recordings.
    """

    TITLE: str
    SUFFIXES: tuple[str, ...]
    MANY: bool

    def matches(self, text: str) -> bool:
        """Tell whether a file with this content is of this format, by a quick look."""
        ...

    def read(self, text: str) -> list[Label]:
        """Return the labels in the order of the file.

        Raises
        ------
        FormatError
            If the content is malformed; the message names the line and what was expected.
        """
        ...

    def write(self, labels: Sequence[Label], duration: float | None = None) -> str:
        """Return the content of a file with these labels.

        Parameters
        ----------
        labels : sequence of Label
            In any order; of one recording unless `MANY`.
        duration : float, optional
            Length of the recording in seconds, for formats that tell it.

        Raises
        ------
        FormatError
            If the format cannot hold one of the labels.
        """
        ...


class Tiered(Format, Protocol):
    """A format whose files have tiers: labels can be added to what others have written."""

    def add(
        self,
        text: str,
        labels: Sequence[Label],
        duration: float | None = None,
        *,
        replace: bool = False,
    ) -> str:
        """Return the content of a file with tiers for these labels beside those that it has.

        Raises
        ------
        FormatError
            If a tier of that name is there already, unless told to `replace` it; or as for
            `read` and `write`.
        """
        ...


def malformed(line: int, expected: str, found: object) -> FormatError:
    """Say where content is not as it should be.

    Examples
    --------
    >>> print(malformed(3, "a time in seconds", "one"))
    line 3: expected a time in seconds, found 'one'
    """
    shown = repr(found)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return FormatError(f"line {line}: expected {expected}, found {shown}", hint=MEND)


def refused(title: str, reason: str, text: str) -> FormatError:
    """Say why a format cannot hold a label or a name."""
    return FormatError(
        f"{title} cannot hold {text!r}: {reason}", hint="rename it, or choose another format"
    )


def number(text: object, what: str, line: int) -> float:
    """Read a number, or say what was expected where.

    Raises
    ------
    FormatError
        If it is none.
    """
    try:
        return float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise malformed(line, what, text) from None


def labelled(line: int, start: object, end: object, text: str, **more: Any) -> Label:
    """Make a label of what was read at a line.

    Raises
    ------
    FormatError
        If the numbers are none, or make no sense.
    """
    span = number(start, "a start in seconds", line), number(end, "an end in seconds", line)
    try:
        return Label(*span, text, **more)
    except ValueError as error:
        raise FormatError(f"line {line}: {error}", hint=MEND) from None


def lines(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield lines, counted from 1; only ``\n``, ``\r\n`` and ``\r`` end one, nothing else does.

    Examples
    --------
    >>> list(lines("a\r\nb\u2028c"))
    [(1, 'a'), (2, 'b\u2028c')]
    """
    return enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1)


def first_line(text: str) -> str:
    """Return what a file begins with, to tell its format by."""
    return re.split("[\r\n]", text[:10_000], maxsplit=1)[0]


def in_order(labels: Sequence[Label]) -> list[Label]:
    """Sort labels by time, within each recording in the order in which recordings appear."""
    order = {name: place for place, name in enumerate(dict.fromkeys(x.recording for x in labels))}
    return sorted(labels, key=lambda label: (order[label.recording], label.start, label.end))
