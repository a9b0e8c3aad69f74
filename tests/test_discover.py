"""Discovery as its users see it."""

import csv
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import SPEECH, speech

from kwspot.audio import load
from kwspot.discover import Word, discover, discover_clips, listen, methods, register
from kwspot.discover import methods as methods_of
from kwspot.discover.methods import _REGISTRY, Place
from kwspot.errors import AudioError, DoubtfulResult, KwspotError, NothingFound, TooFewClips
from kwspot.features import front_end
from kwspot.results import Discovery

RATE = 16000
PROMPTS = ("conf-kicked", "conf-onlyperson", "conf-getconfno", "confbridge-conf-begin", "conf-full")


def planted(rng, clips=3, before=(0.2, 1.0)):
    """Plant one noise-like word in quiet clips; give the clips and where it begins, in seconds."""
    word = rng.normal(size=RATE // 2) * np.repeat(rng.uniform(0.3, 1, 10), RATE // 20)
    starts = rng.uniform(*before, clips).round(2)
    made = []
    for start in starts:
        x = 0.01 * rng.normal(size=int((start + 0.9) * RATE))
        x[int(start * RATE) :][: len(word)] += word
        made.append((x.astype(np.float32), RATE))
    return made, starts


def prompts():
    """Give five telephone prompts that share the word "conference", and its true spans."""
    truth = {}
    with (SPEECH / "words.csv").open() as file:
        for row in csv.DictReader(file):
            if row["word"] == "conference":
                truth[row["path"]] = float(row["start"]), float(row["end"])
    names = [f"continuous/asterisk/{name}.flac" for name in PROMPTS]
    return [speech(name) for name in names], [truth[name] for name in names]


def overlap(found, truth):
    """Give intersection over union of an occurrence and a span."""
    shared = min(found.end, truth[1]) - max(found.start, truth[0])
    return max(0.0, shared) / (max(found.end, truth[1]) - min(found.start, truth[0]))


def spans(found):
    return [(place.start, place.end) for place in found]


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**32 - 1), st.integers(3, 6))
def test_a_planted_word_is_found(seed, clips):
    made, starts = planted(np.random.default_rng(seed), clips)
    found = discover(made)
    assert len(found) == clips
    for place, start in zip(found, starts, strict=True):
        assert overlap(place, (start, start + 0.5)) > 0.6


def test_natural_sentences_give_up_their_word():
    clips, truth = prompts()
    found = discover(clips)
    assert min(overlap(*pair) for pair in zip(found, truth, strict=True)) >= 0.5
    assert Discovery.from_json(found.to_json()) == found
    assert all(0 <= place.score <= 1 for place in found)
    assert 0 <= found.confidence <= 1
    assert len(found.runners_up) <= 3


@pytest.mark.parametrize(("gain", "offset"), [(44, 0), (0.002, 0), (1, 0.25), (3, -1)])
def test_level_and_offset_change_nothing(gain, offset):
    clips, _ = prompts()
    clips = [(load(clip), RATE) for clip in clips]
    changed = [(gain * x + offset, rate) for x, rate in clips]
    assert spans(discover(changed)) == spans(discover(clips))


def test_the_order_of_the_clips_only_permutes_the_answer():
    clips, _ = prompts()
    order = [3, 0, 4, 1, 2]
    straight, permuted = discover(clips), discover([clips[i] for i in order])
    assert spans(permuted) == [spans(straight)[i] for i in order]


def test_names_are_the_paths_as_given(tmp_path):
    import soundfile

    made, _ = planted(np.random.default_rng(1))
    path = tmp_path / "a b.wav"
    soundfile.write(path, *made[0])
    found = discover([path, *made[1:]])
    assert [place.clip for place in found] == [str(path), "clip 2", "clip 3"]


def test_every_front_end_can_be_used():
    made, starts = planted(np.random.default_rng(2))
    for name in ("mel", "mfcc"):
        found = discover(made, front_end=name)
        assert found.front_end == name
        assert all(
            abs(place.start - start) < 0.25 for place, start in zip(found, starts, strict=True)
        )


def test_clips_analysed_before_give_the_same():
    made, _ = planted(np.random.default_rng(3))
    assert discover_clips(listen(made, front_end("cepstra"))) == discover(made, front_end="cepstra")


