"""Search and scan of archives beside `kwspot.spot` and beside warping of every frame."""

import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kwspot
from kwspot.archive import Archive
from kwspot.archive.hits import Found, Hits, best
from kwspot.archive.places import Places, Wanted
from kwspot.archive.search import scan, search
from kwspot.audio import load
from kwspot.errors import ArchiveError
from kwspot.keyword import Keyword
from kwspot.match.agreement import stream_cost

SAMPLES = Path(__file__).parents[1] / "sample_audio"
SPANS = {
    "conf-full.wav": (0.36, 0.86),
    "conf-kicked.wav": (1.4, 2.02),
    "conf-locked.wav": (0.36, 0.9),
}


@pytest.fixture(autouse=True)
def by_codes(monkeypatch):
    """Search even the smallest archive by its codes."""
    monkeypatch.setattr("kwspot.archive.closer._FEW", 0)


def cut(name, start, end):
    x = load(SAMPLES / name, rate=16000)
    return x[int(start * 16000) : int(end * 16000)], 16000


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    made = Archive.create(tmp_path_factory.mktemp("archive") / "a", front_end="cepstra")
    made.add(SAMPLES, shard_bytes=150_000)
    return made


@pytest.fixture(scope="module")
def keyword():
    clips = [cut(name, *span) for name, span in SPANS.items()]
    return Keyword.from_examples(clips, front_end="cepstra", name="conference")


@pytest.fixture(scope="module")
def single():
    return Keyword.from_examples([cut("conf-full.wav", 0.9, 1.4)], front_end="cepstra", name="one")


def naive(archive, keyword, top):
    """Warp every frame of every recording, and take the best places one after the other."""
    found = []
    for entry in archive:
        frames = archive.normalised(entry, keyword.prior, 0, entry.frames)
        cost, start = stream_cost(keyword.stream_templates(), frames)
        found += [
            Found(float(cost[j]), entry.path, j + 1, int(start[j]), 0, archive.url)
            for j in np.flatnonzero(np.isfinite(cost)).tolist()
        ]
    return best(found, top)


@pytest.mark.parametrize("which", ["keyword", "single"])
def test_the_best_of_a_scan_are_those_of_warping_every_frame(archive, which, request):
    keyword = request.getfixturevalue(which)
    expected = naive(archive, keyword, 12)
    hits = scan([archive], [keyword], top=12)
    scores = keyword.calibration.in_stream([one.cost for one in expected])
    assert [hit.recording for hit in hits] == [one.recording for one in expected]
    np.testing.assert_allclose([hit.score for hit in hits], scores, atol=1e-6)
    np.testing.assert_allclose([hit.end for hit in hits], [one.end * 0.02 for one in expected])
    np.testing.assert_allclose([hit.start for hit in hits], [one.start * 0.02 for one in expected])


def test_a_scan_finds_the_same_however_it_is_divided(archive, keyword, single, monkeypatch):
    whole = scan([archive], [keyword, single], top=12)
    assert len(archive.shards) > 2
    monkeypatch.setattr("kwspot.archive.scan._TASK", 200)
    monkeypatch.setattr("kwspot.archive.scan._PIECE", 300)
    assert scan([archive], [keyword, single], top=12, jobs=2) == whole


def test_search_finds_what_scan_finds(archive, keyword, single):
    every = scan([archive], [keyword, single], top=20)
    some = search([archive], [keyword, single], top=20)
    assert some.hours == every.hours
    assert len(set(some) & set(every)) >= 0.95 * len(every)


@pytest.mark.parametrize("find", [search, scan])
def test_scores_are_those_of_spot(archive, keyword, find):
    hits = find([archive], [keyword], threshold=0.5)
    by_end = {(hit.recording, hit.end): hit for hit in hits}
    seen = 0
    for entry in archive:
        for detection in kwspot.spot(entry.path, [keyword]):
            hit = by_end[entry.path, detection.end]
            assert hit.start == detection.start
            assert hit.score == pytest.approx(detection.score, abs=1e-3)
            seen += 1
    assert seen == len(hits) > 5


