"""Measures: equal to counting by hand, and refusing what makes no sense."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_metrics import best_matching, miss_and_accept
from naive_metrics import calibration_error as naive_calibration_error
from naive_metrics import iou as naive_iou

from kwspot import metrics

SPANS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(1, 6)).map(lambda p: (p[0] / 2, (p[0] + p[1]) / 2)),
    max_size=5,
)
SCORES = st.lists(st.integers(0, 6).map(lambda k: k / 6), min_size=1, max_size=12)


@given(SPANS, SPANS)
def test_overlaps_are_those_of_each_pair(reference, estimated):
    expected = [[naive_iou(a, b) for b in estimated] for a in reference]
    found = metrics.iou(reference, estimated)
    assert found.shape == (len(reference), len(estimated))
    np.testing.assert_allclose(found.ravel(), np.ravel(expected))


@given(SPANS, SPANS, st.sampled_from([0.1, 0.25, 0.5, 1.0]))
def test_no_choice_of_pairs_is_better(reference, estimated, min_iou):
    pairs = metrics.match_spans(reference, estimated, min_iou=min_iou)
    for side in zip(*pairs, strict=True):
        assert len(set(side)) == len(side)
    overlaps = [naive_iou(reference[i], estimated[j]) for i, j in pairs]
    assert all(overlap >= min_iou - 1e-9 for overlap in overlaps)
    count, total = best_matching(reference, estimated, min_iou)
    assert len(pairs) == count
    assert sum(overlaps) == pytest.approx(total)


def test_half_an_overlap_in_decimal_times_is_half():
    assert metrics.match_spans([[0.3, 0.9]], [[0.6, 0.9]]) == [(0, 0)]


@given(SCORES, SCORES)
def test_the_curve_has_the_rates_at_each_threshold(genuine, impostor):
    curve = metrics.det_curve(genuine, impostor)
    for threshold, miss, alarm in zip(*curve, strict=True):
        assert (miss, alarm) == miss_and_accept(genuine, impostor, threshold)
    assert (curve.miss[0], curve.false_alarm[0]) == (0, 1)
    assert (curve.miss[-1], curve.false_alarm[-1]) == (1, 0)
    assert (np.diff(curve.miss) >= 0).all()
    assert (np.diff(curve.false_alarm) <= 0).all()


@given(SCORES, SCORES)
def test_equal_error_lies_between_the_points_around_it(genuine, impostor):
    curve = metrics.det_curve(genuine, impostor)
    rate = metrics.equal_error_rate(curve)
    before = curve.miss <= curve.false_alarm
    assert curve.miss[before].max() <= rate <= curve.miss[~before].min(initial=1)
    assert curve.false_alarm[~before].max(initial=0) <= rate <= curve.false_alarm[before].min()


@given(SCORES, SCORES)
def test_equal_error_is_the_same_from_either_side(genuine, impostor):
    rate = metrics.equal_error_rate(metrics.det_curve(genuine, impostor))
    turned = metrics.det_curve([-s for s in impostor], [-s for s in genuine])
    # where a score is equal to the threshold the two sides see different steps
    if not set(genuine) & set(impostor):
        assert metrics.equal_error_rate(turned) == pytest.approx(rate)


@given(SCORES, SCORES, st.floats(0, 1))
def test_miss_at_is_the_best_of_the_allowed(genuine, impostor, allowed):
    curve = metrics.det_curve(genuine, impostor)
    found = metrics.miss_at(curve, allowed)
    points = [miss_and_accept(genuine, impostor, t) for t in [*curve.threshold]]
    assert found == min(miss for miss, alarm in points if alarm <= allowed)


def test_false_alarms_may_be_counted_per_hour():
    curve = metrics.det_curve([0.9, -np.inf], [0.5, 0.7], hours=4)
    assert curve.false_alarm.tolist() == [0.5, 0.25, 0, 0]
    assert curve.miss.tolist() == [0.5, 0.5, 0.5, 1]
    assert metrics.miss_at(metrics.det_curve([0.9], [], hours=1), 0) == 0
    assert metrics.miss_at(curve._replace(false_alarm=curve.false_alarm + 1), 0.5) == 1


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30), st.integers(1, 5)
)
def test_calibration_error_is_the_gap_of_each_bin(pairs, bins):
    said, came = [p for p, _ in pairs], [o for _, o in pairs]
    assert metrics.calibration_error(said, came, bins=bins) == pytest.approx(
        naive_calibration_error(said, came, bins)
    )


def test_probabilities_that_come_true_as_often_have_no_error():
    rng = np.random.default_rng(0)
    said = rng.uniform(size=200000)
    assert metrics.calibration_error(said, rng.uniform(size=200000) < said) < 0.005
    assert metrics.calibration_error(said, rng.uniform(size=200000) < said**2) > 0.1


LABELS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1)


@given(LABELS)
def test_the_diagonal_of_the_confusion_is_the_accuracy(pairs):
    truth, given_ = zip(*pairs, strict=True)
    table = metrics.confusion(truth, given_)
    for i, row in enumerate(table.truth):
        for j, column in enumerate(table.given):
            assert table.counts[i, j] == pairs.count((row, column))
    right = sum(pairs.count((label, label)) for label in table.truth)
    assert metrics.accuracy(truth, given_) == right / len(pairs)


def test_scores_of_spans_are_undefined_where_there_is_nothing():
    assert metrics.span_scores(3, reference=4, estimated=6) == (0.5, 0.75, 0.6)
    precision, recall, f1 = metrics.span_scores(0, reference=2, estimated=0)
    assert np.isnan(precision)
    assert (recall, f1) == (0, 0)
    assert np.isnan(metrics.span_scores(0, reference=0, estimated=0)).all()


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(100):
        low, high = metrics.interval(
            rng.normal(size=30).tolist(), np.mean, rng=rng, level=0.9, resamples=200
        )
        held += low < 0 < high
    assert 80 <= held <= 97


def test_the_interval_leaves_out_what_cannot_be_told():
    rng = np.random.default_rng(0)
    low, high = metrics.interval([1.0, np.nan], np.mean, rng=rng)
    assert (low, high) == (1, 1)
    assert np.isnan(metrics.interval([np.nan], np.mean, rng=rng)).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: metrics.iou([[0, 1, 2]], []), r"shape \(n, 2\)"),
        (lambda: metrics.iou([[0, np.nan]], []), "finite"),
        (lambda: metrics.iou([], [[0, 1], [2, 2]]), "number 1"),
        (lambda: metrics.match_spans([], [], min_iou=0), "min_iou"),
        (lambda: metrics.span_scores(3, reference=2, estimated=5), "matched"),
        (lambda: metrics.det_curve([], [1]), "genuine must have"),
        (lambda: metrics.det_curve([1], []), "impostor must have"),
        (lambda: metrics.det_curve([1], [np.nan]), "NaN"),
        (lambda: metrics.det_curve([1], [1], hours=0), "hours"),
        (lambda: metrics.miss_at(metrics.det_curve([1], [1]), -1), "negative"),
        (
            lambda: metrics.equal_error_rate(metrics.det_curve([1], [1, 2], hours=0.5)),
            "as a share",
        ),
        (
            lambda: metrics.equal_error_rate(metrics.det_curve([-np.inf], [0.5], hours=2)),
            "nowhere",
        ),
        (lambda: metrics.calibration_error([1.5], [True]), "0 to 1"),
        (lambda: metrics.calibration_error([0.5], [1]), "bool"),
        (lambda: metrics.calibration_error([0.5], [True], bins=0), "bins"),
        (lambda: metrics.accuracy([], []), "labels"),
        (lambda: metrics.confusion(["a"], []), "got 0 and 1"),
        (lambda: metrics.interval([], np.mean, rng=np.random.default_rng(0)), "groups"),
        (
            lambda: metrics.interval([1.0], np.mean, rng=np.random.default_rng(0), level=2),
            "level",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
