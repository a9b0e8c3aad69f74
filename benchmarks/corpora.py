"""The development speech beside the checkout, and how benchmarks report."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[2] / "shared"
SPEECH = SHARED / "speech"
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Take:
    """One recording of one word."""

    path: Path
    word: str
    speaker: str


def require() -> None:
    """Stop with a clear message where there is no speech to measure on."""
    if not SPEECH.is_dir():
        sys.exit(f"this benchmark needs the development speech, which is not at {SPEECH}")


@cache
def takes(folder: str) -> tuple[Take, ...]:
    """Return the recordings of isolated words in a folder of the speech, by its manifest."""
    root = SPEECH / "fsdd" if folder == "fsdd" else SPEECH
    with (root / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["word"]]
    found = (Take(root / row["path"], row["word"], row["speaker"]) for row in rows)
    return tuple(take for take in found if folder in take.path.as_posix())


def generator() -> Any:
    """Return the module that makes discovery tasks."""
    sys.path.insert(0, str(SHARED / "bench"))
    import tasks

    return tasks


def write(name: str, results: Any) -> None:
    """Write the results of a benchmark as JSON."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")
