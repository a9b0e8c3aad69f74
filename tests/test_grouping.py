"""Places and their grouping into words, by slow twins and on words that are known."""

import naive_discover as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.discover.grouping import grouped
from kwspot.discover.kinship import _alike, kinship
from kwspot.discover.links import Links
from kwspot.discover.places import Places, places
from kwspot.discover.segments import Segments
from kwspot.kernels.places import disjoint, settle

SEED = st.integers(0, 2**32 - 1)


def work(n):
    return np.empty((n + 1, n + 1)), np.empty(n + 1), np.empty(n + 1, np.int64)


def drawn(rng, n):
    odds = rng.integers(-4, 4, (n, n)).astype(float)
    return np.tril(odds, -1) + np.tril(odds, -1).T


@given(SEED, st.integers(1, 40), st.integers(1, 4), st.sampled_from([0.0, 0.3, 0.9]))
def test_the_first_of_those_that_overlap_are_kept(seed, n, most, limit):
    rng = np.random.default_rng(seed)
    start, owner = rng.integers(0, 60, n), np.sort(rng.integers(0, 3, n))
    end = start + rng.integers(1, 30, n)
    order = rng.permutation(n)
    kept, count = np.empty((3, most), np.int64), np.empty(3, np.int64)
    disjoint(order, owner, start, end, limit, kept, count)
    got = [kept[k, : count[k]].tolist() for k in range(3)]
    assert got == naive.disjoint(order, owner, start, end, limit, most)


@settings(deadline=None, max_examples=60)
@given(SEED, st.integers(2, 9))
def test_settled_groups_gain_by_no_move_and_no_union(seed, n):
    odds, group = drawn(np.random.default_rng(seed), n), np.arange(n)
    total = settle(odds, 100, *work(n), group)
    assert total == pytest.approx(naive.within(odds, group))
    assert all(naive.within(odds, other) <= total for other in naive.next_to(group))


@settings(deadline=None, max_examples=30)
@given(SEED, st.integers(2, 12))
def test_words_that_are_clear_are_found(seed, n):
    rng = np.random.default_rng(seed)
    word = rng.integers(0, 3, n)
    odds = np.where(word[:, None] == word, 1.0, -1.0)
    group = np.arange(n)
    settle(odds, 100, *work(n), group)
    assert ((group[:, None] == group) == (word[:, None] == word)).all()


@settings(deadline=None, max_examples=30)
@given(SEED)
def test_what_places_are_like_is_a_correlation(seed):
    rng = np.random.default_rng(seed)
    clip = np.repeat(np.arange(4), rng.integers(2, 4, 4))
    gain = rng.normal(size=(len(clip), len(clip)))
    alike = _alike(gain, clip)
    for i, j in [(0, -1), (1, 3), (4, -2)]:
        third = (clip != clip[i]) & (clip != clip[j])
        if clip[i] != clip[j]:
            expected = np.corrcoef(gain[i, third], gain[j, third])[0, 1]
            assert alike[i, j] == pytest.approx(expected, abs=1e-6)


def spoken(rng, words):
    """Make links of clips that say words, each in one segment of 40 frames, and their segments."""
    flat = np.concatenate(words)
    clip = np.repeat(np.arange(len(words)), [len(each) for each in words])
    gain = np.where(flat[:, None] == flat, 1.5, -1.5) + 0.3 * rng.normal(size=(len(flat),) * 2)
    gain = (gain + gain.T) / 2
    gain[clip[:, None] == clip] = -6
    first = np.cumsum([0, *(len(each) for each in words)])
    segments = []
    for each in words:
        start = 50 * np.arange(len(each))
        none = np.zeros(len(each), np.float32)
        segments.append(Segments(start, start + 40, none, none))
    return Links(gain.astype(np.float32), np.zeros(len(flat), np.float32), first), segments


def test_a_word_of_all_clips_but_one_is_worth_more_than_one_of_three():
    words = [[0, 1, 2], [1, 0, 3], [4, 0, 1], [0, 5, 6], [7, 8, 9]]
    links, segments = spoken(np.random.default_rng(0), words)
    members = np.array([[0, 4, 7, 9, 12], [1, 3, 8, 10, 13]])
    worth, clarity = grouped(links, segments, members)
    assert 0 < clarity <= 1.3
    assert worth.shape == (2, 6)
    assert worth.max(axis=1)[0] > worth.max(axis=1)[1]
    assert worth[0].argmax() == 5


def test_a_word_that_a_clip_says_again_is_worth_as_much_as_one_said_once():
    words = [[0, 1, 0, 2], [1, 0, 3], [4, 0, 1], [0, 1, 6], [1, 8, 0]]
    links, segments = spoken(np.random.default_rng(0), words)
    worth, _ = grouped(links, segments, np.array([[0, 5, 8, 10, 15], [1, 4, 9, 11, 13]]))
    assert worth[:, 0] == pytest.approx([0, 0], abs=1e-6)


def test_places_are_all_that_is_said_and_kin_if_they_are_one_word():
    words = [[0, 1], [1, 0, 2], [0, 2], [1, 2]]
    links, segments = spoken(np.random.default_rng(1), words)
    found = places(links, segments)
    assert found.segment.tolist() == list(range(9))
    assert found.clip.tolist() == [0, 0, 1, 1, 1, 2, 2, 3, 3]
    odds = kinship(links, segments, found)
    flat = np.concatenate(words)
    apart = found.clip[:, None] != found.clip
    np.testing.assert_allclose(odds, odds.T, atol=1e-5)
    assert ((odds > 0) == (flat[:, None] == flat))[apart].all()
    assert (odds[~apart] == 0).all()


def test_many_clips_have_fewer_places_each():
    rng = np.random.default_rng(2)
    links, segments = spoken(rng, [rng.permutation(30) for _ in range(12)])
    found = places(links, segments)
    assert isinstance(found, Places)
    assert (np.bincount(found.clip) == 20).all()
