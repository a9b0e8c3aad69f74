"""Sets of one segment per clip against each other, by a slow and obvious twin."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.discover.links import Links
from kwspot.discover.standing import standing


def worth(gain, prior, margins, chosen, low):
    """Score some members of a set: priors, lowest links, and how the places stand out."""
    score = np.mean([prior[a] for a in chosen])
    score += np.mean([sorted(gain[a][b] for b in chosen if b != a)[:low] for a in chosen])
    return score + 0.5 * np.mean([margins[a][b] for a in chosen for b in chosen if a != b])


def drawn(seed, clips):
    """Draw one set, its links and its margins."""
    rng = np.random.default_rng(seed)
    gain = rng.normal(size=(clips, clips)).astype(np.float32)
    gain += gain.T
    margins = rng.uniform(-4, 4, (clips, clips))
    np.fill_diagonal(margins, (margins.sum(0) - margins.diagonal()) / (clips - 1))
    return Links(gain, rng.random(clips, np.float32), np.arange(clips + 1)), margins


def stand(links, margins, score):
    members = np.arange(len(margins))[None]
    return standing(links, members, margins[None], np.array([score]))[0]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(4, 3, 2), (5, 3, 2), (9, 6, 5)]))
def test_equals_the_formula(seed, sizes):
    clips, low, low_without = sizes
    links, margins = drawn(seed, clips)
    everyone, rest = range(clips), combinations(range(clips), clips - 1)
    score = worth(links.gain, links.prior, 0 * margins, everyone, low)
    complete = worth(links.gain, links.prior, margins, everyone, low)
    lacking = max(worth(links.gain, links.prior, margins, o, low_without) for o in rest) - 1.8
    views = sorted(np.mean([margins[a, b] for b in everyone if b != a]) for a in everyone)
    expected = max(complete, lacking) + 0.5 * views[1]
    assert stand(links, margins, score) == pytest.approx(expected, abs=1e-4)


def test_with_three_clips_none_is_left_out():
    links, margins = drawn(1, 3)
    views = np.sort((margins.sum(1) - margins.diagonal()) / 2)
    expected = 0.5 * margins.mean() + 0.5 * views[1]
    assert stand(links, margins, 0.0) == pytest.approx(expected)
