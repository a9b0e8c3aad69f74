"""EXTRACT as a method of `kwspot.discover`."""

from __future__ import annotations

import numpy as np
import pytest

import kwspot
from kwspot.discover.extract.method import within_an_octave
from kwspot.discover.methods import Bounds
from kwspot.errors import NothingFound
from speech import needs_speech, task, tasks


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


def test_clips_without_anything_in_common_share_nothing():
    tone = np.sin(0.2 * np.arange(16000))
    rng = np.random.default_rng(0)
    with pytest.raises(NothingFound):
        kwspot.discover(
            [(tone, 16000), (rng.normal(size=16000), 16000), (tone[:9000], 16000)],
            method="extract",
            min_duration=0.3,
            max_duration=0.6,
        )


def test_bounds_that_are_narrow_stay():
    assert within_an_octave(Bounds(0.3, 0.6)) == Bounds(0.3, 0.6)
    narrowed = within_an_octave(Bounds(0.15, 1.5))
    assert narrowed.most == pytest.approx(2 * narrowed.least)


def test_the_function_carries_extract_for_any_series():
    assert kwspot.discover.extract is kwspot.discover.extract
    assert kwspot.discover.extract.__name__ == "extract"
