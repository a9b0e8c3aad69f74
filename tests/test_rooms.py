"""Examples as they would sound in rooms: what is added, what it brings, and that it is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from speech import digit, needs_speech

from kwspot import Keyword, identify
from kwspot.audio import load
from kwspot.enrol import enrol
from kwspot.features import front_end
from kwspot.features.room import in_room
from kwspot.features.word import Utterance, Voice, cut_out
from kwspot.identify import _contrasts
from kwspot.judging import compared_in_room, example_costs, word_costs
from kwspot.recording import listen

pytest.importorskip("onnxruntime", reason="needs the extra 'speech'")
SPEECH = front_end("speech")


def plain(keyword):
    """Return a keyword without copies in rooms."""
    return replace(keyword, examples=tuple(replace(x, in_room=None) for x in keyword.examples))


def test_a_room_adds_a_tail_that_decays_and_noise_below_it():
    click = np.zeros(1600, np.float32)
    click[0] = 0.5
    heard = in_room(click, 16000)
    assert len(heard) == 1600 + 8000
    level = [np.sqrt(np.mean(heard[a : a + 800] ** 2)) for a in (80, 2080, 4080)]
    assert level[0] > 4 * level[1] > 4 * level[2]
    assert heard[0] == pytest.approx(0.5, abs=0.1)
    np.testing.assert_array_equal(heard, in_room(click, 16000))
    assert not in_room(np.zeros(100, np.float32), 16000).any()


def test_the_noise_is_15_db_below_the_word():
    rng = np.random.default_rng(0)
    word = rng.normal(size=8000).astype(np.float32)
    after = in_room(np.append(word, np.zeros(16000, np.float32)), 16000)[-4000:]
    noise = np.sqrt(np.mean(after**2) / (2 * np.sum(word**2) / 32000))  # the tail is as loud again
    assert 10 ** (-17 / 20) < noise < 10 ** (-13 / 20)


def test_each_example_has_a_copy_and_files_keep_it(samples, tmp_path):
    keyword = Keyword.from_examples(samples["find"][:1], front_end="speech")
    marked = enrol([(samples["find"][0], 0.5, 1.2)], front_end="speech")
    more = keyword.extend([samples["learn"][0]])
    mixed = replace(more, examples=(*plain(keyword).examples, more.examples[1]))
    for word in (keyword, marked, more, mixed):
        word.save(tmp_path / "word.kws")
        again = Keyword.load(tmp_path / "word.kws")
        for one, other in zip(word.examples, again.examples, strict=True):
            assert (one.in_room is None) == (other.in_room is None)
            if one.in_room is not None:
                np.testing.assert_array_equal(one.in_room, other.in_room)
            for heard, kept in zip(one.otherwise, other.otherwise, strict=True):
                np.testing.assert_array_equal(heard, kept)
    assert mixed.examples[0].in_room is None
    assert all(one.in_room is not None for one in (*marked.examples, *more.examples))


def test_without_samples_or_for_cepstra_there_is_none(samples):
    for ear in (SPEECH, front_end("cepstra")):
        (recording,) = listen(samples["find"][:1], ear)
        recording = replace(recording, samples=recording.samples if ear != SPEECH else None)
        example = recording.cut(recording.loud_place(ear), ear)
        assert recording.in_room(example, ear) is None


def test_the_nearer_of_an_example_and_its_copy_counts(samples):
    keyword = Keyword.from_examples(samples["find"][:2], front_end="speech")
    one = keyword.examples[0]
    for frames, least in ((one.alone("speech"), 0.0), (cut_out(one.in_room, "speech"), 0.04)):
        costs = example_costs(keyword.examples, [Voice(frames)], "speech")
        assert costs.shape == (2,)
        assert costs[0] == pytest.approx(least, abs=1e-5)
        assert costs[1] > 0.05
    utterance = Utterance(one.alone("speech"))
    assert keyword.whole_cost(utterance) <= plain(keyword).whole_cost(utterance)
    assert keyword.calibration == plain(keyword).calibration  # made without copies


def test_what_sets_words_apart_is_asked_of_the_copies(samples):
    words = [
        Keyword.from_examples(samples[name][:2], front_end="speech") for name in ("find", "learn")
    ]
    examples = [one for word in words for one in word.examples]
    copies = [cut_out(one.in_room, "speech") for one in examples]
    costs, among = compared_in_room(examples, [Voice(copies[1])], "speech")
    assert int(costs.argmin()) == 1
    assert costs[1] == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(among[1], costs, atol=0.02)  # the band leans with the order
    np.testing.assert_array_equal(among, among.T)
    utterance = Utterance(copies[1])
    each = [word_costs(word, utterance) for word in words]
    cost = np.array([own.mean() for own in each])
    swapped = [replace(x, in_room=y.in_room) for x, y in zip(examples, examples[::-1], strict=True)]
    others = [
        replace(words[0], examples=tuple(swapped[:2])),
        replace(words[1], examples=tuple(swapped[2:])),
    ]
    asked = _contrasts(words, cost, each, utterance)
    assert asked[0] > 0.3 > -0.3 > asked[1]
    np.testing.assert_allclose(_contrasts(others, cost, each, utterance), asked[::-1], atol=0.02)
    lacking = [words[0], plain(words[1])]
    as_said = _contrasts([plain(word) for word in words], cost, each, utterance)
    assert not np.allclose(_contrasts(lacking, cost, each, utterance), asked)
    assert as_said[0] > as_said[1]


@needs_speech
def test_words_in_a_room_are_nearer_to_what_was_learned():
    keyword = Keyword.from_examples([digit(3, "theo", i) for i in range(3)], front_end="speech")
    rng, odds = np.random.default_rng(1), {True: [], False: []}
    for take in range(10, 14):
        x = load(digit(3, "jackson", take))
        tail = rng.normal(size=6400) * 10 ** (-3 * np.arange(6400) / 6400) / 30
        tail[0] = 1
        heard = np.convolve(x, tail).astype(np.float32)
        for copies in odds:
            word = keyword if copies else plain(keyword)
            odds[copies].append(identify((heard, 16000), [word]).items[0][1])
    assert np.mean(odds[True]) > np.mean(odds[False])
