"""EXTRACT as a whole: against its naive twin, on planted patterns, and its promises."""

import subprocess
import sys

import matplotlib as mpl
import naive_extract as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.discover.extract import Pattern, extract

mpl.use("Agg")
SEEDS = st.integers(0, 2**32 - 1)
few = settings(max_examples=12, deadline=None)
LONG = 30


def planted(seed, n=600, at=(60, 210, 330, 500), columns=3, strength=4.0):
    """Noise with a chirp of 30 samples in the last column."""
    series = np.random.default_rng(seed).normal(size=(n, columns))
    for start in at:
        series[start : start + LONG, -1] += strength * np.sin(np.arange(LONG) ** 2 / 40)
    return series


def spans(pattern):
    return [(instance.start, instance.end) for instance in pattern]


def hits(found, at):
    """Count the planted places that an instance overlaps by half."""
    return sum(any(min(b, t + LONG) - max(a, t) >= LONG // 2 for a, b in found) for t in at)


@few
@given(SEEDS, st.integers(150, 260), st.sampled_from([(12, 20), (16, 26), (5, 9), (20, 40)]))
def test_equals_the_naive_twin(seed, n, lengths):
    series = planted(seed, n, at=range(10, n - LONG, 70), columns=2)
    found = extract(series, *lengths)
    expected, score, features, _ = naive.extract(series, *lengths)
    assert spans(found) == expected
    assert found.score == pytest.approx(score, rel=1e-3)
    assert found.filter.shape == (len(features), lengths[1] + lengths[1] // 10)


def test_equals_the_naive_twin_on_noise_and_on_one_column():
    for seed in range(6):
        series = np.random.default_rng(seed).normal(size=180).cumsum()
        assert spans(extract(series, 12, 20)) == naive.extract(series, 12, 20)[0]


@pytest.mark.parametrize("seed", range(5))
def test_finds_a_planted_pattern(seed):
    at = (60, 210, 330, 500)
    found = extract(planted(seed, at=at, strength=8.0), 20, 36)
    assert hits(spans(found), at) == 4
    assert len(found) <= 5


@few
@given(SEEDS, st.floats(-1e3, 1e3), st.sampled_from([0.25, 2.0, 1024.0]))
def test_offset_and_gain_change_nothing(seed, offset, gain):
    series = planted(seed)
    moved = series.copy()
    moved[:, 1] = moved[:, 1] * gain + offset
    assert spans(extract(moved, 20, 36)) == spans(extract(series, 20, 36))


@pytest.mark.parametrize("seed", range(4))
def test_a_shift_moves_the_instances(seed):
    series = planted(seed, 700, at=(60, 210, 330, 500), strength=8.0)
    before, after = extract(series[20:600], 20, 36), extract(series[:580], 20, 36)
    assert hits([(a + 20, b + 20) for a, b in spans(before)], (60, 210, 330, 500)) == 4
    assert hits(spans(after), (60, 210, 330, 500)) == 4


@few
@given(SEEDS, st.sampled_from([(12, 20), (30, 60), (8, 8)]))
def test_instances_keep_to_the_bounds(seed, lengths):
    low, high = lengths
    rng = np.random.default_rng(seed)
    series = rng.normal(size=(400, 2)).cumsum(axis=0)
    found = extract(series, low, high)
    for instance in found:
        assert low <= instance.end - instance.start <= high
        assert 0 <= instance.start < instance.end <= 400
        assert 0 <= instance.score <= 1
    assert (len(found) == 0) == (found.score == 0)
    assert len(found) != 1


def test_the_filter_is_labelled():
    found = extract(planted(3, strength=8.0), 20, 36)
    assert found.filter.shape == (len(found.shapes), 36 + 3)
    weight = np.zeros(3)
    for shape, row in zip(found.shapes, found.filter, strict=True):
        assert shape.length in {8, 16, 32}
        weight[shape.column] += row.sum()
    assert weight.argmax() == 2  # the column that holds the pattern
    start, stop = found.extent
    assert found.filter[:, start:stop].sum() > 0.7 * found.filter.sum()


def test_is_deterministic_and_follows_its_generator():
    series = planted(1)
    first, second = extract(series, 20, 36), extract(series, 20, 36)
    assert spans(first) == spans(second)
    np.testing.assert_array_equal(first.filter, second.filter)
    same = extract(series, 20, 36, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(first.filter, same.filter)
    other = extract(series, 20, 36, rng=np.random.default_rng(1))
    assert other.filter.shape != first.filter.shape or (other.filter != first.filter).any()


def test_fractions_of_the_length():
    series = planted(0, 640)
    assert spans(extract(series, 1 / 32, 1 / 16)) == spans(extract(series, 20, 40))


@pytest.mark.parametrize("series", [np.zeros((300, 2)), np.full(300, 0.1), np.arange(300.0)])
def test_nothing_found_is_an_empty_pattern(series):
    found = extract(series, 20, 36)
    assert len(found) == 0
    assert found.score == 0


def test_the_input_stays_as_it_was():
    series = planted(0)
    copy = series.copy()
    extract(series, 20, 36)
    np.testing.assert_array_equal(series, copy)


@pytest.mark.parametrize("series", [[1.0, np.nan] * 100, [1.0, np.inf] * 100])
def test_values_that_are_not_finite_are_refused(series):
    with pytest.raises(ValueError, match="expected finite values, got 100 of 200"):
        extract(series, 10, 16)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (100, 0), (10, 10, 10)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected an array of shape .* got \("):
        extract(np.zeros(shape), 10, 16)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ((0, 10), "0 < min_length"),
        ((20, 10), "0 < min_length <= max_length, got 20 and 10"),
        ((np.nan, 10), "0 < min_length"),
        ((10, np.inf), "0 < min_length"),
        ((3, 6), "at least 4 samples"),
        ((10, 21), "one to two times"),
        ((0.001, 0.002), "at least 4 samples"),
        ((100, 120), "at least 264 samples for max_length 120, got 200"),
        ((0.4, 0.6), "at least 264 samples for max_length 120, got 200"),
    ],
)
def test_wrong_lengths_are_refused(lengths, message):
    with pytest.raises(ValueError, match=message):
        extract(np.zeros(200), *lengths)


@pytest.mark.parametrize("seed", [0, None])
def test_plots(seed):
    found = Pattern((), 0.0, np.zeros((0, 8)), (), (0, 8)) if seed is None else None
    found = found or extract(planted(seed), 20, 36)
    ax = found.plot()
    assert ax.get_title() == f"{len(found)} instances, log-odds {found.score:.0f}"
    assert found.plot(ax) is ax
    mpl.pyplot.close("all")


def test_import_is_light():
    code = "import sys, kwspot.discover.extract; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numba", "scipy", "matplotlib"} & set(loaded)
