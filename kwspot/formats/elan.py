"""ELAN's annotation document (.eaf): tiers whose times stand in slots of their own.

Times are rounded to milliseconds. Scores are left out. Source: Max Planck Institute for
Psycholinguistics, "EAF 3.0: ELAN Annotation Format, schema and documentation".

Examples
--------
>>> from kwspot.formats import Label
>>> label = Label(0.5, 1.25, "hello", tier="words", recording="a.wav")
>>> read(write([label])) == [label]
True
>>> [label.tier for label in read(add(write([label]), [Label(1, 2, "bye", score=0.9)]))]
['words', 'bye']
"""

from __future__ import annotations

from dataclasses import replace as changed
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

from kwspot.errors import FormatError
from kwspot.formats import xmltree
from kwspot.formats.elan_times import TimeOrder, largest
from kwspot.formats.format import labelled, malformed, number, refused
from kwspot.formats.tiers import arranged, check_new

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.formats.label import Label

TITLE = "an ELAN document"
SUFFIXES = (".eaf",)
MANY = False

_STEP = 1e-3  # seconds
_TYPE = "kwspot"  # the linguistic type of our tiers
_ORDER = ("LICENSE", "HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE")
_LAST = "lastUsedAnnotationId"
_EMPTY = """\
<ANNOTATION_DOCUMENT xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" AUTHOR="kwspot"
 FORMAT="3.0" VERSION="3.0"
 xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/><TIME_ORDER/></ANNOTATION_DOCUMENT>
"""


def matches(text: str) -> bool:
    """Tell by the outermost element."""
    return "<ANNOTATION_DOCUMENT" in text[:4000]


def read(text: str) -> list[Label]:
    """Read the annotations of all tiers; one that hangs on another has that one's times."""
    root = _parsed(text)
    recording, origin = _media(root)
    return [
        changed(_moved(label, origin), tier=tier.get("TIER_ID", ""), recording=recording)
        for tier, label in _annotations(root)
    ]


def _parsed(text: str) -> Element:
    """Parse a document, and check that it is one of ELAN's."""
    root = xmltree.parse(text)
    if root.tag != "ANNOTATION_DOCUMENT":
        raise malformed(1, "the element 'ANNOTATION_DOCUMENT'", root.tag)
    header = root.find("HEADER")
    units = "milliseconds" if header is None else header.get("TIME_UNITS", "milliseconds")
    if header is not None and units != "milliseconds":
        raise malformed(xmltree.line(header), "times in milliseconds", units)
    return root


def _annotations(root: Element) -> Iterator[tuple[Element, Label]]:
    """Yield annotations, each with its tier."""
    order = TimeOrder(root)
    parents = {
        one.get("ANNOTATION_ID"): one.get("ANNOTATION_REF")
        for one in root.iterfind("TIER/ANNOTATION/REF_ANNOTATION")
    }
    spans = {
        one.get("ANNOTATION_ID"): order.span(one)
        for one in root.iterfind("TIER/ANNOTATION/ALIGNABLE_ANNOTATION")
    }
    for tier in root.iterfind("TIER"):
        for one in tier.iterfind("ANNOTATION/*[@ANNOTATION_ID]"):
            name = one.get("ANNOTATION_ID")
            for _ in parents:  # no chain is longer, unless it is a ring
                if name in spans:
                    break
                name = parents.get(name)
            if name not in spans:
                raise malformed(xmltree.line(one), "a reference to an annotation", name)
            words = one.findtext("ANNOTATION_VALUE") or ""
            yield tier, labelled(xmltree.line(one), *spans[name], words)


def _media(root: Element) -> tuple[str, float]:
    """Return the path of the first recording, and at how many seconds of it the document begins."""
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    if media is None:
        return "", 0.0
    origin = number(media.get("TIME_ORIGIN", "0"), "milliseconds", xmltree.line(media))
    return unquote(urlsplit(media.get("MEDIA_URL", "")).path), origin / 1000


