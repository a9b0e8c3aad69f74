"""The ``.kws`` file: a keyword as a tensor file (see `kwspot.tensorfile`).

Format ``kwspot.keyword/1``. Metadata: ``keyword``, a JSON object with name, front_end, confidence,
created, version, calibration, examples (occurrence, digest, cost, and the quiet frames
before and after each) and absent. Arrays, all
float32: ``frames`` (all examples' frames one after the other, d) and ``means`` (examples, d);
and ``lengths`` (examples,), int64.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from kwspot import tensorfile
from kwspot.errors import ModelError
from kwspot.features import front_ends
from kwspot.keyword import Keyword
from kwspot.match.calibrate import Calibration
from kwspot.recording import Example
from kwspot.results import Occurrence

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

FORMAT = "kwspot.keyword/1"


def save(keyword: Keyword, path: str | Path) -> None:
    """Write a keyword to a file, all at once or not at all."""
    fields = {
        "name": keyword.name,
        "front_end": keyword.front_end,
        "confidence": keyword.confidence,
        "created": keyword.created,
        "version": keyword.version,
        "calibration": asdict(keyword.calibration),
        "examples": [
            {
                "occurrence": asdict(example.occurrence),
                "digest": example.digest,
                "before": example.before,
                "after": example.after,
                "cost": example.cost,
            }
            for example in keyword.examples
        ],
        "absent": [asdict(place) for place in keyword.absent],
    }
    arrays = {
        "frames": np.concatenate([example.frames for example in keyword.examples]),
        "means": np.stack([example.mean for example in keyword.examples]),
        "lengths": np.array([len(example.frames) for example in keyword.examples], np.int64),
    }
    tensorfile.write(path, FORMAT, arrays, {"keyword": json.dumps(fields)})


def load(path: str | Path) -> Keyword:
    """Read a keyword from a file."""
    arrays, metadata = tensorfile.read(path, FORMAT)
    try:
        return _keyword(path, arrays, json.loads(metadata["keyword"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path} is whole, but holds no usable keyword ({error})", hint="learn it anew"
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
    frames = np.split(arrays["frames"], np.cumsum(arrays["lengths"])[:-1])
    examples = tuple(
        Example(
            Occurrence(**entry["occurrence"]),
            entry["digest"],
            part,
            entry["before"],
            entry["after"],
            mean,
            entry["cost"],
        )
        for entry, part, mean in zip(fields["examples"], frames, arrays["means"], strict=True)
    )
    return Keyword(
        name=fields["name"],
        front_end=fields["front_end"],
        examples=examples,
        calibration=Calibration(**fields["calibration"]),
        confidence=fields["confidence"],
        created=fields["created"],
        version=fields["version"],
        absent=tuple(Occurrence(**place) for place in fields["absent"]),
    )
