"""Long clips: units, what recurs, and what is left to compare exactly."""

import naive_discover as naive
import numpy as np
import pytest

from kwspot.discover import discover, listen
from kwspot.discover.contour import Contour
from kwspot.discover.likeness import compared, look_up
from kwspot.discover.methods import Bounds
from kwspot.discover.recurring import recurring, weigh
from kwspot.discover.segments import Segments
from kwspot.discover.shortlist import shortlist
from kwspot.discover.sounds import Sounds, sharpened, whitening
from kwspot.discover.units import Units, centred, promise, summaries
from kwspot.features import front_end

RATE = 16000
BOUNDS = Bounds(0.15, 1.5)


def silent(done):
    """Report to nobody."""


def said(rng, word):
    """Say a word: four steady sounds of two tones each, never twice the same."""
    tones = np.random.default_rng(word).uniform(150, 3500, (4, 2))
    parts = []
    for pair in tones * rng.uniform(0.97, 1.03):
        time = np.arange(int(rng.uniform(0.08, 0.12) * RATE)) / RATE
        parts.append(np.sin(2 * np.pi * pair[:, None] * time).sum(axis=0))
    return np.concatenate(parts) * rng.uniform(0.3, 1)


def crowded(rng, words=40):
    """Make five clips full of words of which only word 0 is in all, once; give its spans too."""
    clips, truth = [], []
    for k in range(5):
        able = [w for w in range(1, 9) if (w + k) % 5 < 3]  # each in three of the five clips
        script = rng.choice(able, words)
        at = rng.integers(words)
        script[at] = 0
        parts, spans = [], []
        for word in script:
            parts += [np.zeros(int(rng.uniform(0.08, 0.3) * RATE)), said(rng, word)]
            end = sum(map(len, parts))
            spans.append(((end - len(parts[-1])) / RATE, end / RATE))
        x = np.concatenate([*parts, np.zeros(RATE // 5)])
        clips.append((x + 0.003 * rng.normal(size=len(x)), RATE))
        truth.append(spans[at])
    return clips, truth


def overlap(start, end, truth):
    """Give intersection over union with a span."""
    shared = np.minimum(end, truth[1]) - np.maximum(start, truth[0])
    return np.maximum(shared, 0) / (np.maximum(end, truth[1]) - np.minimum(start, truth[0]))


@pytest.fixture(scope="module")
def long_clips():
    clips, truth = crowded(np.random.default_rng(1))
    listened = listen(clips, front_end("cepstra"))
    segments = [Segments.between_boundaries(clip.contour, BOUNDS) for clip in listened]
    return clips, truth, listened, segments


def test_the_word_of_long_clips_is_found(long_clips):
    clips, truth, _, segments = long_clips
    assert max(map(len, segments)) > 480
    found = discover(clips, front_end="cepstra")
    hits = [overlap(p.start, p.end, span) >= 0.5 for p, span in zip(found, truth, strict=True)]
    assert all(hits)


def test_the_shortlist_holds_the_word_and_little_else(long_clips):
    _, truth, listened, segments = long_clips
    seen = []
    kept = shortlist(listened, segments, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    for few, all_, span in zip(kept, segments, truth, strict=True):
        assert overlap(few.start / 100, few.end / 100, span).max() >= 0.5
        assert len(few) < len(all_) / 2
        assert few.worth.max() <= 0


def test_short_clips_keep_all_segments(long_clips):
    _, _, listened, segments = long_clips
    few = [part.take(slice(0, 50)) for part in segments]
    kept = shortlist(listened, few, silent)
    assert all(a is b for a, b in zip(kept, few, strict=True))


def test_units_are_few_and_no_twins(long_clips):
    _, _, listened, segments = long_clips
    for clip, part in zip(listened, segments, strict=True):
        units = Units.of(clip, part)
        assert len(units) <= 4 * clip.seconds + 8
        start, end = units.segments.start[:, None], units.segments.end[:, None]
        shared = np.minimum(end, end.T) - np.maximum(start, start.T)
        twins = shared > 0.7 * (np.maximum(end, end.T) - np.minimum(start, start.T))
        assert (twins == np.eye(len(units), dtype=bool)).all()


def test_a_summary_holds_the_mean_of_each_tenth(long_clips):
    _, _, listened, _ = long_clips
    segment = Segments(*(np.array([value]) for value in (100, 160, 0, 0)))
    bins = listened[0].frames[50:80].reshape(10, 3, -1).mean(axis=1)
    bins /= np.linalg.norm(bins, axis=1, keepdims=True)
    got = summaries(listened[0].frames, listened[0].period, segment)
    np.testing.assert_allclose(got[0], bins.ravel() / np.sqrt(10), atol=1e-6)
    assert np.linalg.norm(got) == pytest.approx(1)


def test_evidence_equals_the_formula():
    rng = np.random.default_rng(2)
    clips, each, lanes = 3, 6, 6  # every unit is looked up in both other clips, and all are listed
    n = clips * each
    similarity = rng.uniform(0.1, 1, (n, n)).astype(np.float32)
    owner = np.repeat(np.arange(clips), each)
    similarity[owner[:, None] == owner] = -1
    unit = np.array([[np.flatnonzero(owner == b) for b in compared(k, clips)] for k in owner])
    assert unit.shape == (n, 2, lanes)
    listed = np.take_along_axis(similarity, unit.reshape(n, -1), axis=1).reshape(unit.shape)
    seconds = rng.uniform(0.2, 1, n).astype(np.float32)
    evidence, partner = weigh((unit, listed), seconds)
    expected = naive.worth(similarity, seconds)
    for i in range(n):
        for at, b in enumerate(compared(owner[i], clips)):
            row = np.where(owner == b, expected[i], -np.inf)
            assert partner[i, at] == row.argmax()
            assert evidence[i, at] == pytest.approx(row.max(), abs=1e-5)


@pytest.mark.parametrize("n", [200, 2500])
def test_main_components_keep_what_varies(n):
    rng = np.random.default_rng(3)
    wide = rng.normal(size=(n, 30)) @ rng.normal(size=(30, 90))
    vectors = (wide + 0.01 * rng.normal(size=wide.shape) + 5).astype(np.float32)
    got = centred(vectors)
    expected = vectors - vectors.mean(axis=0)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert got.shape == (n, 90 if n < 2000 else 64)
    np.testing.assert_allclose(got @ got[:50].T, expected @ expected[:50].T, atol=1e-3)


def test_a_unit_without_likeness_is_with_itself():
    unit = np.full((2, 1, 4), -1)
    evidence, partner = weigh((unit, np.full(unit.shape, -1, np.float32)), np.ones(2, np.float32))
    assert (evidence == -1).all()
    assert partner.tolist() == [[0], [1]]


def test_the_word_is_worth_most(long_clips):
    _, truth, listened, segments = long_clips
    units = [Units.of(clip, part) for clip, part in zip(listened, segments, strict=True)]
    worths = recurring(listened, units, silent)
    best = max(range(5), key=lambda k: worths[k].max())
    segment = units[best].segments.take(worths[best].argmax()[None])
    assert overlap(segment.start / 100, segment.end / 100, truth[best])[0] >= 0.5


def test_likenesses_are_those_of_other_clips(long_clips):
    _, _, listened, segments = long_clips
    units = [Units.of(clip, part) for clip, part in zip(listened, segments, strict=True)]
    found = look_up(listened, units, silent)
    owner = np.repeat(np.arange(5), [len(part) for part in units])
    for at in range(4):
        expected = np.array([compared(k, 5)[at] for k in owner])
        there = found.unit[:, at] >= 0
        assert (owner[found.unit[:, at]] == expected[:, None])[there].all()
        assert (found.similarity[:, at][~there] == -1).all()
    assert (np.diff(found.similarity, axis=2) <= 0).all()
    for row in found.unit[::97].reshape(-1, found.unit.shape[2]):
        listed = row[row >= 0]
        assert len(set(listed)) == len(listed)


@pytest.fixture
def heard(long_clips):
    _, _, listened, segments = long_clips
    units = [Units.of(clip, part) for clip, part in zip(listened, segments, strict=True)]
    return listened, units, sharpened(listened, units)


def test_frames_stay_in_place_at_unit_length(heard):
    listened, _, sounds = heard
    for clip, sound in zip(listened, sounds, strict=True):
        assert sound.frames.shape == clip.frames.shape
        np.testing.assert_allclose(np.linalg.norm(sound.frames, axis=1), 1, atol=1e-5)


def test_common_sounds_are_those_that_many_frames_are_like(heard):
    _, _, sounds = heard
    every = np.concatenate([sound.frames for sound in sounds])
    common = np.concatenate([sound.common for sound in sounds])
    assert common.mean() == pytest.approx(0, abs=1e-4)
    some = np.arange(0, len(every), 41)
    near = np.sort(every[some] @ every.T, axis=1)[:, -len(every) // 20 :].mean(axis=1)
    assert np.corrcoef(near, common[some])[0, 1] > 0.9


def test_the_product_is_the_cosine_less_what_is_common_to_many():
    rng = np.random.default_rng(0)
    a, b = (Sounds(*(rng.normal(size=s).astype(np.float32) for s in ((n, 3), n))) for n in (4, 5))
    expected = a.frames @ b.frames.T - (a.common[:, None] + b.common) / 2
    np.testing.assert_allclose(a.asking @ b.answering.T, expected, atol=1e-5)


def test_what_varies_most_between_like_frames_counts_least():
    rng = np.random.default_rng(1)
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    scale = np.array([2, 1, 0.5, 0.25])
    got = whitening((rng.normal(size=(5000, 4)) * scale @ turn.T).astype(np.float32))
    spread = np.square(scale)
    expected = (turn * (spread + 0.1 * spread.mean()) ** -0.5) @ turn.T
    np.testing.assert_allclose(got, expected, atol=0.05)


def test_like_frames_leave_directions_as_they_are():
    whiten = whitening(np.zeros((3, 2), np.float32))
    assert np.isfinite(whiten).all()
    np.testing.assert_allclose(whiten, whiten[0, 0] * np.eye(2))


def test_a_pause_within_speaks_against_a_segment():
    loud = np.repeat([0.0, 1.0, 0.0, 1.0, 0.0], [30, 30, 12, 30, 30])
    contour = Contour(loud, np.zeros(len(loud)))
    segments = Segments.between_boundaries(contour, BOUNDS)
    spans = list(zip(segments.start.tolist(), segments.end.tolist(), strict=True))
    likely = promise(contour, segments)
    assert likely[spans.index((30, 60))] > likely[spans.index((30, 102))]
