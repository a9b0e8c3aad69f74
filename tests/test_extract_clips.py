"""EXTRACT for clips: one instance in each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.discover.extract import locate

WORD = np.random.default_rng(99).normal(size=(20, 8)).cumsum(axis=0)


def clips_with(starts, seed=0, n=80):
    """Noise of n frames with one word of 20 frames in each."""
    rng = np.random.default_rng(seed)
    clips = [rng.normal(size=(n, 8)).astype(np.float32) for _ in starts]
    for clip, start in zip(clips, starts, strict=True):
        clip[start : start + 20] += 2 * WORD
    return clips


def overlap(found, start):
    both = min(found.end, start + 20) - max(found.start, start)
    return both / (max(found.end, start + 20) - min(found.start, start))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=3, max_size=6), st.integers(0, 99))
def test_finds_the_shared_word(starts, seed):
    found = locate(clips_with(starts, seed), 14, 26)
    assert len(found) == len(starts)
    assert all(overlap(*pair) >= 0.5 for pair in zip(found, starts, strict=True))
    assert all(0 < instance.score <= 1 for instance in found)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 90), min_size=2, max_size=5), st.integers(0, 99))
def test_spans_lie_within_their_clips(lengths, seed):
    rng = np.random.default_rng(seed)
    found = locate([rng.normal(size=(n, 3)) for n in lengths], 15, 30)
    for instance, n in zip(found, lengths, strict=True):
        assert 0 <= instance.start < instance.end <= n
        assert min(n, 15) <= instance.end - instance.start <= 30
        assert 0 <= instance.score <= 1


def test_clips_of_different_lengths_and_a_clip_that_is_only_the_word():
    clips = clips_with((5, 40, 60))
    found = locate([clips[0][5:25], clips[1], clips[2][30:]], 14, 26)
    assert overlap(found[0], 0) >= 0.5
    assert overlap(found[1], 40) >= 0.5
    assert overlap(found[2], 30) >= 0.5


def test_units_of_the_features_do_not_matter():
    clips = clips_with((5, 40, 60))
    scale = np.array([1, 2, 4, 8, 0.5, 0.25, 1024, 1], np.float32)
    assert locate([clip * scale + 3 for clip in clips], 14, 26) == locate(clips, 14, 26)


def test_the_order_of_the_clips_is_kept():
    clips = clips_with((5, 30, 60))
    found = locate(clips[::-1], 14, 26)
    assert all(overlap(*pair) >= 0.5 for pair in zip(found, (60, 30, 5), strict=True))


def test_is_deterministic():
    clips = clips_with((5, 40, 60))
    assert locate(clips, 14, 26) == locate(clips, 14, 26, rng=np.random.default_rng(0))


def test_silence_has_no_word_but_a_span_each():
    found = locate([np.zeros((50, 2)), np.zeros((20, 2))], 15, 30)
    assert [(item.start, item.end, item.score) for item in found] == [(0, 30, 0), (0, 20, 0)]


def test_a_long_clip_is_searched_in_coarser_steps():
    clips = clips_with((700, 3000, 1500), n=4000)
    found = locate(clips, 14, 26)
    assert all(overlap(*pair) >= 0.5 for pair in zip(found, (700, 3000, 1500), strict=True))


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ([], "at least 2 clips, got 0"),
        ([np.zeros((9, 2))], "at least 2 clips, got 1"),
        ([np.zeros((9, 2)), np.zeros((9, 3))], r"got \(9, 3\) for clip 1"),
        ([np.zeros((9, 2)), np.zeros((0, 2))], r"got \(0, 2\) for clip 1"),
        ([np.zeros(9), np.zeros(9)], r"got \(9,\) for clip 0"),
        ([np.zeros((9, 2)), np.full((9, 2), np.nan)], "expected finite values, got 18 of 36"),
    ],
)
def test_wrong_clips_are_refused(clips, message):
    with pytest.raises(ValueError, match=message):
        locate(clips, 15, 30)


@pytest.mark.parametrize("bounds", [(3, 30), (30, 15), (np.inf, np.inf), (15, np.nan)])
def test_wrong_bounds_are_refused(bounds):
    with pytest.raises(ValueError, match="expected 4 <= min_frames <= max_frames"):
        locate([np.zeros((50, 2))] * 2, *bounds)