@pytest.mark.parametrize("find", [search, scan])
def test_threads_and_shards_change_nothing(archive, keyword, single, find, tmp_path):
    one = Archive.create(tmp_path / "one", front_end="cepstra")
    one.add(SAMPLES)
    assert len(one.shards) < len(archive.shards)
    first = find([archive], [keyword, single], top=6)
    threaded = find([archive], [keyword, single], top=6, jobs=3)
    assert threaded == first
    other = find([one], [keyword, single], top=6)
    assert [replace(hit, archive="") for hit in other] == [
        replace(hit, archive="") for hit in first
    ]


def test_tasks_may_be_done_elsewhere(archive, keyword, single):
    def elsewhere(function, tasks):
        sent = pickle.dumps([(function, task) for task in tasks])
        return (there(*task) for there, task in pickle.loads(sent))

    here = search([archive], [keyword, single], top=6)
    assert search([archive], [keyword, single], top=6, run=elsewhere) == here


def test_each_keyword_is_sought_for_itself(archive, keyword, single):
    both = search([archive], [keyword, single], top=5)
    alone = [search([archive], [word], top=5) for word in (keyword, single)]
    assert both.items == alone[0].items + alone[1].items


@pytest.mark.parametrize("find", [search, scan])
def test_only_wanted_recordings_are_searched(archive, keyword, find):
    hits = find([archive], [keyword], wanted=Wanted(paths=("*/conf-*",)))
    assert hits.items
    assert all(os.path.basename(hit.recording).startswith("conf-") for hit in hits)  # noqa: PTH119
    assert not find([archive], [keyword], wanted=Wanted(since="2999-01-01")).items
    assert find([archive], [keyword], wanted=Wanted(since="2000-01-01")).items


def test_a_removed_recording_is_found_no_more(archive, keyword, tmp_path):
    copy = tmp_path / "word.wav"
    copy.write_bytes((SAMPLES / "conf-full.wav").read_bytes())
    made = Archive.create(tmp_path / "a", front_end="cepstra")
    made.add(copy)
    assert search([made], [keyword], threshold=0.5).items
    copy.write_bytes((SAMPLES / "dir-nomore.wav").read_bytes())
    made.add(copy)
    assert not search([Archive.open(made.url)], [keyword], threshold=0.9).items


def test_features_without_codes_are_scanned(tmp_path, keyword):
    made = Archive.create(tmp_path / "a", front_end="mel")
    made.add([SAMPLES / "conf-full.wav", SAMPLES / "conf-locked.wav"])
    clips = [cut(name, *span) for name, span in SPANS.items()]
    word = Keyword.from_examples(clips, front_end="mel", name="conference")
    assert search([made], [word], top=4) == scan([made], [word], top=4)


def test_an_empty_archive_is_an_error(tmp_path, keyword):
    made = Archive.create(tmp_path / "a", front_end="cepstra")
    with pytest.raises(ArchiveError, match="holds no recordings"):
        search([made], [keyword])


def test_another_front_end_is_an_error(archive):
    clips = [cut(name, *span) for name, span in SPANS.items()]
    word = Keyword.from_examples(clips, front_end="mel", name="conference")
    with pytest.raises(ArchiveError, match=r"'cepstra'.*'mel'"):
        search([archive], [word])


def test_numbers_out_of_range_are_errors(archive, keyword):
    for bad in ({"top": 0}, {"threshold": 1.5}):
        with pytest.raises(ValueError, match="top must be"):
            search([archive], [keyword], **bad)
    with pytest.raises(ValueError, match="at least one"):
        search([], [keyword])


def test_hits_survive_json(archive, keyword):
    hits = search([archive], [keyword], top=3)
    assert Hits.from_json(hits.to_json()) == hits


@given(st.lists(st.tuples(*[st.integers(0, top) for top in (1, 1, 40, 9)]), max_size=30))
def test_distinct_places_are_the_best_that_are_not_beside_better_ones(rows):
    shard, entry, end, cost = np.array(rows, np.int64).reshape(-1, 4).T
    places = Places(shard.astype("S1"), entry, entry, end, cost.astype(np.float32))
    kept = []
    for i in sorted(range(len(rows)), key=lambda i: cost[i]):
        same = [k for k in kept if (shard[k], entry[k]) == (shard[i], entry[i])]
        if all(abs(end[k] - end[i]) > 5 for k in same):
            kept.append(i)
    assert places.distinct(5, 30).tolist() == kept
    assert places.distinct(5, 3).tolist() == kept[:3]
