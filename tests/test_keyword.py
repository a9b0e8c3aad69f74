"""Keywords: learned from real words, kept in files that must be readable for ever."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from speech import digit, needs_speech, task

import kwspot
from kwspot import tensorfile
from kwspot.audio import load
from kwspot.errors import AudioError, ModelError, TooFewClips
from kwspot.features import front_end
from kwspot.keyword import Keyword
from kwspot.recording import Recording, listen, source_name
from kwspot.results import Occurrence

GOLDEN = Path(__file__).parent / "golden" / "hiss.kws"


def noise(seed, n=8000):
    return np.random.default_rng(seed).normal(size=n).astype(np.float32)


def hiss(**options):
    word = noise(0)
    quiet = np.zeros(3000, np.float32)
    takes = [(np.concatenate([quiet, word, quiet]), 16000), (word, 16000), (word, 16000)]
    return Keyword.from_examples(takes, name="hiss", **options)


def enrolled(seed, speakers="one"):
    """Learn the keyword of a task from its true places."""
    _, clips = task(seed, speakers=speakers)
    chosen = front_end("cepstra")
    recordings = listen([(x, 16000) for x, _ in clips], chosen)
    places = [
        Occurrence(recording.name, *spans[0], 1.0)
        for recording, (_, spans) in zip(recordings, clips, strict=True)
    ]
    return Keyword.enrol("word", chosen, recordings, places, 1.0), clips


def assert_same(a: Keyword, b: Keyword):
    assert a.occurrences == b.occurrences
    assert a.calibration == b.calibration
    assert (a.name, a.front_end, a.confidence) == (b.name, b.front_end, b.confidence)
    assert (a.created, a.version, a.absent) == (b.created, b.version, b.absent)
    for one, other in zip(a.examples, b.examples, strict=True):
        np.testing.assert_array_equal(one.frames, other.frames)
        np.testing.assert_array_equal(one.mean, other.mean)
        assert one.digest == other.digest


def test_a_keyword_is_the_same_after_a_round_trip(tmp_path):
    keyword = hiss()
    keyword.save(tmp_path / "hiss.kws")
    assert_same(Keyword.load(tmp_path / "hiss.kws"), keyword)


def test_keywords_are_told_apart():
    one = hiss()
    other = one.against([(noise(9), 16000)])
    assert one != other
    assert len({one, other, one}) == 2


def test_the_golden_file_is_read_for_ever():
    keyword = Keyword.load(GOLDEN)
    assert (keyword.name, keyword.front_end, len(keyword.examples)) == ("hiss", "cepstra", 3)
    assert keyword.created.startswith("20")
    assert keyword.occurrences[0].clip == "clip 1"
    found = keyword.spot((np.concatenate([np.zeros(8000), noise(0), np.zeros(8000)]), 16000))
    assert [(round(hit.start, 1), round(hit.end, 1)) for hit in found] == [(0.5, 1.0)]


def test_a_model_for_an_absent_front_end_says_so(tmp_path):
    keyword = hiss()
    object.__setattr__(keyword, "front_end", "nose")
    keyword.save(tmp_path / "nose.kws")
    with pytest.raises(ModelError, match="needs the front end 'nose'"):
        Keyword.load(tmp_path / "nose.kws")


@pytest.mark.parametrize("fields", ['{"front_end": "cepstra"}', "[]", "{", '{"front_end": 3}'])
def test_a_whole_file_without_a_keyword_is_told(tmp_path, fields):
    tensorfile.write(tmp_path / "odd.kws", "kwspot.keyword/1", {}, {"keyword": fields})
    with pytest.raises(ModelError) as caught:
        Keyword.load(tmp_path / "odd.kws")
    assert caught.value.hint


@pytest.mark.parametrize("name", ["mel", "mfcc"])
@needs_speech
def test_other_front_ends_learn_too(name):
    takes = [digit(3, "jackson", take) for take in range(5)]
    words = [
        Keyword.from_examples(takes, name="3", front_end=name),
        Keyword.from_examples([digit(8, "jackson", take) for take in range(5)], name="8"),
    ]
    assert kwspot.identify(digit(3, "jackson", 20), words[:1]).items[0][1] > 0.3
    assert {hit.keyword for hit in kwspot.spot(digit(3, "jackson", 20), words, threshold=0)} >= {
        "3"
    }


def test_provenance_is_kept(tmp_path):
    path = tmp_path / "take.wav"
    soundfile.write(path, noise(1), 16000)
    keyword = Keyword.from_examples([path, str(path)])
    assert [place.clip for place in keyword.occurrences] == [str(path)] * 2
    import hashlib

    assert keyword.examples[0].digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert keyword.version == kwspot.__version__


def test_recordings_of_no_use_are_refused():
    with pytest.raises(TooFewClips, match="found 0 usable"):
        Keyword.from_examples([])
    with pytest.raises(AudioError, match="clip 2 is silent"):
        Keyword.from_examples([(noise(0), 16000), (np.zeros(8000), 16000)])
    with pytest.raises(AudioError, match="clip 1 is silent"):
        Keyword.from_examples([(np.full(8000, 0.3), 16000)])
    with pytest.raises(AudioError, match=r"clip 1 is only 0\.04 s long"):
        Keyword.from_examples([(noise(0, 700), 16000)])


def test_places_that_are_absent_are_not_learned_from():
    chosen = front_end("cepstra")
    recordings = [Recording.listen((noise(i), 16000), f"{i}", chosen) for i in range(3)]
    places = [Occurrence(str(i), 0.1, 0.4, 0.5, present=i != 1) for i in range(3)]
    keyword = Keyword.enrol("w", chosen, recordings, places, 0.7)
    assert [example.occurrence.clip for example in keyword.examples] == ["0", "2"]
    assert keyword.absent == (places[1],)
    with pytest.raises(TooFewClips):
        Keyword.enrol("w", chosen, recordings[1:2], places[1:2], 0.7)


def test_a_source_has_the_name_it_was_given():
    assert source_name(Path("a") / "b.wav", 3) == str(Path("a") / "b.wav")
    assert source_name((noise(0), 16000), 3) == "clip 3"


@needs_speech
def test_extending_adds_the_best_place_of_each_clip():
    keyword, clips = enrolled(11)
    shorter = Keyword.enrol(
        "word",
        front_end("cepstra"),
        listen([(x, 16000) for x, _ in clips[:3]], front_end("cepstra")),
        keyword.occurrences[:3],
        1.0,
    )
    longer = shorter.extend([(x, 16000) for x, _ in clips[3:]])
    assert len(shorter.examples) == 3
    assert len(longer.examples) == 5
    assert longer.calibration.peaks > shorter.calibration.peaks
    for place, (_, spans) in zip(longer.occurrences[3:], clips[3:], strict=True):
        assert min(place.end, spans[0][1]) - max(place.start, spans[0][0]) > 0.1
    with pytest.raises(AudioError, match="shorter than the keyword"):
        shorter.extend([(noise(3, 1300), 16000)])


@needs_speech
def test_a_digit_is_told_from_the_others():
    words = [
        Keyword.from_examples([digit(i, "theo", take) for take in range(5)], name=str(i))
        for i in range(10)
    ]
    right = 0
    for i in range(10):
        for take in (20, 21):
            ranking = kwspot.identify(digit(i, "theo", take), words)
            assert sorted(name for name, _ in ranking) == [str(k) for k in range(10)]
            scores = [score for _, score in ranking]
            assert scores == sorted(scores, reverse=True)
            right += ranking.best == str(i)
    assert right >= 19


@needs_speech
def test_level_and_offset_do_not_change_what_is_recognised():
    words = [
        Keyword.from_examples(
            [digit(i, "theo", take) for take in range(5)], name=str(i), front_end="cepstra"
        )
        for i in range(3)
    ]
    x = load(digit(1, "theo", 30))
    quiet, loud = (kwspot.identify((x * gain + 0.1 * gain, 16000), words) for gain in (0.01, 44))
    assert [name for name, _ in quiet] == [name for name, _ in loud]
    assert quiet.items[0][1] == pytest.approx(loud.items[0][1], abs=0.02)


def test_identify_refuses_silence_and_no_keywords():
    with pytest.raises(AudioError, match="silent"):
        kwspot.identify((np.zeros(8000), 16000), [hiss()])
    with pytest.raises(ValueError, match="at least one keyword"):
        kwspot.identify((noise(0), 16000), [])
