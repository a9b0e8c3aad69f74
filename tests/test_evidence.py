"""What a discovery tells of its reasons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from speech import needs_speech, task
from test_discover import planted

from kwspot import Keyword, learn
from kwspot.discover import discover
from kwspot.discover.explain import explain, score
from kwspot.discover.links import Links, lowest_links
from kwspot.errors import DoubtfulResult
from kwspot.evidence import Evidence


class Named:
    """Enough of a clip to tell evidence about it."""

    name = "a"


def random_links(rng, clips, segments=3):
    gain = rng.normal(size=(clips * segments, clips * segments)).astype(np.float32)
    prior = rng.normal(size=clips * segments).astype(np.float32)
    return Links(gain + gain.T, prior, np.arange(clips + 1) * segments)


@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_score_equals_the_plain_mean_of_prior_and_lowest_links(seed, clips):
    rng = np.random.default_rng(seed)
    links = random_links(rng, clips)
    row = links.first[:-1] + rng.integers(0, 3, clips)
    low = lowest_links(clips)
    expected = [
        links.prior[a] + np.mean(sorted(links.gain[a, b] for b in row if b != a)[:low]) for a in row
    ]
    assert score(row[None], links)[0] == pytest.approx(np.mean(expected), abs=1e-5)


@given(st.integers(0, 2**32 - 1))
def test_leaving_a_clip_out_equals_never_having_had_it(seed):
    rng = np.random.default_rng(seed)
    links, margins = random_links(rng, 4), rng.normal(size=(3, 4, 4))
    worth = rng.normal(size=(3, 5))
    members = links.first[:-1] + rng.integers(0, 3, (3, 4))
    whole = explain([Named] * 4, members, margins, worth, links)
    for k in range(4):
        rest = [i for i in range(4) if i != k]
        without = np.repeat(worth[:, [1 + k]], 4, axis=1)
        part = explain([Named] * 3, members[:, rest], margins[:, rest][:, :, rest], without, links)
        assert whole.left_out[k] == part.margin


@needs_speech
def test_a_discovery_explains_itself():
    found = discover([(x, 16000) for x, _ in task(3)[1]])
    told = found.evidence
    assert told.clips == tuple(place.clip for place in found)
    assert all(count > 10 for count in told.candidates)
    agreement = np.array(told.agreement)
    assert (agreement == agreement.T).all()
    assert (agreement.diagonal() == 0).all()
    assert np.mean(told.mean_agreement) > 0
    assert told.margin > 0
    assert len(told.left_out) == 5
    assert told.stability == np.mean(np.array(told.left_out) > 0)


def test_the_margin_grows_with_the_lead():
    rng = np.random.default_rng(1)
    links, margins, worth = random_links(rng, 4), np.zeros((2, 4, 4)), np.zeros((2, 5))
    members = np.stack([links.first[:-1], links.first[:-1] + 1])
    before = explain([Named] * 4, members, margins, worth, links).margin
    links.prior[members[0]] += 1
    assert explain([Named] * 4, members, margins, worth, links).margin == pytest.approx(
        before + 1, abs=1e-3
    )


def test_what_cannot_be_told_is_left_out():
    made, _ = planted(np.random.default_rng(2), clips=2)
    with pytest.warns(DoubtfulResult):
        assert discover(made).evidence.left_out == ()
    links = random_links(np.random.default_rng(3), 3)
    alone = explain(
        [Named] * 3, links.first[None, :-1], np.zeros((1, 3, 3)), np.zeros((1, 4)), links
    )
    assert (alone.margin, alone.left_out, alone.stability) == (None, (), None)
    assert discover(planted(np.random.default_rng(4))[0], method="extract").evidence is None


def test_copies_are_not_evidence():
    made, _ = planted(np.random.default_rng(5))
    with pytest.warns(DoubtfulResult, match="copies"):
        assert discover([*made, made[0]]).evidence.clips == ("clip 1", "clip 2", "clip 3")


def test_a_keyword_keeps_it(samples, tmp_path):
    keyword = learn(samples["learn"])
    keyword.save(tmp_path / "a.kws")
    loaded = Keyword.load(tmp_path / "a.kws").evidence
    assert isinstance(loaded, Evidence)
    assert loaded == keyword.evidence
