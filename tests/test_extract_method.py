"""EXTRACT as a method of `kwspot.discover`."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from speech import needs_speech, task, tasks

import kwspot
from kwspot.discover.extract.method import once_per_clip, within_an_octave
from kwspot.discover.methods import Bounds


@needs_speech
def test_extract_finds_words_that_stand_alone():
    rows = []
    for seed in (31, 32, 33):
        _, clips = task(seed, level="paper")
        found = kwspot.discover([(x, 16000) for x, _ in clips], method="extract")
        assert found.method == "extract"
        answers = [{"clip": i, "start": o.start, "end": o.end} for i, o in enumerate(found)]
        truth = [
            {"clip": i, "start": start, "end": end}
            for i, (_, spans) in enumerate(clips)
            for start, end in spans
        ]
        rows.append(tasks().score(answers, truth))
    assert tasks().summary(rows)["F25"] >= 0.9


def test_frames_that_never_change_hold_no_word():
    still = [SimpleNamespace(frames=np.ones((n, 3), np.float32), period=0.02) for n in (50, 70)]
    assert once_per_clip(still, Bounds(0.2, 0.4), lambda done: None) == []


def test_bounds_that_are_narrow_stay():
    assert within_an_octave(Bounds(0.3, 0.6)) == Bounds(0.3, 0.6)
    narrowed = within_an_octave(Bounds(0.15, 1.5))
    assert narrowed.most == pytest.approx(2 * narrowed.least)


def test_discover_is_a_function_and_the_room_of_extract():
    import kwspot.discover.confidence as confidence

    assert callable(kwspot.discover)
    assert kwspot.discover.extract.__name__ == "extract"
    assert callable(confidence.judge)
