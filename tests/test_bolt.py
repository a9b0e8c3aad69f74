import naive_quantise as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.quantise import BoltIndex
from kwspot.quantise.rotation import balanced_axes

METRICS = ["l2", "dot", "cosine"]


def clustered(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(20, d))[rng.integers(0, 20, n)] + rng.normal(size=(n, d)) / 3).astype(
        np.float32
    )


def truth(metric, queries, x):
    q, rows = queries.astype(np.float64), x.astype(np.float64)
    if metric == "l2":
        return -((q[:, None] - rows[None]) ** 2).sum(axis=2)
    if metric == "cosine":
        q, rows = (a / np.linalg.norm(a, axis=1, keepdims=True) for a in (q, rows))
    return q @ rows.T


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("rotate", [False, True])
def test_reranked_neighbours_are_the_true_ones(metric, rotate):
    x = clustered(2000, 24)
    index = BoltIndex(metric, n_bytes=16, rerank=200, rotate=rotate).fit(x).add(x)
    scores, ids = index.search(x[:20] + 0.1, 10)
    want = truth(metric, x[:20] + np.float32(0.1), x)
    best = np.argsort(-want, axis=1)[:, :10]
    found = np.mean([len(set(a) & set(b)) for a, b in zip(ids, best, strict=True)]) / 10
    assert found > 0.97
    np.testing.assert_allclose(scores, np.take_along_axis(want, ids, 1), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n_bytes", [8, 16, 32])
def test_scores_by_code_are_close_and_in_order(metric, n_bytes):
    x = clustered(1500, 40)
    index = BoltIndex(metric, n_bytes=n_bytes).fit(x).add(x)
    scores, ids = index.search(x[:10], 50)
    want = truth(metric, x[:10], x)
    assert (np.diff(scores, axis=1) <= 0).all()
    spread = want.std()
    assert np.abs(scores - np.take_along_axis(want, ids, 1)).mean() < spread / 2


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(METRICS),
    st.integers(1, 30),
    st.integers(1, 150),
    st.floats(-3, 6),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_bounds_hold(metric, d, n, size, rotate, seed):
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(n, d)) * 10**size + rng.normal(size=d) * 10**size).astype(np.float32)
    queries = np.concatenate([x[:3], rng.normal(size=(2, d)) * 10**size]).astype(np.float32)
    queries += np.float32(1e-6 * 10**size)  # no query of length 0
    index = BoltIndex(metric, rotate=rotate).fit(x[: max(n // 2, 1)]).add(x)
    found = index.estimate(queries)
    rows = x + np.float32(0)
    want = truth(metric, queries, rows) * (-1 if metric == "l2" else 1)
    assert (found.low <= want).all()
    assert (want <= found.high).all()
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 150), min_size=1, max_size=6))
def test_adding_bit_by_bit_is_adding_at_once(counts):
    x = clustered(sum(counts) + 1, 9)
    pieces = np.split(x, np.cumsum(counts))
    whole = BoltIndex(rerank=5, rotate=False).fit(x).add(x)  # BLAS rounds by how many rows it gets
    parts = BoltIndex(rerank=5, rotate=False).fit(x)
    for piece in pieces:
        parts.add(piece)
    assert len(parts) == len(whole) == len(x)
    np.testing.assert_array_equal(parts.scan(x[:2]), whole.scan(x[:2]))
    for a, b in zip(parts.search(x[:2], 7), whole.search(x[:2], 7), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("rerank", [0, 30])
def test_a_mask_filters_and_missing_rows_are_marked(rerank):
    x = clustered(300, 12)
    index = BoltIndex(rerank=rerank).fit(x).add(x)
    mask = np.zeros(300, bool)
    mask[[5, 77, 290]] = True
    scores, ids = index.search(x[77:78], 5, mask=mask)
    assert set(ids[0, :3]) == {5, 77, 290}
    assert ids[0, 0] == 77
    assert (ids[0, 3:] == -1).all()
    assert np.isneginf(scores[0, 3:]).all()


def test_saturating_sums_keep_the_nearest_apart():
    x = clustered(3000, 32)
    index = BoltIndex().fit(x).add(x)
    exact, near = index.scan(x[:8]), index.scan(x[:8], exact=False)
    assert (exact.dtype, near.dtype) == (np.uint16, np.uint8)
    for row, (full, clipped) in enumerate(zip(exact, near, strict=True)):
        assert clipped[row] < 255
        assert set(np.argsort(full)[:3]) <= set(np.argsort(clipped, kind="stable")[:40])


def test_sums_are_those_of_the_naive_scan():
    x = clustered(100, 20)
    index = BoltIndex(n_bytes=16).fit(x).add(x)
    model = index._model
    tables = model.byte_tables(model.books.project(x[:1])).entries[0]
    codes = naive.unblock(index._rows.codes, 16)[:100]
    np.testing.assert_array_equal(index.scan(x[:1])[0], naive.sums(codes, tables))


def test_the_rotation_is_one_and_balances_what_the_codebooks_see():
    rng = np.random.default_rng(0)
    spread = 0.7 ** np.arange(16)
    turned = np.linalg.qr(rng.normal(size=(16, 16)))[0]
    x = (rng.normal(size=(4000, 16)) * spread @ turned).astype(np.float32)
    starts = np.arange(0, 17, 4)
    axes = balanced_axes(x, starts)
    np.testing.assert_allclose(axes.T @ axes, np.eye(16), atol=1e-6)
    seen = np.cov(x @ axes, rowvar=False)
    assert np.abs(np.corrcoef(x @ axes, rowvar=False) - np.eye(16)).max() < 0.02
    products = np.log2(np.diag(seen)).reshape(4, 4).sum(axis=1)
    assert np.ptp(products) < 1


def test_the_rotation_finds_more_neighbours_among_correlated_columns():
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(32, 32)) * 0.8 ** np.arange(32)[:, None]
    x = (rng.normal(size=(4000, 32)) @ mixed).astype(np.float32)
    queries = (rng.normal(size=(40, 32)) @ mixed).astype(np.float32)
    best = np.argsort(-truth("l2", queries, x), axis=1)[:, :10]

    def recall(rotate):
        ids = BoltIndex(rotate=rotate).fit(x).add(x).search(queries, 10)[1]
        return np.mean([len(set(a) & set(b)) for a, b in zip(ids, best, strict=True)]) / 10

    assert recall(rotate=True) > 1.2 * recall(rotate=False)