def _moved(label: Label, seconds: float) -> Label:
    """Return a label by another clock."""
    if label.start + seconds < 0:
        raise FormatError(
            f"a label at {label.start:g} s lies {-seconds - label.start:g} s before the beginning",
            hint="change the media offset in ELAN, or leave the label out",
        )
    return changed(label, start=label.start + seconds, end=label.end + seconds)


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write a document; that of a known recording refers to it."""
    root = xmltree.parse(_EMPTY)
    root.set("DATE", datetime.now(UTC).isoformat(timespec="seconds"))
    recording = labels[0].recording if labels else ""
    if recording:
        path = PurePath(recording)
        attributes = {
            "MEDIA_URL": ("file://" if path.is_absolute() else "") + quote(path.as_posix()),
            "MIME_TYPE": "audio/x-wav" if path.suffix.lower() == ".wav" else "unknown",
            "RELATIVE_MEDIA_URL": "./" + quote(path.name),
        }
        SubElement(root[0], "MEDIA_DESCRIPTOR", attributes)
    return _extended(root, labels, replace=False)


def add(
    text: str,
    labels: Sequence[Label],
    duration: float | None = None,
    *,
    replace: bool = False,
) -> str:
    """Add tiers after those that are there; all others stay, and so does all else."""
    root = _parsed(text)
    _, origin = _media(root)
    return _extended(root, [_moved(label, -origin) for label in labels], replace=replace)


def _extended(root: Element, labels: Sequence[Label], *, replace: bool) -> str:
    """Put labels into a document, and write it."""
    new = arranged(labels, TITLE, _STEP)
    there = {tier.get("TIER_ID", ""): tier for tier in root.iterfind("TIER")}
    check_new(new, there, replace=replace)
    parents = {tier.get("PARENT_REF") for tier in there.values()}
    for name in there.keys() & new.keys():
        if name in parents:
            raise refused(TITLE, "other tiers hang on the tier of this name", name)
        root.remove(there[name])
    order = TimeOrder(root)
    first = last = largest([one.get("ANNOTATION_ID", "") for one in root.iterfind("TIER//*")])
    for name, tier in new.items():
        _insert(root, "TIER", _tier(name, tier, order, last))
        last += len(tier)
    order.sort()
    if last > first:
        _count(root, last)
    types = {one.get("LINGUISTIC_TYPE_ID") for one in root.iterfind("LINGUISTIC_TYPE")}
    if _TYPE not in types:
        about = {"GRAPHIC_REFERENCES": "false", "TIME_ALIGNABLE": "true"}
        _insert(
            root, "LINGUISTIC_TYPE", Element("LINGUISTIC_TYPE", about, LINGUISTIC_TYPE_ID=_TYPE)
        )
    return xmltree.serialise(root, TITLE)


def _tier(name: str, labels: Sequence[Label], order: TimeOrder, last: int) -> Element:
    """Make a tier whose annotations are numbered after the `last`."""
    tier = Element("TIER", LINGUISTIC_TYPE_REF=_TYPE, TIER_ID=name)
    for place, label in enumerate(labels, last + 1):
        slots = {
            "TIME_SLOT_REF1": order.append(label.start),
            "TIME_SLOT_REF2": order.append(label.end),
        }
        holder = SubElement(tier, "ANNOTATION")
        one = SubElement(holder, "ALIGNABLE_ANNOTATION", slots, ANNOTATION_ID=f"a{place}")
        SubElement(one, "ANNOTATION_VALUE").text = label.text
    return tier


def _insert(root: Element, tag: str, element: Element) -> None:
    """Put an element after the last of its tag, or where ELAN's schema wants the first."""
    before = _ORDER[: _ORDER.index(tag) + 1]
    place = max(place for place, one in enumerate(root) if one.tag in before)
    root.insert(place + 1, element)


def _count(root: Element, last: int) -> None:
    """Keep the number of the last annotation where ELAN looks for it."""
    for element in root.iterfind("HEADER/PROPERTY"):
        if element.get("NAME") == _LAST:
            element.text = str(last)
