"""Praat's text files: what counts in them are texts in quotes, free-standing numbers and flags.

All else, such as ``xmin =`` and ``intervals [1]:``, is for people, so that the long and the short
form of a file read alike. Source: the Praat manual, "TextGrid file formats".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kwspot.errors import FormatError
from kwspot.formats.format import malformed, number

if TYPE_CHECKING:
    from collections.abc import Collection

_TOKEN = re.compile(
    r"""
    "(?P<word>(?:[^"]|"")*)"
    | (?<!\S) (?P<number>[+-]?\d\S*)
    | (?<!\S) <(?P<flag>\w+)>
    | (?<!\S) ![^\n]*
    | (?P<open>")
    """,
    re.VERBOSE,
)


class Tokens:
    """Read a file from one piece that counts to the next.

    Attributes
    ----------
    line : int
        Where the last piece stands.

    Examples
    --------
    >>> tokens = Tokens('xmin = 0.5 name = "say ""a"" now" intervals: size = 2')
    >>> tokens.number("xmin"), tokens.word("a name"), tokens.count("a length")
    (0.5, 'say "a" now', 2)
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = (match for match in _TOKEN.finditer(text) if match.lastgroup)
        self._counted = 0
        self.line = 1

    def header(self, kind: str) -> None:
        """Check the two lines that say what the file is."""
        self.word("'ooTextFile' (save as text file, or as short text file)", known=("ooTextFile",))
        self.word(f"the class {kind!r}", known=(kind,))

    def word(self, expected: str, *, known: Collection[str] = ()) -> str:
        """Return the next piece, a text in quotes, perhaps one of a few."""
        word = self._next("word", expected).replace('""', '"')
        if known and word not in known:
            raise malformed(self.line, expected, word)
        return word

    def number(self, expected: str) -> float:
        """Return the next piece, a number."""
        return number(self._next("number", expected), expected, self.line)

    def count(self, expected: str) -> int:
        """Return the next piece, a number of things."""
        value = self._next("number", expected)
        if not value.isdecimal():
            raise malformed(self.line, expected, value)
        return int(value)

    def flag(self, name: str) -> bool:
        """Tell whether the next piece, a flag, is of a name."""
        return self._next("flag", f"<{name}>") == name

    def _next(self, kind: str, expected: str) -> str:
        """Return the next piece, which must be of a kind."""
        match = next(self._found, None)
        if match is None:
            raise FormatError(
                f"line {self._text.count(chr(10)) + 1}: expected {expected}, and the file ends",
                hint="the file is cut short: save it again, or copy it again",
            )
        self.line += self._text.count("\n", self._counted, match.start())
        self._counted = match.start()
        if match.lastgroup != kind:
            raise malformed(self.line, expected, match[0].strip())
        return str(match[kind])
