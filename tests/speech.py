"""Real speech for tests: digits by name and number, from the corpus beside the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).parents[2] / "shared"
SPEECH = SHARED / "speech"

needs_speech = pytest.mark.skipif(
    not SPEECH.is_dir(), reason=f"the development speech is not at {SPEECH}"
)


def digit(number: int, speaker: str, take: int) -> Path:
    """Return the path of one spoken digit."""
    return SPEECH / "fsdd" / "recordings" / f"{number}_{speaker}_{take}.wav"


def tasks():
    """Return the module that makes discovery tasks."""
    folder = str(SHARED / "bench")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import tasks as module

    return module


def task(seed: int, level: str = "words", speakers: str = "one"):
    """Return (word, [(samples, spans), ...]) of a task made from the digits."""
    maker = tasks()
    rng = np.random.default_rng(seed)
    return maker.discover_task(maker.corpus(SPEECH / "fsdd"), rng, level, speakers)
