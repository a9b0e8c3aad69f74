"""JSON lines, one object per label: what `kwspot spot --json` writes.

Lines that hold a whole `kwspot.Detections`, as its `to_json` writes them, are read too.

Examples
--------
>>> from kwspot.formats import Label
>>> print(write([Label(0.5, 1.25, "hello", score=0.9, recording="a.wav")]), end="")
{"audio": "a.wav", "keyword": "hello", "start": 0.5, "end": 1.25, "score": 0.9}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kwspot.formats.format import in_order, labelled, lines, malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.formats.label import Label

TITLE = "JSON lines"
SUFFIXES = (".jsonl", ".ndjson", ".json")
MANY = True

_WHOLE = "kwspot.detections/1"


def matches(text: str) -> bool:
    """Tell by the first line, an object of ours; nothing found is nothing written."""
    head = text.lstrip().partition("\n")[0]
    return not head or (head.startswith("{") and ('"keyword"' in head or _WHOLE in head))


def read(text: str) -> list[Label]:
    """Read lines of either kind."""
    return [
        label for line, row in lines(text) if row.strip() for label in _labels(_object(line, row))
    ]


def _object(line: int, row: str) -> tuple[int, dict[str, Any]]:
    """Parse one line."""
    try:
        fields = json.loads(row)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise malformed(line, "a JSON object in one line", row)
    return line, fields


def _labels(numbered: tuple[int, dict[str, Any]]) -> Iterator[Label]:
    """Yield what one line tells: a label, or all those of a recording."""
    line, fields = numbered
    if fields.get("format") != _WHOLE:
        yield _label(line, fields, fields.get("audio", ""))
        return
    items = fields.get("items")
    if not isinstance(items, list):
        raise malformed(line, "a list 'items'", items)
    for item in items:
        yield _label(line, item if isinstance(item, dict) else {}, fields.get("recording", ""))


def _label(line: int, fields: dict[str, Any], recording: object) -> Label:
    """Make a label of the fields of an object."""
    text: Any
    text, tier, score = fields.get("keyword"), fields.get("tier", ""), fields.get("score")
    for what, value in (("keyword", text), ("tier", tier), ("audio", recording)):
        if not isinstance(value, str):
            raise malformed(line, f"text under {what!r}", value)
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        raise malformed(line, "a number or null under 'score'", score)
    start, end = fields.get("start"), fields.get("end")
    return labelled(line, start, end, text, score=score, tier=tier, recording=recording)


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write one object per label; a tier only where there is one."""
    return "".join(
        json.dumps(_fields(label), ensure_ascii=False) + "\n" for label in in_order(labels)
    )


def _fields(label: Label) -> dict[str, Any]:
    """Return what is told of a label."""
    fields = {
        "audio": label.recording,
        "keyword": label.text,
        "start": label.start,
        "end": label.end,
        "score": label.score,
    }
    return {**fields, "tier": label.tier} if label.tier else fields