def test_searching_an_empty_index_finds_nothing():
    index = BoltIndex().fit(clustered(50, 6))
    scores, ids = index.search(np.zeros((2, 6)), 3)
    assert (ids == -1).all()
    assert np.isneginf(scores).all()
    assert index.search(np.zeros((0, 6)), 3)[0].shape == (0, 3)


@pytest.mark.parametrize("value", [0.0, 1e16, -1e-30])
def test_constant_rows_do_no_harm(value):
    x = np.full((70, 3), value, np.float32)
    for metric in METRICS:
        index = BoltIndex(metric).fit(x).add(x)
        assert index.search(x[:1], 70)[1].shape == (1, 70)


def test_mistakes_are_told():
    x = clustered(50, 6)
    with pytest.raises(ValueError, match="not fitted"):
        BoltIndex().search(x, 1)
    index = BoltIndex().fit(x).add(x)
    for call, message in [
        (lambda: BoltIndex("l1"), "metric must be"),
        (lambda: BoltIndex(n_bytes=9), "n_bytes must be"),
        (lambda: BoltIndex(rerank=-1), "rerank must be"),
        (lambda: index.add(x[:, :5]), "must have 6 columns"),
        (lambda: index.search(x[0], 1), "must have shape"),
        (lambda: index.search(x * np.nan, 1), "NaN"),
        (lambda: index.search(x, 0), "k must be"),
        (lambda: index.search(x, 1, mask=[True]), "mask must be bool"),
        (lambda: index.search(x, 1, mask=np.arange(50)), "mask must be bool"),
        (lambda: index.fit([["a"]]), "real numbers"),
        (lambda: index.fit(np.empty((0, 6))), "n, d > 0"),
        (lambda: index.add([[1e300] * 6]), "beyond 1e"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
