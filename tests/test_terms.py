"""Term discovery on real recordings: what recurs is found, and nothing else is told."""

import csv
import json
from collections import Counter
from dataclasses import FrozenInstanceError
from itertools import pairwise

import numpy as np
import pytest
from speech import SPEECH, needs_speech

import kwspot
from kwspot.discover import term_metrics
from kwspot.errors import AudioError, DoubtfulResult, NothingFound


@pytest.fixture(scope="module")
def prompts(samples):
    """Give the paths of eleven prompts, eight of which say "conference"."""
    return [path for paths in samples.values() for path in paths]


@pytest.fixture(scope="module")
def terms(prompts):
    return kwspot.discover_terms(prompts)


def truth_of(corpus):
    """Give the words of a corpus by path: [(start, end, word), ...]."""
    words = {}
    with (SPEECH / "words.csv").open(encoding="utf8") as file:
        for row in csv.DictReader(file):
            if corpus in row["path"]:
                span = float(row["start"]), float(row["end"]), row["word"]
                words.setdefault(str(SPEECH / row["path"]), []).append(span)
    return words


def test_the_word_that_prompts_share_comes_first(terms, samples):
    best = terms[0]
    assert len(best) >= 6
    assert {item.clip for item in best} <= set(samples["learn"] + samples["find"])
    assert 0.5 <= best.duration <= 1.0
    assert best.confidence > 0.5


def test_terms_are_in_order_and_within_bounds(terms, prompts):
    assert terms.recordings == tuple(prompts)
    assert terms.seconds == pytest.approx(27, abs=5)
    worth = [term.worth for term in terms]
    assert worth == sorted(worth, reverse=True)
    for term in terms:
        scores = [item.score for item in term]
        assert scores == sorted(scores, reverse=True)
        assert len(term) >= 3
        for item in term:
            assert 0.2 - 1e-6 <= item.duration <= 1.0 + 1e-6
            assert 0 <= item.score <= 1


def test_the_occurrences_of_a_term_do_not_overlap(terms):
    for term in terms:
        places = sorted((item.clip, item.start, item.end) for item in term)
        for (clip, _, end), (other, start, _) in pairwise(places):
            assert clip != other or end <= start + 0.5


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_same_recordings_give_the_same_terms(terms, prompts, jobs):
    assert kwspot.discover_terms(prompts, jobs=jobs) == terms


def test_level_and_format_do_not_matter(terms, prompts):
    loud = [(kwspot.audio.load(path) * 0.25, 16000) for path in prompts]
    assert [len(t) for t in kwspot.discover_terms(loud, top=3)] == [len(t) for t in terms][:3]


def test_round_trip_and_table(terms):
    assert kwspot.Terms.from_json(terms.to_json()) == terms
    lines = terms.table().splitlines()
    assert len(lines) == 1 + len(terms)
    assert lines[1].split()[1] == str(len(terms[0]))
    with pytest.raises(ValueError, match=r"kwspot\.terms/1"):
        kwspot.Terms.from_json(json.dumps({"format": "kwspot.ranking/1"}))
    with pytest.raises(FrozenInstanceError):
        terms.seconds = 0


def test_a_term_becomes_a_keyword(terms, samples, tmp_path):
    keyword = terms[0].keyword("conference", most=5)
    assert keyword.occurrences == terms[0].occurrences[:5]
    keyword.save(tmp_path / "conference.kws")
    loaded = kwspot.Keyword.load(tmp_path / "conference.kws")
    assert all(len(loaded.spot(path)) == 1 for path in samples["find"])
    assert not any(len(loaded.spot(path)) for path in samples["reject"])


def test_a_keyword_of_samples_needs_them_again(prompts):
    sounds = {f"clip {i}": (kwspot.audio.load(path), 16000) for i, path in enumerate(prompts, 1)}
    term = kwspot.discover_terms(list(sounds.values()), top=1)[0]
    assert len(term.keyword(recordings=sounds).examples) == len(term)
    with pytest.raises(AudioError):
        term.keyword()


def test_copies_count_once(prompts, terms):
    with pytest.warns(DoubtfulResult, match="copies"):
        doubled = kwspot.discover_terms([*prompts, prompts[0]])
    assert doubled == terms


def test_noise_holds_no_term():
    noise = np.random.default_rng(0).normal(size=16000 * 20)
    with pytest.raises(NothingFound):
        kwspot.discover_terms([(noise, 16000)])


def test_what_cannot_be_used_is_raised_or_skipped(prompts, terms, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_text("no sound")
    with pytest.raises(AudioError):
        kwspot.discover_terms([*prompts, broken])
    skipped = []
    found = kwspot.discover_terms(
        [(np.zeros(32000), 16000), *prompts, broken, (np.ones(100), 16000)],
        skip=lambda name, error: skipped.append((name, type(error))),
    )
    assert skipped == [("clip 1", AudioError), (str(broken), AudioError), ("clip 14", AudioError)]
    assert found == terms
    with pytest.raises(NothingFound, match="no recording"):
        kwspot.discover_terms([broken], skip=lambda name, error: None)


@pytest.mark.parametrize(
    "wrong", [{"min_duration": 1.5}, {"min_duration": 0}, {"min_count": 1}, {"top": 0}]
)
def test_impossible_wishes_are_refused(prompts, wrong):
    with pytest.raises(ValueError, match="expected"):
        kwspot.discover_terms(prompts, **wrong)


def test_progress_reaches_one_and_never_falls(prompts):
    seen = []
    kwspot.discover_terms(prompts, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_long_recordings_are_read_in_pieces(prompts, monkeypatch):
    monkeypatch.setattr("kwspot.discover.terms.corpus._PIECE", 7.0)
    joined = np.concatenate([kwspot.audio.load(path) for path in prompts])
    terms = kwspot.discover_terms([(joined, 16000)])
    assert len(terms[0]) >= 5
    assert terms.seconds == pytest.approx(len(joined) / 16000)
    assert max(item.end for term in terms for item in term) > 14


@needs_speech
def test_words_of_sentences_are_found():
    words = truth_of("/asterisk/")
    counts = Counter(word for spans in words.values() for *_, word in spans)
    terms = kwspot.discover_terms(sorted(words))
    found = set()
    for term in terms:
        word, share = term_metrics.purity(term, words)
        if share >= 0.8 and share * len(term) >= 0.5 * counts[word]:
            found.add(word)
    assert {"conference", "arrives", "currently"} <= found
    assert term_metrics.edit_distance(terms[:20], term_metrics.letters(words)) < 0.3


@needs_speech
def test_syllables_of_a_bird_are_found():
    words = truth_of("bio/")
    terms = kwspot.discover_terms(
        sorted(words), min_duration=0.025, max_duration=0.125, nested=False
    )
    pure = [term_metrics.purity(term, words) for term in terms]
    assert len({syllable for syllable, share in pure if share >= 0.8}) >= 10
    assert term_metrics.grouping(terms, words).f1 >= 0.8
    assert term_metrics.labelling(terms, words).f1 >= 0.8
