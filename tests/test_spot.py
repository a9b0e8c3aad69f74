"""Spotting: whole equals chunked, memory stays flat, latency is bounded, peaks are chosen well."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from speech import digit, needs_speech, tasks
from test_keyword import enrolled, hiss, noise

import kwspot
from kwspot import Keyword, Spotter
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.peaks import Hit, Peaks
from kwspot.recording import listen
from kwspot.results import Occurrence


@pytest.fixture(scope="module")
def word():
    return hiss()


def in_context(number):
    """Learn a digit from its places among others, as `learn` would find them."""
    chosen = front_end("cepstra")
    clips, places = [], []
    for take in range(5):
        around = [
            load(digit((number + step) % 10, "jackson", take)) for step in (take + 1, 9 - take)
        ]
        word = load(digit(number, "jackson", take))
        pause = 1e-3 * np.random.default_rng(take).normal(size=3200).astype(np.float32)
        clips.append((np.concatenate([around[0], pause, word, pause, around[1]]), 16000))
        start = (len(around[0]) + len(pause)) / 16000
        places.append(Occurrence("clip", start, start + len(word) / 16000, 1.0))
    return Keyword.enrol(str(number), chosen, listen(clips, chosen), places, 1.0)


@pytest.fixture(scope="module")
def digits():
    return [in_context(number) for number in (3, 7, 8)]


@pytest.fixture(scope="module")
def passage():
    """Ten digits in a row with pauses, the keywords 3, 7 and 8 among them, and where they are."""
    rng = np.random.default_rng(3)
    parts, spans = [], {}
    for i in (1, 3, 5, 7, 0, 8, 2, 3, 9, 7):
        x = load(digit(i, "jackson", int(rng.integers(10, 50))))
        at = sum(map(len, parts)) / 16000
        spans.setdefault(str(i), []).append((at, at + len(x) / 16000))
        parts += [x, np.zeros(int(rng.uniform(0.1, 0.4) * 16000), np.float32)]
    x = np.concatenate(parts)
    return (x + 1e-3 * rng.normal(size=len(x))).astype(np.float32), spans


@needs_speech
def test_keywords_are_found_where_they_are_said(digits, passage):
    x, spans = passage
    found = kwspot.spot((x, 16000), digits, threshold=0.1)
    assert found.duration == pytest.approx(len(x) / 16000)
    said = [(name, a, b) for name in ("3", "7", "8") for a, b in spans[name]]
    right = [
        any(
            hit.keyword == name and min(hit.end, b) - max(hit.start, a) > 0.5 * (b - a)
            for hit in found
        )
        for name, a, b in said
    ]
    assert sum(right) >= len(said) - 1
    assert len(found) <= len(said) + 1
    assert [hit.start for hit in found] == sorted(hit.start for hit in found)


@needs_speech
@given(cuts=st.lists(st.integers(0, 120000), max_size=8))
def test_chunks_do_not_change_the_result(digits, passage, cuts):
    x, _ = passage
    expected = kwspot.spot((x, 16000), digits, threshold=0.05).items
    spotter = Spotter(digits, threshold=0.05)
    found = [
        hit
        for part in np.split(x, sorted(min(c, len(x)) for c in cuts))
        for hit in spotter.feed(part)
    ]
    found += spotter.finish()
    assert tuple(found) == expected


@needs_speech
def test_tiny_chunks_and_integers_change_nothing(digits, passage):
    whole = (passage[0][:48000] * 32767).astype(np.int16)
    expected = kwspot.spot((whole, 16000), digits).items
    spotter = Spotter(digits)
    found = [hit for i in range(0, len(whole), 77) for hit in spotter.feed(whole[i : i + 77])]
    assert (*found, *spotter.finish()) == expected


@needs_speech
def test_other_rates_are_resampled(digits, passage):
    import soxr

    x, _ = passage
    high = soxr.resample(x, 16000, 44100)
    spotter = Spotter(digits, rate=44100)
    found = [hit for part in np.array_split(high, 50) for hit in spotter.feed(part)]
    found += spotter.finish()
    expected = kwspot.spot((x, 16000), digits)
    assert [hit.keyword for hit in found] == [hit.keyword for hit in expected]
    for hit, other in zip(found, expected, strict=True):
        assert hit.end == pytest.approx(other.end, abs=0.05)


def test_a_detection_comes_within_300_ms_of_the_end():
    spotter = Spotter([hiss(front_end="cepstra")])
    stream = np.concatenate([np.zeros(8000, np.float32), noise(0), np.zeros(16000, np.float32)])
    for i in range(0, len(stream), 160):
        for hit in spotter.feed(stream[i : i + 160]):
            heard = (i + 160) / 16000
            assert heard - hit.end <= 0.3
            assert heard - 1.0 <= 0.3 + 0.02  # the word ends at 1.0 s
            return
    pytest.fail("nothing was found")


def test_each_keyword_is_judged_by_itself(word):
    other = Keyword.from_examples([(noise(i), 16000) for i in (5, 6)], name="other")
    stream = (np.concatenate([np.zeros(8000), noise(0), np.zeros(8000)]), 16000)
    alone = kwspot.spot(stream, [word])
    together = [hit for hit in kwspot.spot(stream, [other, word]) if hit.keyword == "hiss"]
    assert tuple(together) == alone.items


def test_silence_and_nothing_hold_no_word(word):
    assert not kwspot.spot((np.zeros(32000), 16000), [word]).items
    spotter = Spotter([word])
    assert spotter.feed([]) == []
    assert spotter.finish() == []


def test_bad_calls_are_refused(word):
    with pytest.raises(ValueError, match="at least one keyword"):
        Spotter([])
    with pytest.raises(ValueError, match="threshold"):
        Spotter([word], threshold=1.5)
    with pytest.raises(ValueError, match="refractory"):
        Spotter([word], refractory=-1)
    with pytest.raises(ValueError, match="shape"):
        Spotter([word]).feed(np.zeros((5, 2)))
    with pytest.raises(ValueError, match="finite"):
        Spotter([word]).feed([np.nan])


def test_memory_does_not_grow_with_the_recording(word, tmp_path):
    word.save(tmp_path / "hiss.kws")
    code = """
