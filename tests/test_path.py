"""Paths of warps, and scores over time."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kwspot import compare, score, spot, warp, warp_path
from kwspot.errors import AudioError
from kwspot.keyword import Keyword
from kwspot.results import Occurrence

BANDS = st.sampled_from([0.0, 0.4, 1.0])


@st.composite
def pair(draw, most=5):
    d = draw(st.integers(1, 3))
    value = st.integers(-4, 4).map(float)
    sizes = draw(st.integers(1, most)), draw(st.integers(1, most))
    return tuple(draw(arrays.arrays(np.float32, (size, d), elements=value)) for size in sizes)


@given(pair(), BANDS)
def test_the_cost_is_that_of_the_cheapest_of_all_paths(inputs, band):
    found = warp_path(*inputs, band=band)
    assert found.cost == pytest.approx(naive.warp_costs_of_all_paths(found.local, band), abs=1e-5)
    assert found.cost == pytest.approx(warp(*inputs, band=band), abs=1e-5)


@given(pair(most=20), BANDS)
def test_the_path_goes_from_corner_to_corner_and_costs_what_is_said(inputs, band):
    found = warp_path(*inputs, band=band)
    if not np.isfinite(found.cost):
        assert len(found.path) == 0
        return
    m, n = found.local.shape
    steps = np.diff(found.path, axis=0)
    assert found.path[0].tolist() == [0, 0]
    assert found.path[-1].tolist() == [m - 1, n - 1]
    assert {tuple(step) for step in steps.tolist()} <= {(1, 1), (1, 0), (0, 1)}
    weight = np.append(2, steps.sum(axis=1))
    spent = float((weight * found.local[tuple(found.path.T)]).sum())
    assert spent / (m + n) == pytest.approx(found.cost, abs=1e-5)


def test_a_slower_copy_is_followed_step_by_step():
    word = np.random.default_rng(0).normal(size=(20, 8))
    found = warp_path(word, np.repeat(word, 2, axis=0))
    assert found.cost == pytest.approx(0, abs=1e-6)
    assert (found.path[:, 0] == found.path[:, 1] // 2).all()


def test_a_path_that_leaves_the_band_is_none():
    found = warp_path(np.ones((1, 2)), np.ones((100, 2)))
    assert found.cost == np.inf
    assert found.path.shape == (0, 2)


def test_features_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="a has d=2 features per frame, b has 3"):
        warp_path(np.ones((4, 2)), np.ones((4, 3)))


def test_two_occurrences_are_compared(samples):
    from kwspot.discover import discover

    first, second, *_ = discover(samples["learn"])
    found = compare(first, second, front_end="cepstra")
    elsewhere = compare(first, Occurrence(second.clip, 0.0, 0.6, 1.0), front_end="cepstra")
    assert found.cost < elsewhere.cost
    assert found.local.shape[0] * found.period == pytest.approx(first.duration, abs=0.03)
    assert first.clip in found.names[0]
    with pytest.raises(AudioError):
        compare(first, Occurrence("gone.wav", 0.0, 0.6, 1.0))


@pytest.fixture(scope="module")
def words():
    rng = np.random.default_rng(0)
    hiss, rumble = rng.normal(size=8000), np.cumsum(rng.normal(size=8000)) / 20
    silence = 0.01 * rng.normal(size=12000)
    keywords = [
        Keyword.from_examples([(sound, 16000)] * 2, front_end="cepstra", name=name)
        for name, sound in (("hiss", hiss), ("rumble", rumble))
    ]
    talk = np.concatenate([silence, hiss, silence, rumble, silence, hiss, silence])
    return keywords, (talk, 16000)


@pytest.mark.parametrize("threshold", [None, 0.0, 0.2, 0.9])
def test_the_detections_of_scores_are_those_of_spot(words, threshold):
    keywords, talk = words
    found = score(talk, keywords, threshold=threshold)
    assert found.detections == spot(talk, keywords, threshold=threshold)
    assert [curve.threshold for curve in found.curves] == [
        0.5 if threshold is None else threshold
    ] * 2


def test_a_score_curve_has_a_value_for_each_frame_and_peaks_at_the_words(words):
    keywords, talk = words
    found = score(talk, keywords)
    assert "hiss" in {hit.keyword for hit in found.detections}
    for curve in found.curves:
        np.testing.assert_allclose(np.diff(curve.time), 0.02, atol=1e-9)
        assert curve.time[-1] == pytest.approx(len(talk[0]) / 16000, abs=0.03)
        assert min(curve.score) >= 0
        for hit in found.detections:
            if hit.keyword == curve.keyword:
                assert curve.score[curve.time.index(hit.end)] == hit.score


def test_a_silly_threshold_is_refused(words):
    with pytest.raises(ValueError, match="threshold"):
        score(words[1], words[0], threshold=2.0)
