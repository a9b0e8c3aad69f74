"""What keeps the work of term discovery linear loses nothing that matters."""

from dataclasses import replace

import numpy as np
import pytest

from kwspot.discover.contour import RATE
from kwspot.discover.terms import growth
from kwspot.discover.terms import neighbours as nearest
from kwspot.discover.terms.corpus import Corpus
from kwspot.discover.terms.sketch import sketches, unit
from kwspot.discover.terms.warps import Chance
from kwspot.workers import threads

WORDS, TIMES, LENGTH = 30, 12, 20  # said once each, time after time


@pytest.fixture(scope="module")
def corpus():
    """Give a recording of words of random frames, each said a dozen times with some noise."""
    rng = np.random.default_rng(0)
    words = rng.normal(size=(WORDS, LENGTH, 8))
    frames = np.tile(words, (TIMES, 1, 1)).reshape(-1, 8)
    frames = unit((frames + 0.3 * rng.normal(size=frames.shape)).astype(np.float32))
    first = np.arange(0, len(frames), LENGTH)
    none = np.zeros(len(first), np.float32)
    return Corpus(
        frames, first, first + LENGTH, 2 * first, 2 * (first + LENGTH), none + 2,
        np.zeros(len(first), int), none, 1.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def sketched(corpus):
    return sketches(corpus, np.random.default_rng(0))


def test_cells_hold_nearly_all_that_is_nearest(corpus, sketched, monkeypatch):
    def sought():
        rng = np.random.default_rng(0)
        found = nearest.neighbours(corpus, sketched.forward, 5, 0.3, rng, lambda share: None)
        return found.which

    exhaustive = sought()
    for name, value in (("_CELL", 4), ("_PROBES", 8), ("_REGION", 6), ("_AROUND", 30)):
        monkeypatch.setattr(nearest, name, value)
    same = [np.isin(a, b).mean() for a, b in zip(exhaustive, sought(), strict=True)]
    assert np.mean(same) > 0.95


def test_a_segment_is_warped_onto_few_terms_however_many_tell_of_it(corpus, sketched, monkeypatch):
    warped = np.zeros(len(corpus), int)
    similarity = growth.similarity

    def counted(corpus, a, b):
        warped[b] += 1
        return similarity(corpus, a, b)

    monkeypatch.setattr(growth, "similarity", counted)
    stars = [np.arange(word, len(corpus), WORDS) for word in range(WORDS)] * 20
    chance = Chance.of(corpus, sketched, np.random.default_rng(0))
    clusters = growth.grow(corpus, sketched, chance, stars, 3, 3.0, threads(1), lambda share: None)
    assert warped.max() <= 3 * growth._WORDS
    for word in range(WORDS):
        told = {j for cluster in clusters[word::WORDS] for j in cluster.segments.tolist()}
        said = set(stars[word].tolist())
        assert len(told & said) >= 10
        assert len(told & said) > 0.9 * len(told)


@pytest.mark.parametrize("seconds", [0.2, 0.5, 0.7, 1.0])
def test_the_examples_of_a_long_term_are_no_longer_together(corpus, seconds):
    long = replace(corpus, end=corpus.start + round(seconds * RATE))
    count = growth._enough(long, np.arange(9), 8)
    assert 4 <= count <= 8
    assert count * seconds <= 8 * growth._LENGTH
    assert count == 8 or (count + 1) * seconds > 8 * growth._LENGTH
