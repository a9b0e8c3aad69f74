"""Listening only where a word may be: what is heard is what would have been, in any chunks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speech import needs_speech, task

import kwspot
from kwspot import Keyword, Spotter
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.features.normalise import RunningNormaliser
from kwspot.features.sparing import Wanted
from kwspot.recording import listen
from kwspot.results import Occurrence
from kwspot.sketch import Looks, Sketch

pytest.importorskip("onnxruntime", reason="needs the extra 'speech'")
SPEECH = front_end("speech")


@pytest.fixture(scope="module")
def keyword(model):
    return Keyword.load(model)


@pytest.fixture(scope="module")
def sound(samples):
    """A recording that holds the word, silence, and one that does not hold it."""
    rng = np.random.default_rng(0)
    silence = (1e-4 * rng.normal(size=48000)).astype(np.float32)
    return np.concatenate([load(samples["find"][0]), silence, load(samples["reject"][0])])


class Every:
    """Passes every so many frames."""

    def __init__(self, step, first=0):
        self.step, self.clock = step, -first

    def feed(self, frames):
        at = self.clock + np.arange(len(frames))
        self.clock += len(frames)
        return (at >= 0) & (at % self.step == 0)

    def finish(self):
        return np.zeros(0, bool)


def listened(stream, x, cuts):
    parts = [stream.feed(part) for part in np.split(x, sorted(min(c, len(x)) for c in cuts))]
    return np.concatenate([*parts, stream.finish()])


@given(
    passed=st.lists(st.booleans(), max_size=60),
    before=st.integers(0, 9),
    after=st.integers(0, 9),
    data=st.data(),
)
def test_what_is_wanted_is_near_what_passes(passed, before, after, data):
    expected = [any(passed[max(0, i - after) : i + before + 1]) for i in range(len(passed))]
    wanted, got, left = Wanted(before, after), [], list(passed)
    while left:
        n = data.draw(st.integers(1, len(left)))
        wanted.add(np.array(left[:n]))
        left = left[n:]
        known = wanted.decided(data.draw(st.integers(0, 60)))
        got += known.tolist()
        wanted.drop(len(known))
    assert got + wanted.decided(len(passed), ended=True).tolist() == expected


def test_what_can_change_no_more_is_decided_at_once():
    wanted = Wanted(3, 1)
    wanted.add(np.array([False] * 5 + [True]))
    assert wanted.decided(9).tolist() == [False, False, True, True, True, True]
    wanted.drop(6)
    wanted.add(np.array([False] * 3))
    assert wanted.decided(9).tolist() == [True]  # others may yet be asked for


@given(cuts=st.lists(st.integers(0, 48000), max_size=6), step=st.sampled_from([40, 90, 1000]))
@settings(max_examples=12)
def test_frames_are_those_of_the_whole_or_absent_in_any_chunks(samples, cuts, step):
    x = load(samples["find"][0])[:48000]
    whole = SPEECH(x)
    got = listened(SPEECH.sparing(Every(step, first=20), 12, 7), x, cuts)
    absent = np.isnan(got).all(axis=1)
    np.testing.assert_array_equal(got[~absent], whole[~absent])
    near = [i for at in range(20, len(whole), step) for i in range(at - 12, at + 8)]
    assert np.flatnonzero(~absent).tolist() == [i for i in near if i < len(whole)]


def test_a_frame_that_was_not_heard_changes_nothing():
    rng = np.random.default_rng(1)
    frames = rng.normal(size=(9, 4)).astype(np.float32)
    loudness = rng.uniform(0.1, 1, size=9).astype(np.float32)
    heard = np.array([True, False, True, True, False, False, True, True, True])
    gaps = np.where(heard[:, None], frames, np.nan).astype(np.float32)
    prior = np.ones(4, np.float32)
    running, other = (RunningNormaliser(prior, period=0.02, homogeneous=False) for _ in range(2))
    units = running.feed(gaps, np.where(heard, loudness, np.nan).astype(np.float32))
    np.testing.assert_array_equal(units[heard], other.feed(frames[heard], loudness[heard]))
    assert not units[~heard].any()
    np.testing.assert_array_equal(running.state, other.state)


def test_the_word_is_found_all_the_same(keyword, samples):
    for path in samples["find"]:
        found, thorough = keyword.spot(path), replace(keyword, sketch=None).spot(path)
        assert len(found) == len(thorough) == 1
        assert found.items[0].start == pytest.approx(thorough.items[0].start, abs=0.05)
        assert found.items[0].score == pytest.approx(thorough.items[0].score, abs=0.1)
    assert not any(keyword.spot(path).items for path in samples["reject"])


@given(cuts=st.lists(st.integers(0, 150000), max_size=6))
@settings(max_examples=10)
def test_chunks_do_not_change_what_is_found(keyword, sound, cuts):
    expected = kwspot.spot((sound, 16000), [keyword], threshold=0.01).items
    spotter = Spotter([keyword], threshold=0.01)
    found = [
        hit
        for part in np.split(sound, sorted(min(c, len(sound)) for c in cuts))
        for hit in spotter.feed(part)
    ]
    assert (*found, *spotter.finish()) == expected
    assert expected


def test_tiny_chunks_change_nothing(keyword, sound):
    x = sound[:64000]
    look = [Looks([keyword.sketch], SPEECH.sketch) for _ in range(2)]
    whole = listened(SPEECH.sparing(look[0], 60, 20), x, [])
    tiny = listened(SPEECH.sparing(look[1], 60, 20), x, range(0, len(x), 77))
    np.testing.assert_array_equal(whole, tiny)


def test_silence_costs_the_network_nothing(keyword, sound):
    look = Looks([keyword.sketch], SPEECH.sketch)
    rng = np.random.default_rng(2)
    for silence in (np.zeros(80000), 1e-4 * rng.normal(size=80000)):
        frames = listened(SPEECH.sparing(look, 60, 20), silence.astype(np.float32), [])
        assert len(frames) == 250
        assert np.isnan(frames).all()


def test_a_model_keeps_its_sketch_and_more_examples_add_to_it(keyword, samples, tmp_path):
    assert len(keyword.sketch.templates) == len(keyword.examples)
    again = Keyword.from_fields(keyword.to_fields()).sketch
    for mine, other in zip(keyword.sketch.templates, again.templates, strict=True):
        np.testing.assert_array_equal(mine, other)
    np.testing.assert_array_equal(keyword.sketch.prior, again.prior)
    assert again.most == keyword.sketch.most
    more = keyword.extend([samples["find"][0]])
    assert len(more.sketch.templates) == len(more.examples) == len(keyword.examples) + 1


def test_other_front_ends_and_known_features_have_no_sketch(keyword, samples):
    word = Keyword.from_examples(samples["learn"][:2], front_end="cepstra")
    assert word.sketch is None
    recordings = [replace(one, sketch=None) for one in listen(samples["learn"][:2], SPEECH)]
    places = [Occurrence(one.name, 0.2, 0.8, 1.0) for one in recordings]
    assert Sketch.of(recordings, places, SPEECH) is None
    assert keyword.sketch.extended(recordings, places, SPEECH) is None
    plain = replace(keyword, sketch=None, name="plain")  # with such a one all is heard
    both = kwspot.spot(samples["find"][0], [keyword, plain])
    alone = kwspot.spot(samples["find"][0], [plain])
    assert {hit.score for hit in both} <= {hit.score for hit in alone}


@needs_speech
def test_words_of_five_voices_are_found_all_the_same():
    word, clips = task(103, speakers="mixed")
    recordings = listen([(x, 16000) for x, _ in clips], SPEECH)
    places = [
        Occurrence(one.name, *spans[0], 1.0)
        for one, (_, spans) in zip(recordings, clips, strict=True)
    ]
    keyword = Keyword.enrol(str(word), SPEECH, recordings[:4], places[:4], 1.0)
    for sketch in (keyword.sketch, None):
        found = replace(keyword, sketch=sketch).spot((clips[4][0], 16000), threshold=0.2)
        start, end = clips[4][1][0]
        assert any(min(hit.end, end) - max(hit.start, start) > 0.3 * (end - start) for hit in found)
