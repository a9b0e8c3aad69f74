"""Words alone, compared by a costly front end and by its sketch together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kwspot import Keyword
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.features.word import Utterance, Voice
from kwspot.identify import _word, log_odds
from kwspot.judging import costs_apart, example_costs, lack, with_sketch, word_costs
from kwspot.match.agreement import nearest_cost, whole_costs

pytest.importorskip("onnxruntime", reason="needs the extra 'speech'")


@pytest.fixture(scope="module")
def keyword(samples):
    return Keyword.from_examples(samples["find"][:2], front_end="speech")


@pytest.fixture(scope="module")
def utterance(samples):
    return _word(load(samples["find"][2], rate=16000), "", front_end("speech"))


def test_the_sketch_counts_beside_the_frames(keyword, utterance):
    fine = example_costs(keyword.examples, [Voice(utterance.frames)], "speech")
    coarse = whole_costs(keyword.sketch.alone("speech"), [Voice(utterance.sketch)])
    costs = word_costs(keyword, utterance)
    np.testing.assert_allclose(costs, with_sketch(fine, coarse))
    assert ((costs - fine) * (coarse - fine) > 0).all()
    np.testing.assert_array_equal(word_costs(replace(keyword, sketch=None), utterance), fine)
    np.testing.assert_array_equal(word_costs(keyword, Utterance(utterance.frames)), fine)


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


def test_a_rival_as_near_as_the_word_raises_the_cost(keyword, utterance, samples):
    assert lack(keyword, utterance) == 0
    span = (samples["find"][2], keyword.examples[0].occurrence.start, 1.0)
    warned = keyword.against(spans=[span])
    assert lack(warned, utterance) > 0
    rise = warned.whole_cost(utterance) - nearest_cost(word_costs(keyword, utterance))
    assert rise == pytest.approx(lack(warned, utterance))
