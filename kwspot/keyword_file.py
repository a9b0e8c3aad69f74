"""The ``.kws`` file: a keyword as a tensor file (see `kwspot.tensorfile`).

Format ``kwspot.keyword/1``. Metadata: ``keyword``, a JSON object with name, front_end, confidence,
created, version, calibration, examples (occurrence, digest, cost, and the quiet frames before and
after each) and absent; and, since 0.2, rivals (as examples), background (hours, count, level, scale
of its tail), false_alarms_per_hour and evidence, or null; and sketch_most, where it has a sketch.
Arrays, all float32: ``frames`` (all examples' frames one after the other, d) and ``means``
(examples, d); and ``lengths`` (examples,), int64; where there are rivals, the same for them, as
``rival_frames`` and so on; of a sketch ``sketch_frames``, ``sketch_lengths`` and ``sketch_prior``;
of copies of the examples as they would sound in rooms ``room_frames`` and ``room_lengths``, 0 where
there is none; of examples that were heard otherwise ``otherwise_frames``, and
``otherwise_lengths``, (examples, hearings).
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from kwspot import tensorfile
from kwspot.errors import MissingExtra, ModelError
from kwspot.evidence import Evidence
from kwspot.features import front_end, front_ends
from kwspot.keyword import Keyword
from kwspot.match.alarms import Tail
from kwspot.match.calibrate import Calibration
from kwspot.recording import Example
from kwspot.results import Occurrence
from kwspot.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

_RIVAL = "rival_"


def save(keyword: Keyword, path: str | Path) -> None:
    """Write a keyword to a file, all at once or not at all."""
    tensorfile.write(
        path, Keyword.FORMAT, _tensors(keyword), {"keyword": json.dumps(_fields(keyword))}
    )


def to_fields(keyword: Keyword) -> dict[str, Any]:
    """Return a keyword as JSON knows it, its arrays as lists of numbers."""
    arrays = {name: array.tolist() for name, array in _tensors(keyword).items()}
    return {**_fields(keyword), "arrays": arrays}


def from_fields(fields: Mapping[str, Any]) -> Keyword:
    """Read what `to_fields` made."""
    arrays = {
        name: np.array(values, np.int64 if name.endswith("lengths") else np.float32)
        for name, values in fields.get("arrays", {}).items()
    }
    return _checked("the text", arrays, dict(fields))


def _fields(keyword: Keyword) -> dict[str, Any]:
    """Return what of a keyword is no array."""
    return {
        "name": keyword.name,
        "front_end": keyword.front_end,
        "confidence": keyword.confidence,
        "created": keyword.created,
        "version": keyword.version,
        "calibration": keyword.calibration.measured(),
        "examples": _entries(keyword.examples),
        "absent": [asdict(place) for place in keyword.absent],
        "rivals": _entries(keyword.rivals),
        "background": asdict(keyword.background) if keyword.background else None,
        "false_alarms_per_hour": keyword.false_alarms_per_hour,
        "evidence": asdict(keyword.evidence) if keyword.evidence is not None else None,
        "sketch_most": keyword.sketch.most if keyword.sketch is not None else None,
    }


def _tensors(keyword: Keyword) -> dict[str, npt.NDArray[Any]]:
    """Return what of a keyword is arrays, by name."""
    arrays = _arrays(keyword.examples, "") | _arrays(keyword.rivals, _RIVAL)
    copies = [one.in_room for one in keyword.examples]
    if known := [copy for copy in copies if copy is not None]:
        arrays["room_frames"] = np.concatenate(known)
        arrays["room_lengths"] = np.array([0 if x is None else len(x) for x in copies], np.int64)
    hearings = [one.otherwise for one in keyword.examples]
    if all(hearings):
        lengths = [[len(heard) for heard in one] for one in hearings]
        arrays["otherwise_frames"] = np.concatenate([heard for one in hearings for heard in one])
        arrays["otherwise_lengths"] = np.array(lengths, np.int64)
    if (sketch := keyword.sketch) is not None:
        arrays["sketch_frames"] = np.concatenate(sketch.templates)
        arrays["sketch_lengths"] = np.array([len(one) for one in sketch.templates], np.int64)
        arrays["sketch_prior"] = sketch.prior
    return arrays


def _entries(examples: Sequence[Example]) -> list[dict[str, Any]]:
    """Return what of examples is no array."""
    return [
        {
            "occurrence": asdict(example.occurrence),
            "digest": example.digest,
            "before": example.before,
            "after": example.after,
            # JSON has no infinity, which stands for "not compared with others"
            "cost": example.cost if np.isfinite(example.cost) else None,
        }
        for example in examples
    ]


def _arrays(examples: Sequence[Example], prefix: str) -> dict[str, npt.NDArray[Any]]:
    """Return what of examples is arrays, by name."""
    if not examples:
        return {}
    return {
        f"{prefix}frames": np.concatenate([example.frames for example in examples]),
        f"{prefix}means": np.stack([example.mean for example in examples]),
        f"{prefix}lengths": np.array([len(example.frames) for example in examples], np.int64),
    }


def load(path: str | Path) -> Keyword:
    """Read a keyword from a file."""
    arrays, metadata = tensorfile.read(path, Keyword.FORMAT)
    return _checked(path, arrays, metadata.get("keyword", ""))


def _checked(
    where: str | Path, arrays: dict[str, npt.NDArray[Any]], fields: dict[str, Any] | str
) -> Keyword:
    """Make a keyword of what was read, or say that it is none."""
    try:
        told = json.loads(fields) if isinstance(fields, str) else fields
        return _keyword(where, arrays, told)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{where} is whole, but holds no usable keyword ({error})", hint="learn it anew"
        ) from error


def _keyword(
    path: str | Path, arrays: dict[str, npt.NDArray[Any]], fields: dict[str, Any]
) -> Keyword:
    if fields["front_end"] not in front_ends():
        raise ModelError(
            f"{path} needs the front end {fields['front_end']!r}, "
            f"and there are {', '.join(front_ends())}",
            hint="install the extra that brings it: `kwspot doctor` lists them",
        )
    try:
        front_end(fields["front_end"])
    except MissingExtra as missing:
        needs = f"{path}, by its front end {fields['front_end']!r},"
        raise MissingExtra(needs, missing.extra) from missing
    background, evidence = fields.get("background"), fields.get("evidence")
    return Keyword(
        name=fields["name"],
        front_end=fields["front_end"],
        examples=_otherwise(_in_rooms(_examples(fields["examples"], arrays, ""), arrays), arrays),
        calibration=Calibration(
            **fields["calibration"],
            front_end=fields["front_end"],
            everyday=background is not None,
        ),
        confidence=fields["confidence"],
        created=fields["created"],
        version=fields["version"],
        absent=tuple(Occurrence(**place) for place in fields["absent"]),
        rivals=_examples(fields.get("rivals", []), arrays, _RIVAL),
        background=Tail(**background) if background is not None else None,
        false_alarms_per_hour=fields.get("false_alarms_per_hour"),
        evidence=Evidence.from_fields(evidence) if evidence is not None else None,
        sketch=_sketch(arrays, fields.get("sketch_most")),
    )


def _in_rooms(
    examples: tuple[Example, ...], arrays: dict[str, npt.NDArray[Any]]
) -> tuple[Example, ...]:
    if "room_frames" not in arrays:
        return examples
    copies = np.split(arrays["room_frames"], np.cumsum(arrays["room_lengths"])[:-1])
    return tuple(
        replace(one, in_room=copy if len(copy) else None)
        for one, copy in zip(examples, copies, strict=True)
    )


def _otherwise(
    examples: tuple[Example, ...], arrays: dict[str, npt.NDArray[Any]]
) -> tuple[Example, ...]:
    if "otherwise_frames" not in arrays:
        return examples
    lengths = arrays["otherwise_lengths"]
    frames = iter(np.split(arrays["otherwise_frames"], np.cumsum(lengths)[:-1]))
    return tuple(
        replace(one, otherwise=tuple(islice(frames, lengths.shape[1]))) for one in examples
    )


def _sketch(arrays: dict[str, npt.NDArray[Any]], most: float | None) -> Sketch | None:
    if most is None:
        return None
    borders = np.cumsum(arrays["sketch_lengths"])[:-1]
    templates = tuple(np.split(arrays["sketch_frames"], borders))
    return Sketch(templates, arrays["sketch_prior"], most)


def _examples(
    entries: Sequence[dict[str, Any]], arrays: dict[str, npt.NDArray[Any]], prefix: str
) -> tuple[Example, ...]:
    if not entries:
        return ()
    parts = np.split(arrays[f"{prefix}frames"], np.cumsum(arrays[f"{prefix}lengths"])[:-1])
    return tuple(
        Example(
            Occurrence(**entry["occurrence"]),
            entry["digest"],
            part,
            entry["before"],
            entry["after"],
            mean,
            np.inf if entry["cost"] is None else entry["cost"],
        )
        for entry, part, mean in zip(entries, parts, arrays[f"{prefix}means"], strict=True)
    )
