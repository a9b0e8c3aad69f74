from itertools import pairwise

import naive_quantise as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.kernels import bolt, bolt_encode, bolt_search, bolt_tables

SEED = st.integers(0, 2**32 - 1)
FEW = settings(deadline=None, max_examples=40)


def random_index(seed, n_bytes, pairs):
    rng = np.random.default_rng(seed)
    high = rng.choice([1, 2, 16, 40, 256])
    codes = rng.integers(0, 256, (64 * pairs, n_bytes), dtype=np.uint8)
    least = rng.choice([0, 256 - high])
    tables = rng.integers(least, least + high, (2 * n_bytes, 16), dtype=np.uint8)
    return rng, codes, tables


@FEW
@given(SEED, st.sampled_from([8, 16, 32]), st.integers(0, 5))
def test_scans_equal_plain_sums(seed, n_bytes, pairs):
    _, codes, tables = random_index(seed, n_bytes, pairs)
    want = naive.sums(codes, tables)
    exact, clipped = np.empty(len(codes), np.uint16), np.empty(len(codes), np.uint8)
    groups = (0,) * (n_bytes // 8)
    bolt.scan_exact(naive.block(codes), tables, exact, groups)
    bolt.scan_saturating(naive.block(codes), tables, clipped, groups)
    np.testing.assert_array_equal(exact, want)
    np.testing.assert_array_equal(clipped, np.minimum(want, 255))


@pytest.mark.parametrize("value", [0, 1, 127, 128, 254, 255])
@pytest.mark.parametrize("n_bytes", [8, 16, 32])
def test_exact_sums_at_the_extremes(value, n_bytes):
    tables = np.full((2 * n_bytes, 16), value, np.uint8)
    tables[:, 1] = 255 - value
    codes = np.random.default_rng(value).integers(0, 2, (128, n_bytes), dtype=np.uint8) * 17
    out = np.empty(128, np.uint16)
    bolt.scan_exact(naive.block(codes), tables, out, (0,) * (n_bytes // 8))
    np.testing.assert_array_equal(out, naive.sums(codes, tables))


@FEW
@given(SEED, st.sampled_from([8, 16, 32]), st.integers(1, 300), st.integers(1, 30), st.booleans())
def test_search_finds_the_least_sums(seed, n_bytes, pairs, k, masked):
    rng, codes, tables = random_index(seed, n_bytes, pairs)
    n_rows = len(codes) - int(rng.integers(0, 64))
    k = min(k, n_rows)
    allowed = rng.random(n_rows) < 0.3 if masked else np.ones(n_rows, bool)
    heap = np.full((1, k), np.iinfo(np.int64).max)
    mask = allowed if masked else np.empty(0, bool)
    flags, groups = np.empty(128, np.uint64), (0,) * (n_bytes // 8)
    flat = tables.reshape(1, -1)
    bolt_search.search(naive.block(codes), flat, heap, flags, mask, n_rows, groups)
    keys = heap[0]
    rows, totals = naive.best(codes[:n_rows], tables, k, allowed)
    np.testing.assert_array_equal(keys[: len(rows)] & ((1 << bolt_search.ID_BITS) - 1), rows)
    np.testing.assert_array_equal(keys[: len(rows)] >> bolt_search.ID_BITS, totals)
    assert (keys[len(rows) :] == np.iinfo(np.int64).max).all()


@FEW
@given(SEED, st.integers(1, 80), st.sampled_from([16, 32, 64]), st.integers(1, 3))
def test_encoding_equals_the_naive_order_of_float32_sums(seed, width, n_codebooks, blocks):
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal((32 * blocks, width)) * 10.0 ** rng.integers(-3, 4)).astype(np.float32)
    mean = x.mean(axis=0)
    centroids = (x[:16] - mean).T.copy()
    lengths = [len(run) for run in np.array_split(np.arange(width), n_codebooks)]
    starts = np.cumsum([0, *lengths])
    norms = np.zeros((n_codebooks, 16), np.float32)
    for c in range(n_codebooks):
        norms[c] = (centroids[starts[c] : starts[c + 1]] ** 2).sum(axis=0) / 2
    codes = np.empty(len(x) * n_codebooks // 2, np.uint8)
    tile = np.empty(-(-width // 16) * 256, np.float32)
    bolt_encode.encode(x, mean, centroids, norms, starts, tile, codes)
    want = naive.encode(x, mean, centroids, norms, starts)
    np.testing.assert_array_equal(naive.unblock(codes, n_codebooks // 2), want)


def test_tables_and_residuals_equal_their_definitions():
    rng = np.random.default_rng(1)
    queries = rng.standard_normal((3, 10)).astype(np.float32)
    centroids = rng.standard_normal((10, 16)).astype(np.float32)
    starts = np.array([0, 3, 6, 10, 10])
    l2, dot = np.zeros((2, 3, 4, 16), np.float32)
    bolt_tables.l2_tables(queries, centroids, starts, l2)
    bolt_tables.dot_tables(queries, centroids, starts, dot)
    parts = [(queries[:, a:b], centroids[a:b]) for a, b in pairwise(starts)]
    for c, (query, book) in enumerate(parts):
        gaps = query[:, :, None] - book[None]
        np.testing.assert_allclose(l2[:, c], (gaps**2).sum(axis=1), rtol=1e-5)
        np.testing.assert_allclose(dot[:, c], -query @ book, atol=1e-5)
    codes = rng.integers(0, 256, (32, 2), dtype=np.uint8)
    out, mean = np.empty(3), queries.mean(axis=0)
    blocks = naive.block(codes).reshape(1, 2, 32)
    bolt_tables.squared_residuals(queries, mean, centroids, starts, blocks, out)
    picked = naive.nibbles(codes[:3])
    for i in range(3):
        meant = [book[:, picked[i, c]] for c, (_, book) in enumerate(parts)]
        want = ((queries[i] - mean - np.concatenate(meant)) ** 2).sum()
        np.testing.assert_allclose(out[i], want, rtol=1e-5)
