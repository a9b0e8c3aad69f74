"""Label Studio's JSON: a list of tasks, one per recording, to import and as exported.

What has a score is written as a prediction, what has none as an annotation. The labelling
interface must call its parts as here: ``<Labels name="label" toName="audio">`` and
``<Audio name="audio" value="$audio">``. Source: Label Studio's documentation, "Import data" and
"Import pre-annotations".

Examples
--------
>>> from kwspot.formats import Label
>>> label = Label(0.5, 1.25, "hello", score=0.9, recording="a.wav")
>>> read(write([label])) == [label]
True
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from kwspot import __version__
from kwspot.formats import jsontext
from kwspot.formats.format import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kwspot.formats.label import Label

TITLE = "Label Studio's JSON"
SUFFIXES = (".json",)
MANY = True

_FROM, _TO = "label", "audio"


def matches(text: str) -> bool:
    """Tell by a list of tasks, each with data and what was said about it."""
    is_list = text.lstrip().startswith("[")
    return is_list and '"data"' in text and ('"annotations"' in text or '"predictions"' in text)


def read(text: str) -> list[Label]:
    """Read the labelled regions of annotations and predictions.

    The tier is what the labelling interface calls its labels, unless that is kwspot's own word.
    """
    tasks = jsontext.parse(text)
    found: list[Label] = []
    for place, task in enumerate(tasks if isinstance(tasks, list) else [tasks]):
        with jsontext.at(f"task {place + 1}"):
            found += _task(task)
    return found


def _task(task: Any) -> Iterator[Label]:
    """Yield the labels of one recording."""
    data = jsontext.item(task, "data", dict)
    words = [value for value in (data.get(_TO), *data.values()) if isinstance(value, str)]
    for kind in ("annotations", "predictions"):
        for place, opinion in enumerate(jsontext.item({kind: [], **task}, kind, list)):
            with jsontext.at(f"{kind}[{place}]"):
                for region in jsontext.item(opinion, "result", list):
                    if not opinion.get("was_cancelled"):
                        yield from _region(region, words[0] if words else "")


def _region(region: Any, recording: str) -> Iterator[Label]:
    """Yield the labels of one region; none if it is about something else, such as the text."""
    value = region.get("value") if isinstance(region, dict) else None
    if not isinstance(value, dict) or not isinstance(value.get("labels"), list):
        return
    start, end = (jsontext.number(value, key) for key in ("start", "end"))
    score, tier = region.get("score"), region.get("from_name")
    for text in value["labels"]:
        yield jsontext.label(
            start,
            end,
            str(text),
            score=None if score is None else jsontext.number(region, "score"),
            tier=tier if isinstance(tier, str) and tier != _FROM else "",
            recording=recording,
        )


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write a task for each recording."""
    tasks = [
        _made(recording, list(group), duration)
        for recording, group in groupby(in_order(labels), key=lambda label: label.recording)
    ]
    return jsontext.serialise(tasks)


def _made(recording: str, labels: Sequence[Label], duration: float | None) -> dict[str, Any]:
    """Make the task of one recording."""
    numbered = [(f"kwspot-{place}", label) for place, label in enumerate(labels, 1)]
    guessed = _results((item for item in numbered if item[1].score is not None), duration)
    said = _results((item for item in numbered if item[1].score is None), duration)
    model = f"kwspot {__version__}"
    return {
        "data": {_TO: recording},
        "annotations": [{"result": said}] if said else [],
        "predictions": [{"model_version": model, "result": guessed}] if guessed else [],
    }


def _results(numbered: Iterable[tuple[str, Label]], duration: float | None) -> list[dict[str, Any]]:
    """Make a region for each label."""
    return [
        {
            "id": name,
            "from_name": label.tier or _FROM,
            "to_name": _TO,
            "type": "labels",
            "value": {
                "start": label.start,
                "end": label.end,
                "channel": 0,
                "labels": [label.text],
            },
            **({} if duration is None else {"original_length": duration}),
            **({} if label.score is None else {"score": label.score}),
        }
        for name, label in numbered
    ]
