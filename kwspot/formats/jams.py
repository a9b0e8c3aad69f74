"""JAMS, JSON annotations of music and sound: one annotation of the namespace ``tag_open`` per tier.

The tier's name is kept in the annotation's ``sandbox``. Source: Humphrey, Salamon, Nieto, Forsyth,
Bittner and Bello, "JAMS: A JSON annotated music specification", ISMIR 2014, and jams 0.3.

Examples
--------
>>> from kwspot.formats import Label
>>> label = Label(0.5, 1.25, "hello", score=0.9, tier="words", recording="a.wav")
>>> read(write([label])) == [label]
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwspot import __version__
from kwspot.errors import FormatError
from kwspot.formats import jsontext
from kwspot.formats.format import MEND, in_order
from kwspot.formats.tiers import check_new, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.formats.label import Label

TITLE = "JAMS"
SUFFIXES = (".jams",)
MANY = False

_JAMS_VERSION = "0.3.5"


def matches(text: str) -> bool:
    """Tell by the names of the two parts of the document."""
    return text.lstrip().startswith("{") and '"annotations"' in text and '"file_metadata"' in text


def read(text: str) -> list[Label]:
    """Read annotations whose values are words, such as tags, segments and chords.

    The tier is what kwspot wrote, else the annotation's namespace.
    """
    return list(_labels(jsontext.parse(text)))


def _labels(document: Any) -> Iterator[Label]:
    """Yield the labels of all annotations."""
    recording = jsontext.item(document, "file_metadata", dict).get("title")
    recording = recording if isinstance(recording, str) else ""
    for place, annotation in enumerate(jsontext.item(document, "annotations", list)):
        with jsontext.at(f"annotations[{place}]"):
            tier = _tier(annotation) or jsontext.item(annotation, "namespace", str)
            if isinstance(annotation.get("data"), dict):
                continue  # dense data, such as a pitch curve
            for row, seen in enumerate(jsontext.item(annotation, "data", list)):
                with jsontext.at(f"data[{row}]"):
                    if not isinstance(seen, dict) or "value" not in seen:
                        raise FormatError("expected an object with a 'value'", hint=MEND)
                    if isinstance(seen["value"], str):
                        yield _label(seen, tier, recording)


def _label(seen: dict[str, Any], tier: str, recording: str) -> Label:
    """Make a label of an observation."""
    start, length = (jsontext.number(seen, key) for key in ("time", "duration"))
    score = seen.get("confidence")
    known = isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1
    return jsontext.label(
        start,
        round(start + length, 9),
        seen["value"],
        score=score if known else None,  # some write counts of votes
        tier=tier,
        recording=recording,
    )


def _tier(annotation: Any) -> str:
    """Return the tier that kwspot kept in an annotation."""
    sandbox = annotation.get("sandbox") if isinstance(annotation, dict) else None
    tier = sandbox.get("tier") if isinstance(sandbox, dict) else None
    return tier if isinstance(tier, str) else ""


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write a document with an annotation for each tier."""
    ends = [label.end for label in labels]
    about = {
        "title": labels[0].recording if labels else "",
        "artist": "",
        "release": "",
        "duration": max([duration or 0.0, *ends]),
        "identifiers": {},
        "jams_version": _JAMS_VERSION,
    }
    annotations = list(_annotations(labels).values())
    return jsontext.serialise({"annotations": annotations, "file_metadata": about, "sandbox": {}})


def add(
    text: str, labels: Sequence[Label], duration: float | None = None, *, replace: bool = False
) -> str:
    """Add an annotation for each tier; all else stays."""
    document = jsontext.parse(text)
    there = jsontext.item(document, "annotations", list)
    about = jsontext.item(document, "file_metadata", dict)
    new = _annotations(labels)
    check_new(new, {_tier(annotation) for annotation in there}, replace=replace)
    kept = [annotation for annotation in there if _tier(annotation) not in new]
    if not about.get("duration"):
        about["duration"] = max([duration or 0.0, *(label.end for label in labels)])
    document["annotations"] = [*kept, *new.values()]
    return jsontext.serialise(document)


def _annotations(labels: Sequence[Label]) -> dict[str, dict[str, Any]]:
    """Make an annotation for each tier."""
    tiers: dict[str, list[dict[str, Any]]] = {}
    for label in in_order(labels):
        tiers.setdefault(name_of(label), []).append(
            {
                "time": label.start,
                "duration": label.duration,
                "value": label.text,
                "confidence": label.score,
            }
        )
    return {name: _annotation(name, data) for name, data in tiers.items()}


def _annotation(tier: str, data: list[dict[str, Any]]) -> dict[str, Any]:
    """Make the annotation of one tier, said to be by this program."""
    about = {
        "curator": {"name": "", "email": ""},
        "annotator": {},
        "version": "",
        "corpus": "",
        "annotation_tools": f"kwspot {__version__}",
        "annotation_rules": "",
        "validation": "",
        "data_source": "program",
    }
    return {
        "annotation_metadata": about,
        "namespace": "tag_open",
        "data": data,
        "sandbox": {"tier": tier},
        "time": 0,
        "duration": None,
    }
