"""Words get their ends, by a slow and obvious twin."""

import naive_discover as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.discover.ends import widen
from kwspot.discover.links import Links, raised
from kwspot.discover.segments import Segments

LENGTH_WEIGHT = 0.75  # power of the length in the evidence


def drawn(seed, clips=3, each=6):
    """Draw segments of a few clips and their links."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(clips):
        start = rng.integers(0, 30, each)
        end = start + rng.integers(20, 60, each)
        edges = rng.uniform(0, 2, each).astype(np.float32)
        parts.append(Segments(start, end, edges, np.zeros(each, np.float32)))
    n = clips * each
    gain = rng.normal(size=(n, n)).astype(np.float32)
    gain[rng.random((n, n)) < 0.2] = -6
    gain = np.minimum(gain, gain.T)
    return parts, Links(gain, rng.random(n, np.float32), np.arange(0, n + 1, each))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_equals_a_search_among_the_segments_that_hold_the_members(seed):
    parts, links = drawn(seed)
    start, end, edges = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("start", "end", "edges")
    )
    members = np.random.default_rng(seed).integers(0, 6, 3) + links.first[:-1]
    holding = [
        [i for i in range(a, b) if start[i] <= start[m] and end[i] >= end[m]]
        for m, a, b in zip(members, links.first, links.first[1:], strict=False)
    ]
    held = [i for some in holding for i in some]
    seconds = (end - start) / 100
    length = (seconds[:, None] + seconds) / 0.8
    gain = np.where(links.gain > -6, links.gain + 22 * 0.1 * length**LENGTH_WEIGHT, -6)
    best, _ = naive.ascend(
        gain[np.ix_(held, held)],
        (links.prior + 1.5 * edges)[held],
        np.cumsum([0, *map(len, holding)]),
        2,
        [held.index(m) for m in members],
    )
    expected = [(start[held[i]] / 100, end[held[i]] / 100) for i in best]
    np.testing.assert_allclose(widen(links, parts, members[None])[0], expected)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_no_place_is_cut(seed):
    parts, links = drawn(seed, clips=4)
    members = np.random.default_rng(seed).integers(0, 6, 4)
    found = widen(links, parts, (members + links.first[:-1])[None])[0]
    for part, i, (start, end) in zip(parts, members, found, strict=True):
        assert start <= part.start[i] / 100 < part.end[i] / 100 <= end


def test_pairs_without_a_warp_are_not_raised():
    gain = np.array([[0.0, -6.0], [-6.0, 0.0]], np.float32)
    assert (raised(gain, np.ones(2, np.float32), 0.1) == -6).sum() == 2
