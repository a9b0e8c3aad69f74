"""Streams abreast, beside plain loops and beside the exact costs."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simd_levels import X86, run_at

from kwspot.archive.abreast import Abreast, Estimate, lead
from kwspot.archive.scan import MARGIN
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.features.normalise import RunningNormaliser
from kwspot.keyword import Keyword
from kwspot.match.agreement import stream_cost

SAMPLES = Path(__file__).parents[1] / "sample_audio"
SPANS = {
    "conf-full.wav": (0.36, 0.86),
    "conf-kicked.wav": (1.4, 2.02),
    "conf-locked.wav": (0.36, 0.9),
}
EAR, D = front_end("cepstra"), 26
# With nothing loud, frames are centred around nothing.
SILENT = SimpleNamespace(period=0.02, homogeneous=False, loudness=lambda x: np.zeros(len(x), "f"))


def word_of(templates):
    prior = np.zeros(templates[0].shape[1], np.float32)
    return SimpleNamespace(stream_templates=lambda: templates, prior=prior)


def one_hot(rng, n, d):
    """Frames that bytes hold exactly."""
    return np.eye(d, dtype=np.float32)[rng.integers(d, size=n)] * rng.choice([-3, 3], (n, 1))


def naive_costs(frames, templates):
    """Warp each template, one cell after the other, in whole numbers."""
    heard = np.rint(127 * frames / np.linalg.norm(frames, axis=1, keepdims=True)).astype(int)
    means = [naive_mean(heard, np.rint(127 * one).astype(int)) for one in templates]
    near = [np.pad(mean, 1, constant_values=1e9) for mean in means]
    least = [np.minimum(np.minimum(x[:-2], x[1:-1]), x[2:]) for x in near]
    return np.sort(least, axis=0)[:3].mean(axis=0)


def naive_mean(heard, template):
    local = (127 * 127 + 64 - heard @ template.T) >> 7
    n, m = local.shape
    never = (32767, 0)
    paths = {(j, -1): (0, j + 1) for j in range(-1, n)}
    for j in range(n):
        for i in range(m):
            ways = [
                (paths.get((j - 1, i - 1), never), local[j, i]),
                (paths.get((j - 2, i - 1), never), 2 * local[j - 1, i]),
                (paths.get((j - 1, i - 2), never) if i else never, 2 * local[j, i - 1]),
            ]
            best = min(((total + more, way) for way, ((total, _), more) in enumerate(ways)))
            origin = ways[best[1]][0][1]
            paths[j, i] = (min(best[0] + local[j, i], 32767), origin)
    ends = [paths[j, m - 1] for j in range(n)]
    return np.array(
        [
            total * 128 / 127**2 / (m + j - since + 1) if total < 32767 else 1e9
            for j, (total, since) in enumerate(ends)
        ]
    )


@settings(max_examples=12)
@given(
    st.lists(st.integers(2, 8), min_size=1, max_size=4),
    st.lists(st.integers(1, 60), min_size=1, max_size=3),
    st.integers(0, 1000),
)
def test_costs_equal_plain_loops_in_each_recording(lengths, sizes, seed):
    rng = np.random.default_rng(seed)
    templates = [rng.normal(size=(length, D)).astype(np.float32) for length in lengths]
    templates = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in templates]
    frames = one_hot(rng, sum(sizes), D)
    piece, word = np.cumsum([0, *sizes]), word_of(templates)
    streams = Abreast.of(frames, piece, np.zeros((len(sizes), D + 3)), SILENT, lead([word]))
    found = Estimate(word).costs(streams)
    for begin, end in pairwise(piece):
        expected = naive_costs(frames[begin:end], templates)
        known = expected < 1e8
        np.testing.assert_array_equal(found[begin:end] < 1e8, known)
        np.testing.assert_allclose(found[begin:end][known], expected[known], rtol=1e-4)


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
    return EAR(np.concatenate([load(path, rate=16000) for path in paths]))


def whole(frames, keyword):
    streams = Abreast.of(
        frames, np.array([0, len(frames)]), np.zeros((1, D + 3)), EAR, lead([keyword])
    )
    return Estimate(keyword).costs(streams)


def test_cuts_and_neighbours_change_nothing(frames, keyword):
    size = len(frames)
    twice = Abreast.of(
        np.concatenate([frames, frames[:500], frames]),
        np.array([0, size, size + 500, 2 * size + 500]),
        np.zeros((3, D + 3)),
        EAR,
        3 * lead([keyword]),
    )
    found, expected = Estimate(keyword).costs(twice), whole(frames, keyword)
    np.testing.assert_array_equal(found[:size], expected)
    np.testing.assert_array_equal(found[-size:], expected)


def test_streams_are_what_a_spotter_hears(frames):
    ear, prior = EAR, np.linspace(-0.1, 0.1, 26).astype(np.float32)
    streams = Abreast.of(frames, np.array([0, len(frames)]), np.zeros((1, D + 3)), ear, 40)
    b, d, n = streams.centred.shape
    rows = streams.centred.reshape(b, d, n // 32, 32).transpose(0, 2, 3, 1).reshape(-1, 32, d)
    expected = streams.expected.reshape(-1, 32)
    centred = rows - expected[..., None] * prior
    tape = centred[40 : 40 + streams.span].transpose(1, 0, 2).reshape(-1, d)[: len(frames)]
    running = RunningNormaliser(prior, period=0.02, homogeneous=True)
    unit = running.feed(frames, ear.loudness(frames))
    norms = np.linalg.norm(tape, axis=1, keepdims=True)
    np.testing.assert_allclose(tape / np.maximum(norms, 1e-9), unit, atol=1e-4)


def test_costs_are_nearly_exact(keyword, frames):
    about = whole(frames, keyword)
    running = RunningNormaliser(keyword.prior, period=0.02, homogeneous=True)
    unit = running.feed(frames, EAR.loudness(frames))
    exact, _ = stream_cost(keyword.stream_templates(), unit)
    known = np.isfinite(exact)
    np.testing.assert_array_equal(about < 1e8, known)
    gap = np.abs(about - exact)[known]
    assert np.median(gap) < 0.002
    assert np.mean(gap < MARGIN / 3) > 0.97
    assert gap[exact[known] < keyword.calibration.genuine + 0.05].max() < MARGIN / 3


def test_a_long_template_fits_16_bits():
    rng = np.random.default_rng(0)
    template = rng.normal(size=(400, D)).astype(np.float32)
    template /= np.linalg.norm(template, axis=1, keepdims=True)
    frames = np.concatenate([one_hot(rng, 300, D), template])
    word = word_of([template])
    streams = Abreast.of(frames, np.array([0, 700]), np.zeros((1, D + 3)), SILENT, lead([word]))
    found = Estimate(word).costs(streams)
    exact, _ = stream_cost([template], frames / np.linalg.norm(frames, axis=1, keepdims=True))
    known = np.isfinite(exact)
    assert np.median(np.abs(found - exact)[known]) < 0.01
    assert found[-1] < 0.01


REPORT = """
import numpy as np
import test_abreast as here
rng = np.random.default_rng(0)
word = here.word_of([here.one_hot(rng, 9, here.D) / 3 for _ in range(3)])
streams = here.Abreast.of(
    here.one_hot(rng, 200, here.D), np.array([0, 200]), np.zeros((1, here.D + 3)), here.SILENT, 30
)
report = here.Estimate(word).costs(streams).round(4).tolist()
"""


@pytest.mark.skipif(not X86, reason="levels of x86")
def test_a_plain_processor_finds_the_same():
    native = {}
    exec(REPORT, native)
    assert run_at("plain", REPORT + "print(report)").strip() == str(native["report"])
