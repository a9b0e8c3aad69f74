"""The measures of term discovery, by hand and by what must hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwspot.discover import term_metrics as metrics
from kwspot.results import Occurrence

WORDS = {"a": [(0.0, 0.5, "no"), (0.5, 1.1, "yes"), (2.0, 2.5, "no")], "b": [(0.0, 0.6, "yes")]}
UNITS = metrics.letters(WORDS)


def place(name, start, end):
    return Occurrence(name, start, end, 1.0)


def truth():
    """Give the terms that are the words themselves."""
    words = sorted({word for spans in WORDS.values() for *_, word in spans})
    return [
        [place(n, a, b) for n, spans in WORDS.items() for a, b, w in spans if w == word]
        for word in words
    ]


def test_the_words_themselves_are_perfect():
    terms = truth()
    assert metrics.coverage(terms, UNITS) == 1
    assert metrics.edit_distance(terms, UNITS) == 0
    for score in (
        metrics.grouping(terms, UNITS),
        metrics.boundary(terms, WORDS, UNITS),
        metrics.token(terms, WORDS, UNITS),
        metrics.type_(terms, WORDS, UNITS),
        metrics.labelling(terms, WORDS),
    ):
        assert score == (1, 1)
        assert score.f1 == 1
    assert [metrics.purity(term, WORDS) for term in terms] == [("no", 1), ("yes", 1)]


def test_no_terms_have_no_score():
    assert metrics.coverage([], UNITS) == metrics.edit_distance([], UNITS) == 0
    assert metrics.grouping([], UNITS).f1 == metrics.boundary([], WORDS, UNITS).f1 == 0
    assert metrics.token([], WORDS, UNITS).f1 == metrics.type_([], WORDS, UNITS).f1 == 0
    assert metrics.labelling([], WORDS).f1 == 0
    assert metrics.purity([], WORDS) == ("", 0)


def test_a_mixed_term_by_hand():
    mixed = [[place("a", 0.0, 0.5), place("b", 0.0, 0.6), place("a", 2.0, 2.5)]]
    assert metrics.grouping(mixed, UNITS) == (1 / 3, 1)
    assert metrics.edit_distance(mixed, UNITS) == pytest.approx(2 / 3)
    assert metrics.coverage(mixed, UNITS) == 7 / 10
    assert metrics.purity(mixed[0], WORDS) == ("no", 2 / 3)
    assert metrics.labelling(mixed, WORDS) == (2 / 3, 2 / 4)


def test_a_phrase_is_no_token_but_its_ends_are_boundaries():
    phrase = [[place("a", 0.0, 1.1)]]
    assert metrics.token(phrase, WORDS, UNITS).f1 == 0
    assert metrics.type_(phrase, WORDS, UNITS).f1 == 0
    assert metrics.boundary(phrase, WORDS, UNITS).precision == 1


def test_each_label_counts_for_one_term_and_each_unit_once():
    twice = [[place("a", 0.0, 0.5), place("a", 0.0, 0.45)], [place("a", 2.0, 2.5)]]
    assert metrics.labelling(twice, WORDS) == (1 / 3, 1 / 4)


def test_what_a_place_holds_is_half_of_a_unit_or_30_ms():
    assert metrics.coverage([[place("a", 0.0, 0.03)]], UNITS) == 1 / 10
    assert metrics.coverage([[place("a", 0.0, 0.02)]], UNITS) == 0
    short = {"a": [(0.0, 0.02, "x"), (0.02, 0.04, "y")]}
    assert metrics.coverage([[place("a", 0.0, 0.01)]], short) == 1 / 2


@pytest.mark.parametrize("measure", [metrics.coverage, metrics.edit_distance, metrics.grouping])
def test_wrong_truth_is_refused(measure):
    with pytest.raises(ValueError, match="start < end"):
        measure(truth(), {"a": [(1.0, 1.0, "x")]})
    with pytest.raises(ValueError, match="no truth is given for the recording 'b'"):
        measure(truth(), {"a": [(0.0, 1.0, "x")]})


SPAN = st.tuples(st.sampled_from("ab"), st.floats(0, 2), st.floats(0.01, 1))


@given(st.lists(st.lists(SPAN, min_size=1, max_size=5), max_size=4))
def test_every_score_is_a_share(drawn):
    terms = [[place(name, start, start + length) for name, start, length in t] for t in drawn]
    scores = [
        metrics.grouping(terms, UNITS),
        metrics.boundary(terms, WORDS, UNITS),
        metrics.token(terms, WORDS, UNITS),
        metrics.type_(terms, WORDS, UNITS),
        metrics.labelling(terms, WORDS),
    ]
    shares = [metrics.coverage(terms, UNITS), metrics.edit_distance(terms, UNITS)]
    for share in [*shares, *(value for score in scores for value in (*score, score.f1))]:
        assert 0 <= share <= 1
