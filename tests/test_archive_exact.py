"""Exact costs in many windows at once, beside those of a contest that follows one window."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.archive.exact import Windows, fit
from kwspot.archive.states import normalise
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.keyword import Keyword

SAMPLES = Path(__file__).parents[1] / "sample_audio"
EAR = front_end("cepstra")


def cut(name, start, end):
    x = load(SAMPLES / name, rate=16000)
    return x[int(start * 16000) : int(end * 16000)], 16000


@pytest.fixture(scope="module")
def keyword():
    clips = [cut("conf-full.wav", 0.36, 0.86), cut("conf-locked.wav", 0.36, 0.9)]
    return Keyword.from_examples(clips, front_end="cepstra", name="conference")


@pytest.fixture(scope="module")
def contested(keyword):
    return keyword.against([cut("conf-full.wav", 0.9, 1.5)])


@pytest.fixture(scope="module")
def frames():
    paths = sorted(SAMPLES.glob("*.wav"))
    return EAR(np.concatenate([load(path, rate=16000) for path in paths]))


def naive(keyword, frames, state, skip, low, high):
    heard = normalise(frames, keyword.prior, EAR, state)
    contest = keyword.contest()
    parts = contest.feed(heard[skip:]), contest.finish()
    cost, start = (np.concatenate(part) for part in zip(*parts, strict=True))
    at = low - skip + int(np.argmin(cost[low - skip : high - skip]))
    return cost[at], skip + at, skip + start[at]


@pytest.mark.parametrize("which", ["keyword", "contested"])
@settings(max_examples=15)
@given(
    spans=st.lists(
        st.tuples(st.integers(60, 200), st.integers(0, 40), st.integers(0, 99)), min_size=1
    )
)
def test_windows_cost_what_a_contest_tells(which, spans, frames, request):
    keyword = request.getfixturevalue(which)
    rng = np.random.default_rng(len(spans))
    first = rng.integers(len(frames) - 300, size=len(spans))
    size, skip, more = np.array(spans).T
    low = np.minimum(skip + 50 + more, size + skip - 1)
    size = size + skip
    high = np.minimum(low + 1 + more % 9, size)
    states = np.abs(rng.normal(size=(len(spans), 29)))
    parts = [frames[a : a + n] for a, n in zip(first.tolist(), size.tolist(), strict=True)]
    piece = np.cumsum([0, *size])
    found = fit(keyword, Windows(np.concatenate(parts), piece, states, skip, low, high), EAR)
    for number, part in enumerate(parts):
        expected = naive(
            keyword, part, states[number], int(skip[number]), int(low[number]), int(high[number])
        )
        assert found.cost[number] == expected[0]
        if np.isfinite(expected[0]):
            assert (found.end[number], found.start[number]) == expected[1:]
