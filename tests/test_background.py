"""Keywords that heard background and counter-examples."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from speech import SPEECH, digit, needs_speech

import kwspot
from kwspot.audio import load
from kwspot.background import with_background
from kwspot.errors import AudioError
from kwspot.keyword import Keyword
from kwspot.match.agreement import Agreement, Contest, contested, valleys
from kwspot.match.alarms import Tail, TooLittleBackground
from kwspot.match.calibrate import Calibration

GOLDEN = Path(__file__).parent / "golden" / "calibrated.kws"
LIBRI = sorted((SPEECH / "background" / "libri").glob("*"))


def noise(seed, n=8000):
    return np.random.default_rng(seed).normal(size=n).astype(np.float32) / 8


def words(number, speaker, takes):
    return [digit(number, speaker, take) for take in takes]


@pytest.fixture(scope="module")
def seven():
    return Keyword.from_examples(words(7, "theo", range(5)), name="seven")


@given(st.floats(0.01, 100), st.floats(0.1, 0.8), st.floats(0.001, 0.1), st.integers(5, 20))
def test_rate_and_cost_are_inverse_and_lie_in_their_interval(rate, level, scale, count):
    tail = Tail(0.5, count, level, scale)
    cost = tail.cost(rate)
    assert tail.rate(cost) == pytest.approx(rate)
    low, high = tail.interval(cost)
    assert low < rate < high
    assert tail.cost(2 * rate) > cost


def test_what_is_asked_for_comes_true_where_the_tail_is_exponential():
    rng = np.random.default_rng(1)
    counts = []
    for _ in range(200):
        heard, new = 0.6 - rng.exponential(0.03, (2, 2000))  # an hour each
        tail = Tail.of(heard, 1.0)
        counts.append((new <= tail.cost(1.0)).sum())
    assert 0.5 < np.mean(counts) < 2


def test_the_interval_holds_the_true_rate_as_often_as_it_says():
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        tail = Tail.of(0.6 - rng.exponential(0.03, rng.poisson(2000)), 1.0)
        low, high = tail.interval(0.4)
        held += low < 2000 * np.exp(-0.2 / 0.03) < high
    assert held >= 180


def test_too_little_is_told():
    with pytest.raises(TooLittleBackground, match="only 3 sounds") as caught:
        Tail.of([0.3, 0.4, 0.5], 0.01)
    assert caught.value.hint
    with pytest.raises(ValueError, match="above 0"):
        Tail(1.0, 20, 0.5, 0.1).cost(0)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(1, 4))
def test_valleys_are_the_least_and_apart(values, apart):
    cost = np.array(values, np.float32)
    found = valleys(cost, np.ones(len(cost), bool), apart)
    assert found == sorted(found)
    assert found[0] == min(values)
    assert len(found) <= (len(values) + apart) // (apart + 1)
    assert valleys(cost, np.zeros(len(cost), bool), apart) == []


def test_a_contest_without_rivals_is_an_agreement():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    templates = [rows[5:15], rows[5:16]]
    alone, contest = Agreement(templates), Contest(templates, [], 0.1)
    for one, other in (
        *zip(alone.feed(rows), contest.feed(rows), strict=True),
        *zip(alone.finish(), contest.finish(), strict=True),
    ):
        np.testing.assert_array_equal(one, other)
    # where the rival is what is heard, the keyword pays what it is worse and the margin
    against = Contest(templates, [rows[30:40]], 0.1)
    cost = np.concatenate([against.feed(rows)[0], against.finish()[0]])
    free = Contest(templates, [], 0.1)
    own = np.concatenate([free.feed(rows)[0], free.finish()[0]])
    assert cost[39] == pytest.approx(2 * own[39] + 0.1, abs=1e-3)
    assert cost[14] == own[14] == pytest.approx(0, abs=1e-6)


def test_an_unknown_cost_stays_unknown():
    own, rival = np.array([np.inf, 0.5], np.float32), np.array([np.inf, np.inf], np.float32)
    assert contested(own, rival, 0.1).tolist() == [np.inf, 0.5]


@needs_speech
def test_background_sets_the_threshold_and_tells_how_sure_it_is(seven):
    found = with_background(seven, LIBRI[:6], false_alarms_per_hour=2.0)
    assert found.background.hours == pytest.approx(
        sum(kwspot.audio.duration(path) for path in LIBRI[:6]) / 3600
    )
    rate, low, high = found.expected_false_alarms
    assert rate == pytest.approx(2.0)
    assert low < 2 < high
    stricter = with_background(seven, LIBRI[:6], false_alarms_per_hour=0.1)
    assert stricter.threshold > found.threshold
    assert seven.threshold == with_background(seven, LIBRI[:6]).threshold == 0.5
    assert seven.expected_false_alarms is None
    x = load(digit(7, "theo", 20))
    x = np.concatenate([np.zeros(8000, np.float32), x, np.zeros(8000, np.float32)])
    (hit,) = found.spot((x, 16000))
    assert hit.score >= found.threshold
    assert found.spot((x, 16000), threshold=1).items == ()


@needs_speech
def test_background_does_not_depend_on_how_it_is_read(seven):
    whole = load(LIBRI[0])
    told = []
    both = [
        with_background(seven, sources, progress=told.append)
        for sources in ([LIBRI[0]], [(whole, 16000)])
    ]
    assert both[0].background == both[1].background
    assert both[0].calibration == both[1].calibration
    assert told == [1.0, 1.0]


@needs_speech
def test_counter_examples_are_no_longer_taken_for_the_word():
    zero = Keyword.from_examples(words(0, "theo", range(5)), name="zero")
    against = zero.against(words(2, "theo", range(3)))
    assert [one.occurrence.clip for one in against.rivals] == [
        str(path) for path in words(2, "theo", range(3))
    ]

    def score(keyword, number, take):
        return kwspot.identify(digit(number, "theo", take), [keyword]).items[0][1]

    takes = range(20, 26)
    assert all(score(against, 2, take) <= score(zero, 2, take) for take in takes)
    wrong, right = (
        [sum(score(keyword, number, take) for take in takes) for keyword in (against, zero)]
        for number in (2, 0)
    )
    assert wrong[0] < 0.1 * wrong[1]
    assert right[0] > 0.8 * right[1]

    def best(keyword, number):
        x = load(digit(number, "theo", 30))
        x = np.concatenate([np.zeros(8000, np.float32), x, np.zeros(8000, np.float32)])
        return max(hit.score for hit in keyword.spot((x, 16000), threshold=0))

    assert best(against, 2) < 0.5 * best(zero, 2)
    assert best(against, 0) > 0.5 * best(zero, 0)
    with pytest.raises(AudioError, match="shorter than the keyword"):
        zero.against([(noise(3, 1300), 16000)])


@needs_speech
def test_what_was_heard_is_kept_in_the_file(seven, tmp_path):
    keyword = with_background(
        seven.against(words(1, "theo", range(2))), LIBRI[:3], false_alarms_per_hour=1.0
    )
    keyword.save(tmp_path / "seven.kws")
    again = Keyword.load(tmp_path / "seven.kws")
    assert again.background == keyword.background
    assert again.calibration == keyword.calibration
    assert again.false_alarms_per_hour == 1.0
    assert again.threshold == keyword.threshold
    for one, other in zip(again.rivals, keyword.rivals, strict=True):
        assert one.occurrence == other.occurrence
        assert one.cost == np.inf
        np.testing.assert_array_equal(one.frames, other.frames)


def test_the_golden_file_with_background_and_rivals_is_read_for_ever():
    keyword = Keyword.load(GOLDEN)
    assert len(keyword.rivals) == 2
    assert keyword.background.hours == pytest.approx(60 / 3600)
    assert keyword.false_alarms_per_hour == 1.0
    assert keyword.calibration.everyday
    assert 0 < keyword.threshold < 1


def test_learn_takes_background_and_counter_examples():
    word, other = noise(0), noise(1)
    takes = [word + noise(i) / 2 for i in (11, 12, 13)]
    clips = [(np.append(noise(9, 4000 * i) / 9, take), 16000) for i, take in enumerate(takes, 1)]
    told = []
    keyword = kwspot.learn(
        clips,
        background=[(noise(5, 16000 * 30), 16000)],
        counter_examples=[(other, 16000)],
        false_alarms_per_hour=3.0,
        progress=told.append,
    )
    assert len(keyword.rivals) == 1
    assert keyword.expected_false_alarms[0] == pytest.approx(3.0)
    assert told == sorted(told)
    assert told[-1] == 1
    with pytest.raises(ValueError, match="only be kept with background"):
        kwspot.learn(clips, false_alarms_per_hour=1.0)


def test_what_makes_no_sense_is_refused(seven):
    with pytest.raises(TooLittleBackground, match="no background"):
        with_background(seven, [])
    with pytest.raises(TooLittleBackground, match="sounds could be compared"):
        with_background(seven, [(noise(0, 9000), 16000)])
    with pytest.raises(ValueError, match="above 0"):
        with_background(seven, [(noise(0), 16000)], false_alarms_per_hour=-1)


def test_each_front_end_has_constants_of_its_own():
    costs = np.linspace(0, 1.2, 25)
    for name in ("cepstra", "speech"):
        typical = Calibration.typical(name)
        scores = typical.in_stream([typical.genuine, typical.background])
        assert scores[0] > 0.9
        assert scores[1] < 0.01
        assert (np.diff(typical.in_everyday_sound().in_stream(costs)) <= 0).all()
    other = Calibration.typical("mel")
    assert other.weights == Calibration.typical("cepstra").weights
    assert Calibration.typical("speech").weights != other.weights
