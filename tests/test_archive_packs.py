"""Packs: the codes of many shards together, merged again as shards come and go."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from archives import build, contents, corpus
from hypothesis import given
from hypothesis import strategies as st

from kwspot.archive import Archive, check, packs, segments
from kwspot.archive.query import of_hit
from kwspot.archive.search import scan, search
from kwspot.archive.store import store_at
from kwspot.keyword import Keyword

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def by_codes(monkeypatch):
    """Search even the smallest archive by its codes."""
    monkeypatch.setattr("kwspot.archive.closer._FEW", 0)


@pytest.fixture
def audio(tmp_path):
    return corpus(tmp_path / "audio", most=6)


@pytest.fixture(scope="module")
def keyword(tmp_path_factory):
    folder = corpus(tmp_path_factory.mktemp("clips"), most=1)
    return Keyword.from_examples(sorted(folder.iterdir()), front_end="cepstra", name="one")


def rows(archive, pack, length):
    count = segments.counts(archive.packs.contents(pack).frames, length, "cepstra").sum()
    blocks = archive.packs.codes(pack, length).reshape(-1, 2, 8, 32)
    return blocks.transpose(0, 1, 3, 2).reshape(-1, 8)[:count]


def hits(archive, keyword):
    found = search([archive], [keyword], top=8)
    return [replace(hit, archive="") for hit in found]


def test_a_pack_holds_the_codes_of_its_shards(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    (pack,) = archive.packs.every
    assert pack.shards == tuple(shard.id for shard in archive.shards)
    for length in segments.lengths("cepstra"):
        expected = [
            segments.encode(archive.features(entry), "cepstra")[length]
            for shard in archive.shards
            for entry in shard.entries
        ]
        np.testing.assert_array_equal(rows(archive, pack, length), np.concatenate(expected))


def test_searching_shards_one_by_one_finds_the_same(audio, tmp_path, keyword):
    archive = build(tmp_path / "a", audio)
    expected = hits(archive, keyword)
    shutil.rmtree(tmp_path / "a" / "packs")
    loose = Archive.open(archive.url)
    assert len(loose.packs.every) == len(loose.shards) > 1
    assert hits(loose, keyword) == expected


def test_packs_follow_what_is_added_and_removed(audio, tmp_path, keyword):
    files = sorted(audio.iterdir())
    archive = build(tmp_path / "a", *files[:3])
    before = store_at(archive.url).names("packs")
    archive.add(audio)
    assert store_at(archive.url).names("packs") != before
    assert {shard for pack in archive.packs.every for shard in pack.shards} == set(
        archive.catalogue.shards
    )
    files[0].unlink()
    archive.add(audio)
    (pack,) = Archive.open(archive.url).packs.every
    assert set(pack.shards) == set(archive.catalogue.shards)
    assert all(hit.recording != str(files[0]) for hit in hits(archive, keyword))


def test_nothing_is_written_where_nothing_has_changed(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    files = {path: path.stat().st_mtime_ns for path in Path(archive.url, "packs").rglob("*")}
    archive.add(audio)
    assert files == {path: path.stat().st_mtime_ns for path in files}


def test_a_pack_that_another_writer_merged_away_is_not_missed(audio, tmp_path, keyword):
    archive = build(tmp_path / "a", audio)
    expected = hits(archive, keyword)
    other = Archive.open(archive.url)
    assert other.packs.every
    shutil.rmtree(tmp_path / "a" / "packs")
    assert hits(other, keyword) == expected


def test_a_pack_that_was_not_finished_does_not_count(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    whole = contents(archive.url)
    (pack,) = archive.packs.every
    Path(archive.url, pack.folder, "zarr.json").unlink()
    assert pack not in Archive.open(archive.url).packs.every
    assert not check(archive.url).findings
    assert contents(archive.url) == whole


def test_shards_of_an_earlier_version_are_searched_and_brought_up_to_date(tmp_path):
    shutil.copytree(GOLDEN / "archive", tmp_path / "old")
    old = Archive.open(tmp_path / "old")
    assert old.packs.bare == tuple(old.catalogue.shards)
    entry = next(iter(old))
    word = {"recording": entry.path, "start": 0.36, "end": 0.86, "keyword": "conference"}
    from kwspot.archive.query import of_hit

    keyword = of_hit(word, [old])
    expected = hits(old, keyword)
    assert len({hit.recording for hit in expected[:2]}) == 2
    packs.merge(old.store, old.catalogue.shards, old.front_end)
    new = Archive.open(old.url)
    assert not new.packs.bare
    (pack,) = new.packs.every
    assert pack.folder.startswith("packs/")
    assert hits(new, keyword)[:2] == expected[:2]


def test_the_golden_pack_is_read():
    archive = Archive.open(GOLDEN / "packed")
    (pack,) = archive.packs.every
    assert len(pack.shards) == 2
    for length in segments.lengths("cepstra"):
        expected = [
            segments.encode(archive.features(entry), "cepstra")[length]
            for name in pack.shards
            for entry in archive.catalogue.shards[name].entries
        ]
        same = rows(archive, pack, length) == np.concatenate(expected)
        assert same.mean() > 0.99
    word = {"recording": "/golden/conf-full.wav", "keyword": "x", "start": 0.4, "end": 0.9}
    keyword = of_hit(word, [archive])
    assert search([archive], [keyword], top=2) == scan([archive], [keyword], top=2)


@given(
    st.sets(st.integers(0, 2**32 - 1).map(lambda number: f"{number:08x}" + 24 * "0"), max_size=600)
)
def test_shards_are_divided_by_their_names_alone(names):
    groups = packs.groups(names)
    assert sorted(name for group in groups for name in group) == sorted(names)
    assert all(list(group) == sorted(group) for group in groups)
    if len(names) <= packs.MOST:
        assert len(groups) <= 1


def test_what_tells_of_a_pack_is_json_that_is_signed(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    (pack,) = archive.packs.every
    path = Path(archive.url, pack.folder, "zarr.json")
    fields = json.loads(path.read_text())
    assert fields["node_type"] == "group"
    assert packs.read_pack(archive.store, Path(pack.folder).name) == pack
    path.write_text(path.read_text().replace(pack.shards[0], pack.shards[0][::-1]))
    assert packs.read_pack(archive.store, Path(pack.folder).name) is None
