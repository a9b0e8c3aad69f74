"""Which term a place belongs to, and which sounds tell what is alike by chance."""

import numpy as np
import pytest

from kwspot.discover.terms.claims import Claims
from kwspot.discover.terms.corpus import Corpus
from kwspot.discover.terms.growth import Cluster, parted
from kwspot.discover.terms.sketch import sketches


def corpus_of(spans, frames=None):
    """Give segments of one recording: spans in contour frames, ascending starts."""
    start, end = np.array(spans).T
    none = np.zeros(len(spans), np.float32)
    frames = np.zeros((int(end.max()) // 2 + 1, 4), np.float32) if frames is None else frames
    return Corpus(
        frames, start // 2, end // 2, start, end, none, np.zeros(len(spans), int), none, 1.0
    )


def cluster(segments, evidence):
    return Cluster(np.array(segments), np.array(evidence, np.float32))


@pytest.mark.parametrize(("nested", "owners"), [(True, [0, -1, 0, -1]), (False, [0, 0, 0, -1])])
def test_a_term_claims_all_that_tells_of_the_same(nested, owners):
    claims = Claims.none(corpus_of([(0, 40), (0, 90), (10, 40), (60, 90)]), nested=nested)
    claims.stake(*cluster([0], [4.0])[:2], 0)
    assert claims.owner.tolist() == owners


def test_the_best_claim_stays_whatever_comes_later():
    claims = Claims.none(corpus_of([(0, 40)]), nested=True)
    for evidence, number in ((4.0, 0), (6.0, 1), (5.0, 2)):
        claims.stake(*cluster([0], [evidence])[:2], number)
    assert claims.owner.tolist() == [1]


def test_only_clearly_better_evidence_wins_a_place():
    claims = Claims.none(corpus_of([(0, 40), (100, 140), (200, 240)]), nested=True)
    claims.stake(*cluster([0, 1], [5.0, 5.0])[:2], 0)
    mine = cluster([0, 1, 2], [3.0, 5.5, 3.0])
    assert claims.lost(*mine[:2]).tolist() == [True, False, False]
    assert claims.rivalled(*mine[:2]).tolist() == [True, True, False]


def test_clusters_part_where_a_place_is_clearly_more_like_one():
    corpus = corpus_of([(0, 40), (100, 140), (200, 240)])
    first, second = parted(corpus, [cluster([0, 1, 2], [6, 4, 5]), cluster([2, 1], [5.5, 6])])
    assert first.segments.tolist() == [0, 2]
    assert second.segments.tolist() == [2, 1]


def test_steady_sounds_are_no_decoys():
    rng = np.random.default_rng(0)
    steady = np.repeat(rng.normal(size=(6, 2)), 10, axis=0)
    moving = rng.normal(size=(60, 2))
    frames = np.zeros((120, 4), np.float32)
    frames[:60, :2], frames[60:, :2] = steady, moving
    frames += 1e-3 * rng.normal(size=frames.shape).astype(np.float32)
    spans = [(20 * i, 20 * i + 20) for i in range(12)]
    chosen = sketches(corpus_of(spans, frames), rng).decoys
    assert set(range(6, 12)) <= set(chosen.tolist())
