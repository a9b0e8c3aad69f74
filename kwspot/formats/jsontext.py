"""JSON documents for the formats made of them: errors name the place instead of the line."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kwspot.errors import FormatError
from kwspot.formats.format import MEND, malformed
from kwspot.formats.label import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "text"}


def parse(text: str) -> Any:
    """Parse a document.

    Raises
    ------
    FormatError
        If it is no JSON; the message names the line.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        found = text[error.pos : error.pos + 40]
        raise malformed(error.lineno, f"JSON ({error.msg})", found) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, a deep nest
        raise malformed(1, "JSON of reasonable depth and numbers", text[:40]) from None


def serialise(document: Any) -> str:
    """Write a document, indented for people."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


@contextmanager
def at(place: str) -> Iterator[None]:
    """Put the place in a document before whatever is wrong there."""
    try:
        yield
    except FormatError as error:
        raise FormatError(f"{place}: {error}", hint=error.hint) from None


def item(parent: Any, key: str, kind: type) -> Any:
    """Return what stands under a key, which must be of a kind.

    Raises
    ------
    FormatError
        If it is missing or of another kind.

    Examples
    --------
    >>> item({"data": [1]}, "data", list)
    [1]
    """
    value = parent.get(key) if isinstance(parent, dict) else None
    if not isinstance(value, kind):
        raise FormatError(f"expected {_KINDS[kind]} under {key!r}, found {value!r:.60}", hint=MEND)
    return value


def number(parent: dict[str, Any], key: str) -> float:
    """Return the number under a key.

    Raises
    ------
    FormatError
        If it is missing or none.
    """
    value = parent.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(f"expected a number under {key!r}, found {value!r:.60}", hint=MEND)
    return value


def label(start: float, end: float, text: str, **more: Any) -> Label:
    """Make a label of what was read.

    Raises
    ------
    FormatError
        If the numbers make no sense.
    """
    try:
        return Label(start, end, text, **more)
    except ValueError as error:
        raise FormatError(str(error), hint=MEND) from None
