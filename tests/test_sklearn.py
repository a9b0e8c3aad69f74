import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.estimator_checks import parametrize_with_checks

from kwspot.integrations.sklearn import BoltNeighbors


@parametrize_with_checks([BoltNeighbors()])
def test_is_a_proper_estimator(estimator, check):
    check(estimator)


@pytest.mark.parametrize(("ours", "theirs"), [("l2", "euclidean"), ("cosine", "cosine")])
def test_agrees_with_the_exact_neighbours(ours, theirs):
    x = np.random.default_rng(0).normal(size=(600, 12)).astype(np.float32)
    exact = NearestNeighbors(n_neighbors=5, metric=theirs).fit(x)
    found = BoltNeighbors(5, metric=ours, rerank=600).fit(x)
    for a, b in zip(found.kneighbors(x[:50]), exact.kneighbors(x[:50]), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)
    same = found.kneighbors_graph(x[:50]) - exact.kneighbors_graph(x[:50])
    assert abs(same).sum() == 0


def test_mistakes_are_told():
    x = np.eye(20)
    fitted = BoltNeighbors().fit(x)
    for call, message in [
        (lambda: BoltNeighbors(metric="dot").fit(x), "metric must be"),
        (lambda: fitted.kneighbors(x, 21), "n_neighbors must be"),
        (lambda: fitted.kneighbors(), "X is needed"),
        (lambda: fitted.kneighbors_graph(x, mode="both"), "mode must be"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
