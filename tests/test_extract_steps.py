"""Each step of EXTRACT against its naive twin."""

import naive_extract as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.discover.extract.cells import Cells, repeated
from kwspot.discover.extract.codebook import codeword_rows
from kwspot.discover.extract.extent import extent
from kwspot.discover.extract.learn import best_places, filter_of, peaks_apart, window_scores
from kwspot.discover.extract.seeds import seed_windows
from kwspot.discover.extract.shapes import shape_lengths, shape_rows
from kwspot.discover.extract.sliding import window_products, window_variances
from kwspot.discover.extract.structure import structure_scores

SEEDS = st.integers(0, 2**32 - 1)
few = settings(max_examples=20, deadline=None)
many = settings(max_examples=60, deadline=None)


def sparse(rng, rows, n, share=0.1):
    return (rng.random((rows, n)) < share).astype(np.uint8)


def products_of(x, patterns):
    blocks = list(window_products(x, patterns))
    assert [where.start for where, _ in blocks[1:]] == [where.stop for where, _ in blocks[:-1]]
    return np.concatenate([products.copy() for _, products in blocks], axis=1)


@few
@given(SEEDS, st.integers(1, 40), st.integers(1, 5), st.integers(0, 60))
def test_products_of_short_windows(seed, width, several, more):
    rng = np.random.default_rng(seed)
    x, patterns = rng.normal(size=width + more), rng.normal(size=(several, width))
    expected = [np.correlate(x, pattern) for pattern in patterns]
    np.testing.assert_allclose(products_of(x, patterns), expected, atol=1e-12)


