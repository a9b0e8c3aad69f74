"""What `kwspot.learn` says of the recordings that it is given."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from commands import run
from speech import digit, needs_speech, task

import kwspot
from kwspot.audio import load
from kwspot.background import with_background
from kwspot.doubts import clipping, doubts, likeness, loudness, signal_to_noise
from kwspot.features import front_end
from kwspot.keyword import Keyword
from kwspot.recording import listen
from kwspot.results import Occurrence


def noise(seed, n=8000):
    return np.random.default_rng(seed).normal(size=n).astype(np.float32) / 8


def doubts_of(takes):
    """Learn from words with pauses around them, and tell what is doubted."""
    chosen = front_end("cepstra")
    sources = [(padded(x) if clip is None else clip, 16000) for x, clip in takes]
    places = [
        Occurrence(f"clip {i}", 0.375, 0.375 + len(x) / 16000, 1.0)
        for i, (x, _) in enumerate(takes, 1)
    ]
    keyword = Keyword.enrol("word", chosen, listen(sources, chosen), places, 1.0)
    return doubts(keyword, dict(zip([one.clip for one in places], sources, strict=True)), places)


def word(number, speaker, take):
    """Give the samples of a digit, and no clip of its own."""
    return load(digit(number, speaker, take)), None


def padded(x):
    quiet = noise(1, 6000) / 1000
    return np.concatenate([quiet, x, quiet])


@needs_speech
def test_nothing_is_said_of_good_takes():
    for number, speaker in ((0, "jackson"), (8, "theo"), (1, "yweweler")):
        assert doubts_of([word(number, speaker, take) for take in range(5)]) == []


@needs_speech
def test_a_clipped_take_is_named():
    takes = [word(0, "jackson", take) for take in range(5)]
    x = takes[2][0]
    takes[2] = (x, np.clip(4 * padded(x), -np.abs(x).max(), np.abs(x).max()))
    assert doubts_of(takes)[0] == "clip 3 is clipped: record it again, at a lower level"


@needs_speech
def test_a_quiet_take_is_named():
    takes = [word(0, "jackson", take) for take in range(5)]
    x = takes[3][0]
    takes[3] = (x, np.round(2e-4 * padded(x) / np.abs(x).max() * 32768) / 32768)
    told = doubts_of(takes)
    assert told[0].startswith("clip 4 is too quiet (-")
    assert loudness(np.zeros(0, np.float32)) == -300


@needs_speech
def test_a_noisy_take_is_named():
    takes = [word(0, "jackson", take) for take in range(5)]
    x = takes[1][0]
    noisy = padded(x) + noise(5, len(x) + 12000) * 5 * np.sqrt(np.mean(x**2))
    takes[1] = (x, noisy.astype(np.float32))
    told = doubts_of(takes)
    assert told[0].startswith("clip 2 is noisy (about ")
    assert "record it again" in told[0]


@needs_speech
@pytest.mark.parametrize(("decibels", "said"), [(25, False), (0, True)])
def test_noise_is_told_by_how_loud_it_is(decibels, said):
    take = load(digit(7, "theo", 3))
    x, span = padded(take), slice(6000, 6000 + len(take))
    loud = np.sqrt(np.mean(take**2))
    noisy = x + noise(2, len(x)) * 8 * loud * 10 ** (-decibels / 20)
    assert (signal_to_noise(noisy.astype(np.float32), span) < 8) is said
    assert signal_to_noise(take, slice(0, len(take))) == np.inf
    silence = np.append(np.zeros(8000, np.float32), take)
    assert signal_to_noise(silence, slice(8000, len(silence))) == np.inf


@needs_speech
def test_the_same_take_is_told_whatever_its_level_and_place():
    takes = [word(7, "theo", take) for take in range(4)]
    x = takes[1][0]
    again = (x / 3 + noise(4, len(x)) / 500).astype(np.float32)
    told = doubts_of([*takes, (again[200:], None)])
    (copy,) = [text for text in told if "same take" in text]
    assert copy.startswith("clip 5 holds the same take as clip 2: record it anew")
    for i in range(4):
        for j in range(i):
            assert likeness(takes[i][0], takes[j][0]) < 0.85
    assert likeness(np.zeros(5, np.float32), x) == 0


@needs_speech
def test_the_take_of_another_word_is_named():
    takes = [word(0, "jackson", take) for take in range(4)] + [word(6, "jackson", 5)]
    (told,) = doubts_of(takes)
    assert told.startswith("the word in clip 5 is unlike the others: check that it is there")
    assert doubts_of(takes[3:]) == []  # of two, none can be told to be the wrong one


@needs_speech
def test_a_short_word_is_doubted():
    takes = [word(6, "nicolas", take)[0] for take in range(3)]
    told = doubts_of([(x[1000:3400], None) for x in takes])
    assert any("lasts only 0.15 s" in text for text in told)


def test_a_word_that_is_like_everyday_sound_is_doubted():
    takes = [
        (np.append(np.zeros(3000), noise(0) + noise(i)).astype(np.float32), 16000) for i in (5, 6)
    ]
    keyword, clips = Keyword.from_examples(takes), {"clip 1": takes[0], "clip 2": takes[1]}
    strict = with_background(keyword, [(noise(7, 16000 * 20), 16000)], false_alarms_per_hour=1e-6)
    rare = replace(strict, false_alarms_per_hour=1e6)
    assert "2 of 2 examples would be missed" in doubts(strict, clips, strict.occurrences)[-1]
    assert not any("missed" in text for text in doubts(rare, clips, rare.occurrences))


@needs_speech
def test_learn_warns_and_the_command_says_so(tmp_path):
    import soundfile

    _, clips = task(3)
    for i, (x, _) in enumerate(clips):
        top = np.abs(x).max() / (4 if i == 2 else 1)
        soundfile.write(tmp_path / f"{i}.wav", np.clip(x, -top, top), 16000)
    paths = sorted(str(path) for path in tmp_path.glob("*.wav"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kwspot.learn(paths)
    assert any(f"{paths[2]} is clipped" in str(one.message) for one in caught)
    assert all(issubclass(one.category, kwspot.DoubtfulResult) for one in caught)
    result = run("learn", *paths, "-o", tmp_path / "word.kws")
    assert f"warning: {paths[2]} is clipped: record it again" in result.stderr
    assert clipping(np.zeros(0, np.float32)) == 0
