"""Warping and agreement, against their naive twins; calibration, by its properties."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kwspot
from kwspot.features.word import Voice
from kwspot.match.agreement import (
    Agreement,
    judge,
    leave_one_out,
    nearest_cost,
    stream_cost,
    whole_costs,
)
from kwspot.match.bank import TemplateBank
from kwspot.match.calibrate import Calibration


def unit_rows(rng, n, d=5):
    rows = rng.normal(size=(n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@given(st.integers(0, 999), st.integers(1, 12), st.integers(1, 30))
def test_align_equals_the_naive_recurrence(seed, m, n):
    rng = np.random.default_rng(seed)
    template, stream = unit_rows(rng, m), unit_rows(rng, n)
    cost, start = kwspot.align(template, stream)
    expected, since = naive.warp_stream(template, stream)
    np.testing.assert_allclose(cost, expected, rtol=1e-4, atol=1e-5)
    fits = np.isfinite(expected)
    assert (start[fits] == since[fits]).all()  # no two paths of random numbers tie


@given(st.integers(0, 999), st.integers(1, 20), st.integers(1, 20), st.sampled_from([0.1, 0.4, 1]))
def test_warp_equals_the_naive_recurrence(seed, m, n, band):
    rng = np.random.default_rng(seed)
    a, b = unit_rows(rng, m), unit_rows(rng, n)
    expected = naive.warp_whole(a, b, band)
    assert kwspot.warp(a, b, band=band) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@given(st.integers(0, 999), st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_chunks_do_not_change_what_a_bank_finds(seed, chunks):
    rng = np.random.default_rng(seed)
    templates = [unit_rows(rng, m) for m in rng.integers(1, 9, size=3)]
    stream = unit_rows(rng, sum(chunks))
    whole = TemplateBank(templates).feed(stream)
    bank = TemplateBank(templates)
    parts = [bank.feed(part) for part in np.split(stream, np.cumsum(chunks)[:-1])]
    for found, expected in zip(zip(*parts, strict=True), whole, strict=True):
        np.testing.assert_array_equal(np.concatenate(found), expected)


@given(st.integers(0, 999), st.integers(4, 12), st.integers(0, 20))
def test_a_planted_template_is_found_where_it_stands(seed, m, before):
    rng = np.random.default_rng(seed)
    template = unit_rows(rng, m)
    stream = np.concatenate([unit_rows(rng, before), template, unit_rows(rng, 5)])
    cost, start = kwspot.align(template, stream)
    end = before + m - 1
    assert cost[end] == pytest.approx(0, abs=1e-5)
    assert start[end] == before


def test_warps_keep_between_half_and_twice_the_speed():
    rng = np.random.default_rng(0)
    template, stream = unit_rows(rng, 10), unit_rows(rng, 200)
    cost, start = kwspot.align(template, stream)
    span = np.arange(200) - start + 1
    assert (span[np.isfinite(cost)] >= 5).all()
    assert (span[np.isfinite(cost)] <= 20).all()


@pytest.mark.parametrize("function", [kwspot.align, kwspot.warp])
def test_bad_arrays_are_refused(function):
    good = np.eye(3)
    for bad in (np.zeros(3), np.zeros((0, 3)), np.full((2, 3), np.nan)):
        with pytest.raises(ValueError, match="must"):
            function(good, bad)
    with pytest.raises(ValueError, match="d=3"):
        function(good, np.eye(4))


@given(st.integers(0, 999), st.integers(1, 5), st.integers(1, 12))
def test_agreement_equals_its_twin(seed, templates, n):
    rng = np.random.default_rng(seed)
    bank = [unit_rows(rng, int(m)) for m in rng.integers(2, 6, size=templates)]
    stream = unit_rows(rng, n)
    cost, start = TemplateBank(bank).feed(stream)
    edge = np.full((1, templates), np.inf)
    expected = naive.agree(np.concatenate([edge, cost, edge]), start, min(3, templates))
    found, begin = stream_cost(bank, stream)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert (begin <= np.arange(n)).all()


def test_agreement_judges_a_frame_when_the_next_is_known():
    rng = np.random.default_rng(0)
    agreement = Agreement([unit_rows(rng, 3)])
    stream = unit_rows(rng, 10)
    assert [len(agreement.feed(stream[i : i + 1])[0]) for i in range(3)] == [0, 1, 1]
    assert len(agreement.finish()[0]) == 1


def test_one_bad_template_does_not_spoil_an_utterance():
    rng = np.random.default_rng(0)
    word = unit_rows(rng, 20)
    templates = [word, word, word, unit_rows(rng, 20)]
    assert nearest_cost(whole_costs(templates, [Voice(word)])) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("origins", "others"),
    [
        ("abc", [[1, 2], [0, 2], [0, 1]]),
        ("aab", [[2], [2], [0, 1]]),
        ("aaa", [[1, 2], [0, 2], [0, 1]]),
        ("a", [[0]]),
    ],
)
def test_leave_one_out_leaves_out_the_recording(origins, others):
    templates = [np.full(1, i, np.float32) for i in range(len(origins))]
    pairs = leave_one_out(templates, origins)
    assert [[int(other[0]) for other in some] for some, _ in pairs] == others
    assert [int(one[0]) for _, one in pairs] == list(range(len(origins)))


def test_background_is_what_is_not_the_word():
    rng = np.random.default_rng(0)
    word = unit_rows(rng, 10)
    stream = np.concatenate([unit_rows(rng, 40), word, unit_rows(rng, 40)])
    right, wrong = (judge([word], stream, slice(at, at + 10)) for at in (40, 0))
    assert right.genuine == pytest.approx(0, abs=1e-5)
    assert right.background
    assert min(right.background) > 0.2
    assert min(wrong.background) == pytest.approx(0, abs=1e-5)
    both = judge([word], stream, slice(0, 10), [slice(0, 10), slice(40, 50)])
    assert min(both.background) > 0.2


def test_probability_falls_as_the_cost_rises():
    calibration = Calibration.typical("cepstra")
    costs = np.linspace(0, 2, 50)
    for one in (calibration, calibration.in_everyday_sound()):
        scores = one.in_stream(costs)
        assert (np.diff(scores) <= 0).all()
        assert ((scores >= 0) & (scores <= 1)).all()
        assert one.in_stream(np.inf) < 1e-9
        for cost in (0.3, 0.5, 0.6):
            assert one.cost_at(float(one.in_stream(cost))) == pytest.approx(cost)
    assert (np.diff([calibration.alone(cost) for cost in costs]) < 0).all()


@given(st.lists(st.floats(0.2, 1), min_size=1, max_size=20), st.integers(0, 20))
def test_pooling_in_two_steps_is_pooling_at_once(costs, cut):
    once = Calibration.typical("cepstra").pooled(costs)
    twice = Calibration.typical("cepstra").pooled(costs[:cut]).pooled(costs[cut:])
    assert twice.peaks == once.peaks
    assert twice.background == pytest.approx(once.background)
    assert twice.spread == pytest.approx(once.spread, abs=1e-9)