import resource, sys
import numpy as np
from kwspot import Keyword, Spotter
spotter = Spotter([Keyword.load(sys.argv[1])])
noise = np.random.default_rng(1).normal(size=160000).astype(np.float32)
for _ in range(3):
    spotter.feed(noise)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(120):
    spotter.feed(noise)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    grown = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "hiss.kws")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(grown.stdout) < 4096  # kilobytes, over 20 minutes


def peaks(hits, now=100.0, **options):
    names = ["a", "b", "c"]
    chosen = Peaks(names, **{"threshold": 0.5, "refractory": 0.3} | options)
    for hit in hits:
        chosen.add(hit)
    return [(found.keyword, found.end) for found in chosen.settle(now)]


def test_of_one_keyword_the_best_of_a_peak_counts():
    assert peaks([Hit(1.0, 0, 0.6, 0.5), Hit(1.1, 0, 0.8, 0.5), Hit(1.2, 0, 0.7, 0.6)]) == [
        ("a", 1.1)
    ]


def test_of_two_keywords_on_the_same_sound_the_better_counts():
    assert peaks([Hit(1.0, 0, 0.6, 0.5), Hit(1.1, 1, 0.9, 0.5)]) == [("b", 1.1)]
    assert peaks([Hit(1.0, 0, 0.9, 0.5), Hit(1.1, 1, 0.6, 0.5)]) == [("a", 1.0)]
    assert peaks([Hit(1.0, 0, 0.6, 0.5), Hit(1.5, 1, 0.9, 1.0)]) == [("a", 1.0), ("b", 1.5)]


def test_a_keyword_rests_after_a_detection():
    again = [Hit(1.0, 0, 0.6, 0.5), Hit(1.4, 0, 0.9, 1.05)]
    assert peaks(again, refractory=0.3) == [("a", 1.0), ("a", 1.4)]
    assert peaks(again, refractory=0.5) == [("a", 1.0)]


def test_nothing_is_reported_before_it_is_certain():
    assert peaks([Hit(1.0, 0, 0.6, 0.5)], now=1.1) == []
    assert peaks([Hit(1.0, 0, 0.6, 0.5)], now=1.2) == [("a", 1.0)]


@needs_speech
def test_a_stranger_word_scores_lower_than_the_keyword():
    module = tasks()
    keyword, clips = enrolled(21)
    x, spans = clips[0]
    found = keyword.spot((x, 16000), threshold=0.0)
    inside = [
        hit.score
        for hit in found
        if min(hit.end, spans[0][1]) - max(hit.start, spans[0][0]) > 0.5 * hit.end - 0.5 * hit.start
    ]
    outside = [hit.score for hit in found if hit.score not in inside]
    assert max(inside) > max(outside)
    assert module.iou({"start": 0, "end": 1}, {"start": 0, "end": 1}) == 1
