"""The kernels of term discovery against their naive twins."""

import naive_terms as naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwspot.kernels.terms import keep_nearest, largest, one_per_place, segment_waves, warp_pairs

SEED = st.integers(0, 2**32 - 1)


def unit_rows(rng, n, d=6):
    rows = rng.normal(size=(n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def spans_of(rng, n, longest, last):
    """Draw n half-open spans, ascending."""
    start = np.sort(rng.integers(0, last, n))
    return start, start + rng.integers(1, longest + 1, n)


@given(SEED, st.integers(1, 12))
def test_pairs_are_warped_as_if_alone(seed, pairs):
    rng = np.random.default_rng(seed)
    a, b = unit_rows(rng, 70), unit_rows(rng, 80)
    first_a, last_a = spans_of(rng, pairs, 50, 20)
    first_b, last_b = spans_of(rng, pairs, 50, 30)
    cost = np.empty(pairs, np.float32)
    warp_pairs(a, first_a, last_a, b, first_b, last_b, np.empty((2, 51), np.float32), cost)
    for p in range(pairs):
        expected = naive.warp(a[first_a[p] : last_a[p]], b[first_b[p] : last_b[p]])
        assert min(cost[p], 1e6) == pytest.approx(min(expected, 1e6), abs=1e-5)


@given(SEED, st.integers(1, 9))
def test_waves_are_sums_over_bins(seed, bins):
    rng = np.random.default_rng(seed)
    frames, basis = rng.normal(size=(20, 4)), rng.normal(size=(3, bins))
    total = np.concatenate([np.zeros((1, 4)), frames.cumsum(axis=0)])
    first, last = spans_of(rng, 5, 8, 12)
    waves = np.empty((5, 12), np.float32)
    segment_waves(total, first, last, basis, np.empty((3, 4)), waves)
    for s in range(5):
        expected = naive.waves(frames[first[s] : last[s]], basis)
        np.testing.assert_allclose(waves[s], expected.ravel(), rtol=1e-4, atol=1e-4)


@given(SEED, st.integers(1, 40))
def test_one_segment_of_each_place_is_kept(seed, n):
    rng = np.random.default_rng(seed)
    start, end = spans_of(rng, n, 9, 60)
    order, kept = rng.permutation(n), np.ones(n, np.bool_)
    one_per_place(order, start, end, kept)
    expected = naive.one_per_place(order, list(zip(start, end, strict=True)))
    assert np.flatnonzero(kept).tolist() == expected


@given(SEED, st.integers(1, 30), st.integers(1, 5))
def test_the_largest_of_a_row_come_in_order(seed, columns, k):
    score = np.random.default_rng(seed).integers(-4, 5, (6, columns)).astype(np.float32)
    which = np.empty((6, k), np.int32)
    largest(score, -2.0, which)
    np.testing.assert_array_equal(which, naive.largest(score, -2.0, k))


@given(SEED, st.integers(1, 30), st.integers(1, 5))
def test_the_nearest_are_of_distinct_other_places(seed, n, k):
    rng = np.random.default_rng(seed)
    start, end = spans_of(rng, n, 9, 60)
    rows, columns = np.arange(n)[::2], rng.permutation(n)
    score = rng.permuted(np.linspace(0, 1, len(rows) * n)).reshape(-1, n).astype(np.float32)
    nearest = np.full((len(rows), k), 0.3, np.float32)
    which = np.full((len(rows), k), -1, np.int32)
    for part in np.array_split(np.arange(n), 3):  # in several calls, as cells come
        keep_nearest(
            np.ascontiguousarray(score[:, part]),
            rows,
            columns[part],
            start,
            end,
            0.3,
            nearest,
            which,
        )
    for r, i in enumerate(rows):
        found = which[r][which[r] >= 0]
        spans = [(start[j], end[j]) for j in found]
        assert all(end[j] <= start[i] or end[i] <= start[j] for j in found)
        assert not any(naive.one_place(a, b) for x, a in enumerate(spans) for b in spans[:x])
        of_column = dict(zip(columns.tolist(), score[r].tolist(), strict=True))
        assert nearest[r][: len(found)].tolist() == [of_column[j] for j in found.tolist()]
        assert (np.diff(nearest[r]) <= 0).all()
        assert (nearest[r][len(found) :] == np.float32(0.3)).all()
        others = [j for j in of_column if end[j] <= start[i] or end[i] <= start[j]]
        if others and max(of_column[j] for j in others) > 0.3:
            assert found[0] == max(others, key=of_column.__getitem__)
