"""The sieve of small integers, beside plain loops and beside the exact costs."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwspot.archive.sieve import MARGIN, Heard, Sieve
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.features.normalise import RunningNormaliser
from kwspot.kernels import sieve
from kwspot.keyword import Keyword
from kwspot.match.agreement import stream_cost

SAMPLES = Path(__file__).parents[1] / "sample_audio"
SPANS = {
    "conf-full.wav": (0.36, 0.86),
    "conf-kicked.wav": (1.4, 2.02),
    "conf-locked.wav": (0.36, 0.9),
}


def naive_left(frames, templates, bias):
    """What the best path through a template has left to pay, one cell after the other."""
    n, m = len(frames), len(templates)
    local = (bias - frames.astype(int) @ templates.astype(int).T) >> 7
    worst = sieve.WORST
    total = np.full((n + 2, m + 2), worst)
    total[1:, 1] = 0
    for j in range(n):
        for i in range(m):
            here, last = local[j, i], local[j - 1, i] if j else sieve.ONE
            even = total[j + 1, i + 1] + here
            slow = total[j, i + 1] + 2 * last
            fast = total[j + 1, i] + 2 * (local[j, i - 1] if i else 0)
            total[j + 2, i + 2] = min(min(even, slow, fast) + here, worst)
    return total[2:, -1]


def run_sift(frames, piece, lengths, weights, bias):
    words, (n, _) = weights.shape[1] // 4, frames.shape
    end = np.cumsum(np.array(lengths) + 2)
    begin = end - lengths
    rows = -(-end[-1] // sieve.LANES) * sieve.LANES
    packed = np.zeros((words, rows, 4), np.int8)
    per_row = np.zeros(rows, np.int32)
    at = 0
    for first, last in zip(begin, end, strict=True):
        packed[:, first:last] = (
            weights[at : at + last - first].reshape(-1, words, 4).transpose(1, 0, 2)
        )
        per_row[first:last] = bias[at : at + last - first]
        at += last - first
    left = np.empty((len(lengths), n), np.int16)
    padded = np.concatenate([frames, np.zeros((4, frames.shape[1]), np.uint8)])
    scratch = [
        np.zeros((count, rows + sieve.LANES), np.int16) for count in (sieve.RING, sieve.HELD)
    ]
    sieve.sift(padded, piece, packed, per_row, begin, end, *scratch, left)
    return left


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=3),
    st.integers(1, 25),
    st.integers(0, 40),
    st.data(),
)
def test_sift_equals_plain_loops(lengths, first, second, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    frames = rng.integers(0, 256, (first + second, 8)).astype(np.uint8)
    weights = rng.integers(-8, 9, (sum(lengths), 8)).astype(np.int8)
    bias = rng.integers(-20000, 20000, sum(lengths)).astype(np.int32)
    left = run_sift(frames, np.array([0, first, first + second]), lengths, weights, bias)
    at = 0
    for one, length in zip(left, lengths, strict=True):
        mine = slice(at, at + length)
        for part in (slice(0, first), slice(first, None)):
            expected = naive_left(frames[part], weights[mine], bias[mine])
            np.testing.assert_array_equal(one[part], expected)
        at += length


@given(st.integers(1, 6), st.integers(1, 20), st.integers(1, 20), st.integers(0, 1000))
def test_weigh_equals_a_sort(templates, first, second, seed):
    rng = np.random.default_rng(seed)
    n, best = first + second, min(3, templates)
    left = rng.integers(-9000, 16000, (templates, n)).astype(np.int16)
    weight = rng.uniform(1e-5, 1e-3, templates).astype(np.float32)
    cost = np.empty(n, np.float32)
    sieve.weigh(left, np.array([0, first, n]), weight, 0.3, np.empty((best, n), np.float32), cost)
    for a, b in ((0, first), (first, n)):
        around = np.pad(left[:, a:b].astype(float), ((0, 0), (1, 1)), constant_values=np.inf)
        nearby = np.minimum(np.minimum(around[:, :-2], around[:, 1:-1]), around[:, 2:])
        expected = 0.3 + np.sort(nearby * weight[:, None], axis=0)[:best].mean(axis=0)
        np.testing.assert_allclose(cost[a:b], expected, rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def keyword():
    clips = []
    for name, (start, end) in SPANS.items():
        x = load(SAMPLES / name, rate=16000)
        clips.append((x[int(start * 16000) : int(end * 16000)], 16000))
    return Keyword.from_examples(clips, front_end="cepstra", name="conference")


@pytest.fixture(scope="module")
def frames():
    paths = sorted(SAMPLES.glob("*.wav"))
    return front_end("cepstra")(np.concatenate([load(path, rate=16000) for path in paths]))


def test_bytes_are_what_a_spotter_hears(frames):
    ear, prior = front_end("cepstra"), np.linspace(-0.1, 0.1, 26).astype(np.float32)
    piece = np.array([0, 700, len(frames)])
    heard = Heard.of(frames, piece, np.zeros((2, 29)), ear)
    out = np.zeros((len(frames), 28), np.uint8)
    sieve.unit_bytes(frames, heard.sums, prior, 25.0, True, np.empty(26, np.float32), out)
    for a, b in ((0, 700), (700, len(frames))):
        running = RunningNormaliser(prior, period=0.02, homogeneous=True)
        unit = running.feed(frames[a:b], ear.loudness(frames[a:b]))
        np.testing.assert_allclose((out[a:b, :26] - 128.0) / 127, unit, atol=0.6 / 127)


def test_costs_are_nearly_exact_where_the_word_is(keyword, frames):
    ear = front_end("cepstra")
    heard = Heard.of(frames, np.array([0, len(frames)]), np.zeros((1, 29)), ear)
    about = Sieve(keyword, 0.3).costs(heard)
    running = RunningNormaliser(keyword.prior, period=0.02, homogeneous=True)
    unit = running.feed(frames, ear.loudness(frames))
    exact, _ = stream_cost(keyword.stream_templates(), unit)
    near = exact < keyword.calibration.genuine + 0.05
    assert near.sum() > 10
    assert (about - exact)[near].max() < MARGIN
    assert np.abs(about - exact)[near].mean() < MARGIN / 2
    assert exact[about < 0.3].max() < 0.3 + 2 * MARGIN