def test_long_clips_are_thinned_and_the_word_still_found():
    rng = np.random.default_rng(4)
    lines, _ = speech("continuous/lj/LJ001-0009.flac")
    noise = [speech(f"background/libri/{name}.flac") for name in LIBRI]
    word = lines[int(0.0 * RATE) : int(0.6 * RATE)]
    made, starts = [], []
    for (x, rate), at in zip(noise, rng.uniform(0.3, 0.6, len(noise)), strict=True):
        cut = int(at * len(x))
        made.append((np.concatenate([x[:cut], word * (np.std(x) / np.std(word)), x[cut:]]), rate))
        starts.append(cut / rate)
    found = discover([(np.concatenate([x, x[::-1]]), rate) for x, rate in made])
    hits = [overlap(place, (s, s + 0.6)) > 0.25 for place, s in zip(found, starts, strict=True)]
    assert sum(hits) >= len(hits) - 1


LIBRI = ("1688-142285-0004", "1998-15444-0000", "2033-164914-0004")


def test_progress_grows_to_one():
    made, _ = planted(np.random.default_rng(5))
    seen = []
    discover(made, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_copies_count_once_and_are_named():
    made, _ = planted(np.random.default_rng(6))
    with pytest.warns(DoubtfulResult, match="clip 4"):
        found = discover([*made, made[0]])
    assert spans(found)[3] == spans(found)[0]
    with pytest.raises(KwspotError, match="same recording"):
        discover([made[0]] * 5)


def test_two_clips_give_a_doubtful_result():
    made, _ = planted(np.random.default_rng(7), clips=2)
    with pytest.warns(DoubtfulResult, match="third"):
        assert len(discover(made)) == 2


def test_too_few_or_too_many_clips():
    made, _ = planted(np.random.default_rng(8))
    with pytest.raises(TooFewClips):
        discover(made[:1])
    with pytest.raises(KwspotError, match="51 clips"):
        discover(made[:1] * 51)


@pytest.mark.parametrize("x", [np.zeros(RATE), np.full(RATE, 0.3)], ids=["zeros", "constant"])
def test_a_silent_clip_is_named(x):
    made, _ = planted(np.random.default_rng(9))
    with pytest.raises(AudioError, match="clip 4") as caught:
        discover([*made, (x, RATE)])
    assert caught.value.hint


def test_a_clip_shorter_than_the_word_is_named():
    made, _ = planted(np.random.default_rng(10))
    short = (made[0][0][: int(0.12 * RATE)], RATE)
    with pytest.raises(AudioError, match="clip 1"):
        discover([short, *made])


def test_bounds_and_names_are_checked():
    made, _ = planted(np.random.default_rng(11))
    for bounds in ({"min_duration": 2.0}, {"min_duration": 0.0}):
        with pytest.raises(ValueError, match="min_duration"):
            discover(made, **bounds)
    with pytest.raises(ValueError, match="method"):
        discover(made, method="none")
    with pytest.raises(ValueError, match="front end"):
        discover(made, front_end="none")


def test_bounds_hold():
    clips, _ = prompts()
    found = discover(clips, min_duration=0.2, max_duration=0.4)
    assert all(0.2 <= place.duration <= 0.4 for place in found)


def test_words_of_many_clips_are_found():
    made, starts = planted(np.random.default_rng(12), clips=20)
    found = discover(made)
    assert all(overlap(p, (s, s + 0.5)) > 0.5 for p, s in zip(found, starts, strict=True))


def test_a_clip_of_noise_does_no_harm():
    rng = np.random.default_rng(13)
    made, _ = planted(rng, clips=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(discover([*made, (rng.normal(size=RATE), RATE)])) == 3


@pytest.mark.parametrize("lacking", [0, 3])
def test_a_clip_without_the_word_is_named_and_spoils_nothing(lacking):
    clips, truth = prompts()
    x, rate = clips[lacking]
    start, end = (round(seconds * rate) for seconds in truth[lacking])
    clips[lacking] = np.concatenate([x[:start], x[end:]]), rate
    found = discover(clips)
    assert found.absent == (f"clip {lacking + 1}",)
    there = sorted({0, 1, 2, 3, 4} - {lacking})
    assert min(overlap(found.occurrences[i], truth[i]) for i in there) >= 0.5


def test_methods_can_be_added():
    def nothing(clips, bounds, progress):
        return []

    def fixed(clips, bounds, progress):
        return [Word(tuple(Place(0.1, 0.4, 0.5, True) for _ in clips), 0.7)]

    made, _ = planted(np.random.default_rng(14))
    register("nothing", lambda: nothing)
    register("fixed", lambda: fixed)
    try:
        assert {"nothing", "fixed", "consensus"} <= set(methods_of())
        with pytest.raises(ValueError, match="already"):
            register("fixed", lambda: fixed)
        with pytest.raises(NothingFound):
            discover(made, method="nothing")
        assert spans(discover(made, method="fixed")) == [(0.1, 0.4)] * 3
    finally:
        del _REGISTRY["nothing"], _REGISTRY["fixed"]
    assert "fixed" not in methods()