@pytest.mark.parametrize(("n", "width"), [(5000, 257), (257, 257), (3000, 300), (70_000, 8)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_in_blocks_and_by_transform(n, width, dtype):
    rng = np.random.default_rng(n)
    x, patterns = rng.normal(size=n).astype(dtype), rng.normal(size=(4, width)).astype(dtype)
    products = products_of(x, patterns)
    assert products.dtype == dtype
    expected = [np.correlate(x.astype(float), pattern.astype(float)) for pattern in patterns]
    np.testing.assert_allclose(products, expected, atol=1e-3 if dtype == np.float32 else 1e-9)


@few
@given(SEEDS, st.integers(1, 30), st.integers(0, 30))
def test_variances(seed, width, more):
    x = np.random.default_rng(seed).normal(size=(2, width + more))
    windows = np.lib.stride_tricks.sliding_window_view(x, width, axis=1)
    np.testing.assert_allclose(window_variances(x, width), windows.var(axis=-1), atol=1e-12)


@few
@given(SEEDS, st.integers(2, 20), st.integers(20, 80))
def test_structure_equals_the_naive_distance_to_walks(seed, width, n):
    rng = np.random.default_rng(seed)
    columns = np.stack([rng.normal(size=n), rng.normal(size=n).cumsum(), np.zeros(n)])
    columns -= columns.mean(axis=1, keepdims=True)
    scores = structure_scores(columns, width, rng=np.random.default_rng(5))
    walks = naive.draw_walks(width, n, np.random.default_rng(5))
    for row, column in zip(scores, columns, strict=True):
        expected = naive.structure_score(column, width, walks)
        np.testing.assert_allclose(row[: len(expected)], expected, atol=2e-5)
        assert (row[len(expected) :] == 0).all()


def test_structure_by_transform_equals_the_naive_distance():
    columns = np.random.default_rng(1).normal(size=(1, 700)).cumsum(axis=1)
    columns -= columns.mean()
    scores = structure_scores(columns, 400, rng=np.random.default_rng(5))
    walks = naive.draw_walks(400, 700, np.random.default_rng(5))
    expected = naive.structure_score(columns[0], 400, walks)
    np.testing.assert_allclose(scores[0, :301], expected, atol=2e-4)


@few
@given(SEEDS, st.sampled_from([6, 9, 17]))
def test_shapes_equal_the_naive_similarities(seed, high):
    rng = np.random.default_rng(seed)
    columns = np.stack([naive.standard(rng.normal(size=120)), np.zeros(120)])
    columns[0, 30:50] += (columns[0, 80:100] - columns[0, 30:50]) * 0.9
    rows, shapes = shape_rows(
        columns, max_length=high, per_length=6, rng=np.random.default_rng(seed)
    )
    twin = list(naive.shape_rows(columns, 64, high, np.random.default_rng(seed)))
    assert shapes == [shape for shape, _ in twin]
    np.testing.assert_array_equal(rows, np.array([row for _, row in twin]).reshape(rows.shape))


def test_shapes_longer_than_the_series_are_left_out():
    rows, shapes = shape_rows(
        np.zeros((1, 7)), max_length=4, per_length=2, rng=np.random.default_rng(0)
    )
    assert rows.shape == (0, 7)
    assert shapes == []


def test_lengths_of_shapes_do_not_pass_the_longest_instance():
    for high in range(8, 300):
        assert max(shape_lengths(high)) <= high


@many
@given(SEEDS, st.integers(2, 24), st.sampled_from([0.01, 0.1, 0.5, 1.0]))
def test_blur_equals_convolution_and_maximum(seed, width, share):
    active = sparse(np.random.default_rng(seed), 3, 60, share)
    cells = Cells.of(active, pad=7, width=width)
    expected = np.array([naive.blur(row, width) for row in active])[:, 7:-7]
    # a value half way between two steps may round either way
    np.testing.assert_allclose((cells.packed.T >> 1) / 2**14, expected, atol=1.01 / 2**14)
    np.testing.assert_array_equal(cells.packed.T & 1, active[:, 7:-7])
    np.testing.assert_allclose(cells.background, expected.mean(axis=1), atol=1 / 2**14)


def test_blur_of_very_wide_windows_is_zero_far_from_everything():
    active = np.zeros((1, 20_000), np.uint8)
    active[0, 100] = 1
    packed = Cells.of(active, pad=0, width=1000).packed[:, 0]
    assert packed[100] == (1 << 15) + 1
    assert (packed[700:] == 0).all()


def test_features_that_are_on_are_listed_by_time():
    active = sparse(np.random.default_rng(0), 150, 40)
    cells = Cells.of(active, pad=3, width=5)
    for t in range(34):
        rows = cells.rows[cells.begin[t] : cells.begin[t + 1]]
        np.testing.assert_array_equal(rows, np.flatnonzero(active[:, t + 3]))


@many
@given(SEEDS, st.integers(1, 12), st.lists(st.integers(0, 40), min_size=1, unique=True))
def test_window_scores_equal_sums_of_products(seed, width, starts):
    cells = Cells.of(sparse(np.random.default_rng(seed), 6, 60), pad=0, width=9)
    starts = np.sort(starts)
    features, blurred = cells.packed.astype(np.int64) & 1, cells.packed.astype(np.int64) >> 1
    expected = [
        [(blurred[s : s + width] * features[t : t + width]).sum() for t in range(61 - width)]
        for s in starts
    ]
    np.testing.assert_array_equal(window_scores(cells, starts, width), expected)


@many
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(1, 12))
def test_peaks_equal_the_naive_pass(score, apart):
    places = peaks_apart(apart)(np.array(score))
    assert sorted(places) == naive.peaks(score, apart)
    assert (np.diff(np.sort(places)) >= apart).all()
    assert [score[t] for t in places] == sorted((score[t] for t in places), reverse=True)


@many
@given(SEEDS, st.integers(2, 14), st.floats(0.02, 0.6))
def test_growth_equals_the_naive_log_odds(seed, width, share):
    rng = np.random.default_rng(seed)
    active = sparse(rng, 5, 80, share)
    for t in (15, 40, 62):
        active[:, t : t + width] = active[:, 3 : 3 + width]
    cells = Cells.of(active, pad=0, width=7)
    blurred = (cells.packed.T >> 1) / 2**14
    found = best_places(cells, [np.array([3, 4])], width, peaks_apart(width))
    twins = [naive.best_of_seed(active, blurred, start, width, width) for start in (3, 4)]
    score, places, phi = max(twins, key=lambda twin: twin[0])
    assert found.score == pytest.approx(score, abs=1e-9)
    assert found.places.tolist() == places
    if places:
        np.testing.assert_allclose(filter_of(cells, found.places, width), phi, atol=1e-9)


@few
@given(SEEDS)
def test_growth_to_an_exact_number_takes_that_many(seed):
    cells = Cells.of(sparse(np.random.default_rng(seed), 4, 60), pad=0, width=5)
    found = best_places(cells, [np.arange(3)], 6, peaks_apart(8), exactly=3)
    assert len(found.places) == 3


def test_seeds_equal_the_naive_ones():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        structure = rng.random(90)
        low, step = int(rng.integers(4, 20)), int(rng.integers(1, 5))
        hoods = seed_windows(structure, min_length=low, step=step, last=90 - low)
        assert np.concatenate(hoods).tolist() == naive.seeds(structure, low, step, 90 - low)


@many
@given(
    st.lists(st.integers(-5, 5).map(float), min_size=12, max_size=20),
    st.integers(1, 6),
    st.integers(6, 12),
)
def test_extent_equals_the_best_of_all_runs(evidence, low, high):
    evidence = np.array(evidence)
    start, stop = extent(evidence, low, high)
    assert low <= stop - start <= high
    assert 0 <= start < stop <= len(evidence)
    best = max(
        evidence[a:b].sum() for a in range(len(evidence)) for b in range(a + 1, len(evidence) + 1)
    )
    if low == 1 and high == len(evidence):
        assert evidence[start:stop].sum() == best
    if len(set(evidence)) == len(evidence):
        assert (start, stop) == naive.extent(evidence, low, high)


def test_extent_of_distinct_values_equals_the_naive_one():
    for seed in range(50):
        evidence = np.random.default_rng(seed).normal(size=15)
        assert extent(evidence, 4, 7) == naive.extent(evidence, 4, 7)


@few
@given(SEEDS, st.integers(1, 30), st.integers(1, 8), st.integers(1, 4))
def test_codewords_are_the_nearest(seed, n, codewords, near):
    frames = np.random.default_rng(seed).normal(size=(n, 3))
    rows = codeword_rows(frames, codewords=codewords, near=near, rng=np.random.default_rng(0))
    assert rows.shape == (min(codewords, n), n)
    assert (rows.sum(axis=0) == min(near, codewords, n)).all()


def test_codewords_of_many_frames_are_learnt_on_some():
    frames = np.random.default_rng(0).normal(size=(6000, 2))
    rows = codeword_rows(frames, codewords=5, near=1, rng=np.random.default_rng(0))
    assert rows.sum() == 6000
    assert (rows.sum(axis=1) > 300).all()


def test_shapes_seen_half_of_the_time_are_left_out():
    column = np.where(np.arange(21) % 2, 1.0, -1.0)[None]  # an even number of windows
    rows, shapes = shape_rows(column, max_length=8, per_length=4, rng=np.random.default_rng(0))
    assert len(rows) == len(shapes) == 0
    assert not list(naive.shape_rows(column, 16, 8, np.random.default_rng(0)))


def test_rows_on_once_within_the_padding_do_not_repeat():
    active = np.array([[1, 0, 1, 0, 1], [0, 1, 1, 0, 0], [1, 0, 0, 0, 1]], np.uint8)
    assert repeated(active, pad=1).tolist() == [False, True, False]
