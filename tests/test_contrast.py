"""What sets words apart, against scikit-learn and on spoken digits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.kernel_ridge import KernelRidge
from speech import digit, needs_speech

import kwspot
from kwspot.features.normalise import unit
from kwspot.features.word import Utterance, aspects, voices
from kwspot.identify import log_odds
from kwspot.judging import compared
from kwspot.match.contrast import _COST, _RIDGE, contrast, costs_among
from kwspot.match.path import warp_path


@st.composite
def panels(draw):
    """Words of a few examples each: what an utterance costs to them, they each other, the words."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    word = np.repeat(np.arange(draw(st.integers(2, 6))), draw(st.integers(1, 5)))
    places = rng.uniform(0, 0.5, (len(word) + 1, 3))
    costs = np.abs(places[:, None] - places).sum(axis=2)
    return costs[0, 1:], costs[1:, 1:], word


@given(panels())
def test_equals_the_kernel_ridge_regression_of_scikit_learn(panel):
    costs, among, word = panel
    words = word.max() + 1
    model = KernelRidge(alpha=_RIDGE, kernel="precomputed")
    model.fit(np.exp(-among / _COST), np.eye(words)[word] - 1 / words)
    expected = model.predict(np.exp(-costs[None] / _COST))[0]
    np.testing.assert_allclose(contrast(costs, among, word), expected, atol=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_likenesses_that_are_no_inner_products_do_no_harm(seed):
    rng = np.random.default_rng(seed)
    among = rng.uniform(0, 1, (12, 12))
    among = among + among.T
    np.fill_diagonal(among, 0)
    told = contrast(rng.uniform(0, 1, 12), among, np.repeat(np.arange(4), 3))
    assert told.sum() == pytest.approx(0, abs=1e-9)
    assert np.abs(told).max() < 12 / _RIDGE


@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_the_examples_does_not_matter(panel, random):
    costs, among, word = panel
    order = random.sample(range(len(word)), len(word))
    moved = contrast(costs[order], among[np.ix_(order, order)], word[order])
    np.testing.assert_allclose(moved, contrast(costs, among, word), atol=1e-9)


def test_an_example_that_is_like_all_words_tells_of_none():
    among = np.full((4, 4), 0.5)
    np.fill_diagonal(among, 0)
    np.testing.assert_allclose(contrast(np.full(4, 0.3), among, [0, 0, 1, 1]), 0, atol=1e-9)


def test_costs_among_examples_are_those_of_the_best_warps():
    rng = np.random.default_rng(0)
    examples = [unit(rng.normal(size=(length, 3)).astype(np.float32)) for length in (5, 9, 7)]
    costs = costs_among(examples)
    assert (np.diag(costs) == 0).all()
    for i, j in ((0, 1), (2, 0), (1, 2)):
        expected = warp_path(examples[i], examples[j]).cost
        assert costs[i, j] == costs[j, i] == pytest.approx(expected, abs=1e-3)


def test_words_are_compared_by_the_mean_over_their_aspects():
    rng = np.random.default_rng(1)
    sounds = [(rng.normal(size=8000).cumsum() % 1, 16000) for _ in range(3)]
    word = kwspot.Keyword.from_examples(sounds, front_end="cepstra")
    utterance = unit(rng.normal(size=(20, 26)).astype(np.float32))
    costs, among = compared(word.examples, Utterance(utterance), "cepstra")
    heard = voices(utterance, "cepstra")
    parts = [
        [
            min(warp_path(aspect(one), aspect(x)).cost + doubt for x, doubt in heard)
            for one in word.whole_templates()
        ]
        for aspect in aspects("cepstra")
    ]
    np.testing.assert_allclose(costs, np.mean(parts, axis=0), atol=1e-3)
    assert among == pytest.approx(among.T)


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_aspects_of_cepstra_are_unit_frames_of_all_that_the_word_has(n, seed):
    word = unit(np.random.default_rng(seed).normal(size=(n, 26)).astype(np.float32))
    spectrum, slopes, beside = (aspect(word) for aspect in aspects("cepstra"))
    for aspect in (spectrum, slopes, beside):
        np.testing.assert_allclose(np.linalg.norm(aspect, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(unit(beside[:, 26:52]), word, atol=1e-5)
    share = np.linalg.norm(word[:, :13], axis=1, keepdims=True)
    np.testing.assert_allclose(spectrum * share, word[:, :13], atol=1e-5)
    np.testing.assert_allclose(slopes * np.sqrt(1 - share**2), word[:, 13:], atol=1e-4)


@needs_speech
@pytest.mark.parametrize("count", [2, 8])
def test_contrast_splits_what_the_costs_leave_to_none_of_them(count):
    words = [
        kwspot.Keyword.from_examples(
            [digit(i, "jackson", take) for take in range(2)], name=str(i), front_end="cepstra"
        )
        for i in range(count)
    ]
    utterance = digit(1, "theo", 5)
    typical = float(np.mean([word.calibration.whole for word in words]))
    alike = [replace(word, calibration=replace(word.calibration, whole=typical)) for word in words]
    alone = [log_odds(utterance, [word])[0] for word in alike]
    together = log_odds(utterance, words)
    assert np.logaddexp.reduce(together) == pytest.approx(np.logaddexp.reduce(alone), abs=1e-4)
    assert not np.allclose(together, alone)


@needs_speech
def test_words_are_told_apart_across_speakers_better_than_by_costs_alone():
    speakers = ("jackson", "theo", "yweweler")
    words = [
        kwspot.Keyword.from_examples(
            [digit(i, speakers[take % 3], take) for take in range(5)],
            name=str(i),
            front_end="cepstra",
        )
        for i in range(10)
    ]
    tests = [(i, digit(i, "nicolas", take)) for i in range(10) for take in range(5, 11)]
    together = [int(kwspot.identify(path, words).best) == i for i, path in tests]
    alone = [
        int(np.argmax([log_odds(path, [word])[0] for word in words])) == i for i, path in tests
    ]
    assert sum(together) > sum(alone)
