"""The kernels of the shortlist against their naive twins."""

import naive_discover as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.features.normalise import unit
from kwspot.kernels.shortlist import LANES, keep_nearest, thin, warp_listed

SEED = st.integers(0, 2**32 - 1)
quick = settings(deadline=None, max_examples=40)


@quick
@given(SEED, st.integers(1, 60), st.integers(1, 4), st.sampled_from([0.3, 0.7]))
def test_thinning_keeps_the_first_without_twins(seed, n, quota, twin):
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 60, n)
    end = start + rng.integers(1, 20, n)
    order, kept = rng.permutation(n), np.zeros(n, np.bool_)
    slots = np.full((end.max() // 20 + 3, quota), -1, np.int32)
    thin(order, start, end, 20, twin, slots, kept)
    assert set(np.flatnonzero(kept)) == naive.thin(order, start, end, 20, quota, twin)


@quick
@given(SEED, st.integers(1, 5), st.integers(1, 30), st.integers(1, 6))
def test_the_nearest_are_kept_in_ascending_order(seed, n, m, places):
    rng = np.random.default_rng(seed)
    likeness = rng.permutation(n * m).reshape(n, m).astype(np.float32)
    length, others = rng.integers(1, 6, n), rng.integers(1, 6, m)
    index, value = np.full((n, places), -1, np.int64), np.empty((n, places), np.float32)
    keep_nearest(likeness, length, others, 2.0, index, value)
    for row, expected in enumerate(naive.nearest(likeness, length, others, 2.0, places)):
        found = index[row][index[row] >= 0]
        assert likeness[row, found].tolist() == expected
        assert value[row, places - len(found) :].tolist() == expected


@quick
@given(SEED, st.integers(1, 4), st.integers(1, 24))
def test_listed_segments_are_warped_as_if_alone(seed, n, m):
    rng = np.random.default_rng(seed)
    a, b = (unit(rng.normal(size=(40, 5)).astype(np.float32)) for _ in range(2))
    start_a, start_b = rng.integers(0, 30, n), rng.integers(0, 30, m)
    end_a, end_b = start_a + rng.integers(1, 10, n), start_b + rng.integers(1, 11, m)
    listed = rng.integers(-1, m, (n, LANES))
    columns, work = np.empty((5, 10 * LANES), np.float32), np.empty((3, 12 * LANES), np.float32)
    similarity = np.full((n, LANES), -9, np.float32)
    warp_listed(a, b, start_a, end_a, start_b, end_b, listed, columns, work, similarity)
    for row, (i, j) in enumerate(zip(start_a, end_a, strict=True)):
        for lane, other in enumerate(listed[row]):
            cost = naive.warp_cost(1 - a[i:j] @ b[start_b[other] : end_b[other]].T)
            expected = 1 - cost if other >= 0 and np.isfinite(cost) else -9
            assert similarity[row, lane] == pytest.approx(expected, abs=1e-5)
