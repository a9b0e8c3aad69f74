"""Words alone, compared by a costly front end and by its sketch together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kwspot import Keyword
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.features.word import Voice
from kwspot.identify import _word, log_odds
from kwspot.judging import (
    compared,
    costs_apart,
    example_costs,
    fine_costs,
    lack,
    with_sketch,
    word_costs,
)
from kwspot.match.agreement import nearest_cost, whole_costs

pytest.importorskip("onnxruntime", reason="needs the extra 'speech'")


@pytest.fixture(scope="module")
def keyword(samples):
    return Keyword.from_examples(samples["find"][:2], front_end="speech")


@pytest.fixture(scope="module")
def utterance(samples):
    return _word(load(samples["find"][2], rate=16000), "", front_end("speech"))


def test_the_sketch_counts_beside_the_frames(keyword, utterance):
    fine = fine_costs(keyword, utterance)
    coarse = whole_costs(keyword.sketch.alone("speech"), [Voice(utterance.sketch)])
    costs = word_costs(keyword, utterance)
    np.testing.assert_allclose(costs, with_sketch(fine, coarse))
    assert ((costs - fine) * (coarse - fine) > 0).all()
    np.testing.assert_array_equal(word_costs(replace(keyword, sketch=None), utterance), fine)
    np.testing.assert_array_equal(word_costs(keyword, utterance._replace(sketch=None)), fine)


def test_what_is_heard_otherwise_counts_as_much_if_all_examples_were(keyword, utterance):
    plain = example_costs(keyword.examples, [Voice(utterance.frames)], "speech")
    heard = [
        whole_costs([one.otherwise[i] for one in keyword.examples], [Voice(utterance.otherwise[i])])
        for i in range(2)
    ]
    np.testing.assert_allclose(fine_costs(keyword, utterance), np.mean([plain, *heard], axis=0))
    near, among = compared(keyword.examples, utterance, "speech")
    np.testing.assert_allclose(near, fine_costs(keyword, utterance))
    first, second = keyword.examples
    old = replace(keyword, examples=(first, replace(second, otherwise=())))
    np.testing.assert_array_equal(fine_costs(old, utterance), plain)
    near, plainly = compared(old.examples, utterance, "speech")
    np.testing.assert_array_equal(near, plain)
    assert among[0, 1] != plainly[0, 1] > 0
    assert costs_apart(old)[0] != pytest.approx(costs_apart(keyword)[0])


def test_an_example_costs_itself_next_to_nothing(keyword, samples):
    itself = _word(load(samples["find"][0], rate=16000), "", front_end("speech"))
    assert word_costs(keyword, itself)[0] < 0.05 < word_costs(keyword, itself)[1]
    (one, other) = costs_apart(keyword)
    assert one == pytest.approx(other, rel=1e-4)
    assert costs_apart(replace(keyword, sketch=None))[0] != pytest.approx(one)


def test_sketches_count_only_if_all_keywords_have_one(keyword, samples):
    plain, clip = replace(keyword, sketch=None), samples["find"][2]
    mixed = log_odds(clip, [keyword, plain])
    assert mixed == log_odds(clip, [plain, plain])
    assert mixed != log_odds(clip, [keyword, keyword])


def test_hearings_count_only_if_all_keywords_have_them(keyword, samples):
    old, clip = replace(keyword, examples=_as_heard_once(keyword)), samples["find"][2]
    mixed = log_odds(clip, [keyword, old])
    assert mixed == log_odds(clip, [old, old])
    assert mixed != log_odds(clip, [keyword, keyword])


def _as_heard_once(keyword):
    return tuple(replace(one, otherwise=()) for one in keyword.examples)


def test_a_rival_as_near_as_the_word_raises_the_cost(keyword, utterance, samples):
    assert lack(keyword, utterance) == 0
    span = (samples["find"][2], keyword.examples[0].occurrence.start, 1.0)
    warned = keyword.against(spans=[span])
    assert lack(warned, utterance) > 0
    rise = warned.whole_cost(utterance) - nearest_cost(word_costs(keyword, utterance))
    assert rise == pytest.approx(lack(warned, utterance))
