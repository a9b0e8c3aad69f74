"""All occurrences of the shared word, not only the best of each clip."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speech import SPEECH, needs_speech, tasks

import kwspot
from kwspot.discover import discover
from kwspot.errors import DoubtfulResult
from kwspot.match.fits import Fits
from kwspot.results import Discovery

RATE = 16000


def planted(rng, counts, gap=0.4):
    """Plant a noise-like word, `counts` times in each quiet clip; give the clips and the starts."""
    word = rng.normal(size=RATE // 2) * np.repeat(rng.uniform(0.3, 1, 10), RATE // 20)
    clips, starts = [], []
    for count in counts:
        begin = np.cumsum(rng.uniform(gap, gap + 0.4, count) + 0.5) - 0.5
        x = 0.01 * rng.normal(size=int((begin[-1] + 1.1) * RATE))
        for at in begin:
            x[int(at * RATE) :][: len(word)] += word + 0.3 * rng.normal(size=len(word))
        clips.append((x.astype(np.float32), RATE))
        starts.append(begin.tolist())
    return clips, starts


def digits(seed):
    """Make five clips of digits, in the last of which the shared one is said three times."""
    maker = tasks()
    rng = np.random.default_rng(seed)
    _, made = maker.discover_task(maker.corpus(SPEECH / "fsdd"), rng, clips=7)
    parts = [x for x, _ in made[4:]]
    begins = np.cumsum([0, *map(len, parts)]) / RATE
    spans = [
        (a + t, b + t) for (_, some), t in zip(made[4:], begins, strict=False) for a, b in some
    ]
    return [*made[:4], (np.concatenate(parts), spans)]


def rows(found):
    return [
        {"clip": place.clip, "start": place.start, "end": place.end}
        for place in found
        if place.present
    ]


def score(made, found):
    """Count what was found, what is true and what is both, at an IoU of one half."""
    truth = [
        {"clip": f"clip {number}", "start": a, "end": b}
        for number, (_, spans) in enumerate(made, 1)
        for a, b in spans
    ]
    return tasks().score(rows(found), truth)


@settings(max_examples=6)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 3), min_size=3, max_size=4))
def test_every_planted_word_is_found(seed, counts):
    clips, starts = planted(np.random.default_rng(seed), counts)
    found = discover(clips, every=True, front_end="cepstra")
    for number, begin in enumerate(starts, 1):
        places = [place for place in found if place.clip == f"clip {number}"]
        assert len(places) == len(begin)
        # Within half of the word, so that no other can be meant.
        assert all(abs(place.start - at) < 0.25 for place, at in zip(places, begin, strict=True))


@needs_speech
def test_three_digits_of_one_clip_are_found():
    scores = []
    for seed in (3, 4, 6, 7):
        made = digits(seed)
        found = discover([(x, RATE) for x, _ in made], every=True)
        scores.append(score(made, found))
        assert Discovery.from_json(found.to_json()) == found
    hits, claimed, true = (sum(row[key] for row in scores) for key in ("hit50", "found", "true"))
    assert hits >= 0.85 * true
    assert hits >= 0.8 * claimed


def test_the_best_places_are_kept_and_all_are_in_order():
    clips, _ = planted(np.random.default_rng(1), (2, 1, 3))
    best, found = discover(clips), discover(clips, every=True)
    assert set(best.occurrences) < set(found.occurrences)
    order = [(place.clip, place.start) for place in found]
    assert order == sorted(order)
    assert found.runners_up == best.runners_up
    assert found.confidence > best.confidence  # it is said again
    assert all(0 <= place.score <= 1 for place in found)


def test_a_clip_without_the_word_is_still_named():
    rng = np.random.default_rng(2)
    clips, _ = planted(rng, (2, 1, 1, 1))
    noise = 0.01 * rng.normal(size=2 * RATE)
    noise[8000:16000] += np.sin(np.arange(8000)) * np.hanning(8000)
    found = discover([*clips, (noise, RATE)], every=True)
    assert found.absent == ("clip 5",)
    assert len(found) == 6


def test_copies_get_the_same_occurrences():
    clips, _ = planted(np.random.default_rng(3), (2, 1, 1))
    with pytest.warns(DoubtfulResult, match="clip 4"):
        found = discover([*clips, clips[0]], every=True)
    spans = {name: [] for name in ("clip 1", "clip 4")}
    for place in found:
        spans.get(place.clip, []).append((place.start, place.end))
    assert spans["clip 1"] == spans["clip 4"]
    assert len(spans["clip 1"]) == 2


def test_bounds_hold_for_all():
    clips, _ = planted(np.random.default_rng(4), (3, 2, 2))
    found = discover(clips, every=True, min_duration=0.45, max_duration=0.55)
    assert all(0.45 <= place.duration <= 0.55 for place in found)


def test_two_clips_of_unlike_words_do_no_harm():
    rng = np.random.default_rng(5)
    clips = [(rng.normal(size=RATE * 2 // 3 * k), RATE) for k in (1, 3)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DoubtfulResult)
        assert len(discover(clips, every=True)) >= 2


def test_a_keyword_learns_from_all():
    clips, starts = planted(np.random.default_rng(6), (3, 1, 1))
    keyword, few = kwspot.learn(clips, every=True), kwspot.learn(clips)
    assert [len(word.examples) for word in (keyword, few)] == [5, 3]
    assert keyword.calibration.background > keyword.calibration.genuine + 0.1
    hits = keyword.spot(clips[0])
    assert [round(hit.start - at, 0) for hit, at in zip(hits, starts[0], strict=True)] == [0, 0, 0]


def test_fits_do_not_overlap_and_the_cheapest_is_first():
    rng = np.random.default_rng(7)
    frames = rng.normal(size=(300, 5)).astype(np.float32)
    frames /= np.linalg.norm(frames, axis=1, keepdims=True)
    fits = Fits.of([frames[40:60], frames[200:230]], frames)
    assert (np.diff(fits.cost) >= 0).all()
    for start, end in zip(fits.start, fits.end, strict=True):
        assert fits.meet(start, end).sum() == 1
