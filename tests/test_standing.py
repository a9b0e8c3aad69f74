"""What sets are worth against each other, by a slow and obvious twin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwspot.discover.standing import standing


def drawn(rng, clips):
    """Draw the margins of one set, and its worth."""
    margins = rng.uniform(-4, 4, (clips, clips))
    np.fill_diagonal(margins, (margins.sum(0) - margins.diagonal()) / (clips - 1))
    return margins, rng.normal(size=1 + clips)


@given(st.integers(0, 2**32 - 1), st.integers(3, 9))
def test_equals_the_formula(seed, clips):
    rng = np.random.default_rng(seed)
    margins, worth = drawn(rng, clips)
    everyone = range(clips)
    views = sorted(np.mean([margins[a, b] for b in everyone if b != a]) for a in everyone)
    most = max(worth) if clips > 3 else worth[0]
    expected = 2.0 + 1.5 * views[1] + 7 * most + 2 * worth[0]
    got = standing(np.array([2.0]), margins[None], worth[None])
    assert got[0] == pytest.approx(expected, abs=1e-4)


def test_with_three_clips_none_is_left_out():
    margins, worth = drawn(np.random.default_rng(1), 3)
    more = worth + np.arange(4)
    same, other = standing(np.zeros(2), np.stack([margins, margins]), np.stack([worth, more]))
    assert same == other
