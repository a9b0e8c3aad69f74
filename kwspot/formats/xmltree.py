"""XML without what can do harm: no document types, so no entities and nothing from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers import expat

from kwspot.errors import FormatError
from kwspot.formats.format import MEND, malformed, refused

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DEEPEST = 100
_LINE = "\0line"  # an attribute that no document can have

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def parse(text: str) -> Element:
    """Parse a document; names keep their prefixes.

    Raises
    ------
    FormatError
        If it is malformed, deeper than a hundred elements, or has a document type.

    Examples
    --------
    >>> root = parse("<a><b>1 &lt; 2</b></a>")
    >>> root[0].text, line(root[0])
    ('1 < 2', 1)
    """
    builder = ET.TreeBuilder(insert_comments=True)
    parser = expat.ParserCreate("utf-8")
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise malformed(parser.CurrentLineNumber, f"at most {_DEEPEST} elements deep", tag)
        builder.start(tag, {**attributes, _LINE: str(parser.CurrentLineNumber)})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise malformed(parser.CurrentLineNumber, "no document type", "<!DOCTYPE")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.CommentHandler = builder.comment
    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise FormatError(f"line {error.lineno}: expected XML, {reason}", hint=MEND) from None
    return builder.close()


def line(element: Element) -> int:
    """Tell where an element begins; 0 if it was made here."""
    return int(element.get(_LINE, "0"))


def serialise(root: Element, title: str) -> str:
    """Write a document; a carriage return survives, which a bare one would not.

    Raises
    ------
    FormatError
        If a text holds what XML cannot; `title` names the format.
    """
    for element in root.iter():
        element.attrib.pop(_LINE, None)
    ET.indent(root, "    ")
    text = ET.tostring(root, encoding="unicode")
    bad = _FORBIDDEN.search(text)
    if bad:
        raise refused(title, "XML has no place for this character", bad[0])
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + text.replace("\r", "&#13;") + "\n"
