"""The kernels of discovery against their naive twins."""

from itertools import pairwise

import naive_discover as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.kernels.consensus import ascend
from kwspot.kernels.links import cosines, local_costs, top_means, warp_segments, weigh

SEED = st.integers(0, 2**32 - 1)
quick = settings(deadline=None, max_examples=40)


@quick
@given(SEED, st.integers(1, 9), st.integers(1, 9))
def test_cosines_are_inner_products(seed, m, n):
    rng = np.random.default_rng(seed)
    a, b = (rng.normal(size=(size, 5)).astype(np.float32) for size in (m, n))
    cosine = np.empty((m, n), np.float32)
    cosines(a, np.ascontiguousarray(b.T), cosine)
    np.testing.assert_allclose(cosine, a @ b.T, atol=1e-5)


@quick
@given(SEED, st.integers(1, 9), st.integers(1, 9))
def test_local_costs_equal_the_formula(seed, m, n):
    rng = np.random.default_rng(seed)
    cosine = rng.uniform(-1, 1, (m, n)).astype(np.float32)
    near_a, near_b = (rng.uniform(0, 1, size).astype(np.float32) for size in (m, n))
    expected = naive.local_costs(cosine, near_a, near_b, 0.5, 0.6, 0.9)
    local_costs(cosine, near_a, near_b, 0.5, 0.6, 0.9)
    np.testing.assert_allclose(cosine, expected, atol=1e-5)


def segments_of(rng, frames, longest):
    """Draw starts and, for each, which lengths are segments; number them from 0."""
    starts = np.sort(rng.choice(frames, min(4, frames), replace=False)).astype(np.int64)
    ends = np.full((len(starts), longest + 1), -1, np.int32)
    chosen = [
        (x, length)
        for x, start in enumerate(starts)
        for length in range(1, min(longest, frames - start) + 1)
        if rng.random() < 0.5
    ]
    for number, (x, length) in enumerate(chosen):
        ends[x, length] = number
    return starts, ends, [(starts[x], starts[x] + length) for x, length in chosen]


@quick
@given(SEED, st.integers(2, 14), st.integers(2, 14), st.integers(1, 12))
def test_every_pair_of_segments_is_warped_as_if_alone(seed, m, n, longest):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 9, (m, n)).astype(np.float32) / 8
    starts_a, ends_a, spans_a = segments_of(rng, m, longest)
    starts_b, ends_b, spans_b = segments_of(rng, n, longest)
    ends_b[ends_b >= 0] += len(spans_a)
    size = len(spans_a) + len(spans_b)
    similarity = np.full((size, size), -9, np.float32)
    work = np.empty((2, longest + 8), np.float32)
    warp_segments(cost, starts_a, starts_b, ends_a, ends_b, 9.0, work, similarity)
    for i, (a, b) in enumerate(spans_a):
        for j, (c, d) in enumerate(spans_b, len(spans_a)):
            expected = naive.warp_cost(cost[a:b, c:d])
            expected = 1 - expected if np.isfinite(expected) else -9
            assert similarity[i, j] == similarity[j, i] == pytest.approx(expected, abs=1e-5)


def test_hopeless_warps_are_given_up_but_only_those():
    cost = np.full((20, 20), 0.9, np.float32)
    cost[np.arange(20), np.arange(20)] = 0.0
    starts, ends = np.array([0, 1]), np.full((2, 16), -1, np.int32)
    ends[0, 15], ends[1, 15] = 0, 1
    similarity = np.full((4, 4), -9, np.float32)
    ends_b = np.where(ends >= 0, ends + 2, ends).astype(np.int32)
    work = np.empty((2, 24), np.float32)
    warp_segments(cost, starts, starts, ends, ends_b, 0.5, work, similarity)
    assert similarity[0, 2] == similarity[1, 3] == 1
    cost[:] = 0.9
    similarity[:] = -9
    warp_segments(cost, starts, starts, ends, ends_b, 0.5, work, similarity)
    assert (similarity == -9).all()


@quick
@given(SEED, st.integers(1, 30), st.sampled_from([0.1, 0.25, 1.0]))
def test_top_means_are_the_mean_of_the_highest(seed, n, share):
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1, 1, (n, n)).astype(np.float32)
    values[rng.random((n, n)) < 0.3] = -9
    mean = np.empty(n, np.float32)
    top_means(values, -9, share, np.empty(4096, np.int64), mean)
    for row, got in zip(values, mean, strict=True):
        there = np.sort(row[row > -9])[::-1]
        wanted = max(1.0, len(there) * share)
        weights = np.clip(wanted - np.arange(len(there)), 0, 1)
        assert got == pytest.approx(weights @ there / wanted if len(there) else 0, abs=1e-3)


@quick
@given(SEED, st.integers(1, 12))
def test_gains_equal_the_formula(seed, n):
    rng = np.random.default_rng(seed)
    similarity = rng.uniform(-1, 1, (n, n)).astype(np.float32)
    similarity = np.maximum(similarity, similarity.T)
    similarity[np.eye(n, dtype=bool)] = -9
    chance, length = rng.uniform(0.1, 2, (2, n)).astype(np.float32)
    expected = naive.gains(similarity, -9, chance, length, 0.75, 15.0, -6.0)
    weigh(similarity, -9, chance, length, 0.75, 15.0, -6.0)
    np.testing.assert_allclose(similarity, expected, rtol=1e-4, atol=1e-5)


@quick
@given(SEED, st.integers(2, 6), st.integers(1, 5))
def test_ascent_equals_the_naive_exchange(seed, clips, low):
    rng = np.random.default_rng(seed)
    low = min(low, clips - 1)
    first = np.concatenate([[0], np.cumsum(rng.integers(1, 6, clips))])
    gain = rng.integers(-8, 8, (first[-1], first[-1])).astype(np.float32)
    gain = np.maximum(gain, gain.T)
    prior = rng.random(first[-1], np.float32)
    members = np.array([[rng.integers(a, b) for a, b in pairwise(first)]])
    expected, score = naive.ascend(gain, prior, first, low, members[0])
    got = np.empty(1)
    ascend(gain, prior, first, low, np.empty((clips, clips)), np.empty(clips), members, got)
    assert got[0] == pytest.approx(score, abs=1e-5)
    assert members[0].tolist() == expected
