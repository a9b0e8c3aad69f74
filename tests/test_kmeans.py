import naive_quantise as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.kernels import kmeans as kernels
from kwspot.quantise.inputs import column_runs
from kwspot.quantise.kmeans import kmeans16

WHOLE = st.integers(-8, 8)  # small integers: float32 sums are exact, so == may be used


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.integers(0, 6), st.integers(0, 2**32 - 1))
def test_assignment_and_sums_equal_the_naive_ones(n, s, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(-8, 9, (n, s)).astype(np.float32)
    centroids = rng.integers(-8, 9, (16, s)).astype(np.float32)
    labels, distances = np.empty(n, np.int64), np.empty(n, np.float32)
    scratch = np.empty(16, np.float32)
    kernels.assign(x, np.ascontiguousarray(centroids.T), labels, distances, scratch)
    want_labels, want_distances = naive.nearest(x, centroids)
    np.testing.assert_array_equal(labels, want_labels)
    np.testing.assert_array_equal(distances, want_distances)
    sums, counts = np.zeros((s, 16)), np.zeros(16, np.int64)
    kernels.accumulate(x, labels, sums, counts)
    for k in range(16):
        np.testing.assert_array_equal(sums[:, k], x[labels == k].sum(axis=0))
        assert counts[k] == (labels == k).sum()


def test_sixteen_clusters_are_found():
    rng = np.random.default_rng(0)
    middles = rng.permutation(16)[:, None] * 100.0 + np.arange(3)
    x = (middles[rng.integers(0, 16, 2000)] + rng.normal(size=(2000, 3))).astype(np.float32)
    found = kmeans16(x, rng=np.random.default_rng(1))
    _, distances = naive.nearest(x, found)
    assert distances.mean() < 4


@settings(deadline=None, max_examples=30)
@given(st.lists(WHOLE, min_size=1, max_size=20), st.integers(0, 100))
def test_more_rounds_never_lose_to_one_centroid(values, seed):
    x = np.array(values, np.float32)[:, None]
    found = kmeans16(x, rng=np.random.default_rng(seed))
    assert found.shape == (16, 1)
    assert np.isfinite(found).all()
    assert naive.nearest(x, found)[1].sum() <= ((x - x.mean()) ** 2).sum() + 1e-3


def test_the_same_generator_gives_the_same_centroids():
    x = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    first, second = (kmeans16(x, rng=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@given(st.integers(1, 200), st.integers(1, 80))
def test_column_runs_share_out_all_columns(width, n_runs):
    lengths = np.diff(column_runs(width, n_runs))
    assert lengths.sum() == width
    assert lengths.max() - lengths.min() <= 1
