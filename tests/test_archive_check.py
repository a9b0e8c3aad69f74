"""Every file of an archive is checked, and mended."""

import os
from pathlib import Path

import pytest
from archives import build, contents, corpus

from kwspot.archive import Archive, check
from kwspot.archive.store import store_at
from kwspot.errors import ArchiveError


@pytest.fixture
def audio(tmp_path):
    return corpus(tmp_path / "audio")


@pytest.fixture
def archive(audio, tmp_path):
    return build(tmp_path / "a", audio)


def flip(path, at):
    """Flip a bit of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 4
    path.write_bytes(content)


def test_a_flipped_bit_in_any_file_is_found_and_mended(archive):
    whole = contents(archive.url)
    assert not check(archive.url).findings
    shard = archive.shards[0].id
    for key in whole:
        if key.startswith("shards/") and shard not in key and key.count("/") > 1:
            continue  # the files of one shard are enough
        path = Path(archive.url, key)
        for at in (0, path.stat().st_size // 2, -1) if "features" in key else (-9,):
            flip(path, at)
            found = check(archive.url)
            assert [finding.key for finding in found.findings] == [key]
            assert not found.lost
            assert contents(archive.url) == whole, key


def test_a_missing_file_is_found_and_mended(archive):
    whole = contents(archive.url)
    for name in ("features/c/0/0", "states/zarr.json"):
        key = archive.shards[0].key(name)
        Path(archive.url, key).unlink()
        assert [finding.key for finding in check(archive.url).findings] == [key]
        assert contents(archive.url) == whole


def test_what_is_damaged_is_not_read(archive):
    entry = archive.shards[0].entries[0]
    path = Path(archive.url, archive.shards[0].key("features/c/0/0"))
    flip(path, -200)
    with pytest.raises(ArchiveError, match="damaged") as caught:
        Archive.open(archive.url).features(entry)
    assert "--check" in caught.value.hint
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArchiveError, match="bytes instead of"):
        Archive.open(archive.url).features(entry)
    path.unlink()
    with pytest.raises(ArchiveError, match="missing"):
        Archive.open(archive.url).features(entry)
    flip(Path(archive.url, f"catalogue/{entry.shard}.json"), 300)
    Path(archive.url, "catalogue.json").unlink()
    with pytest.raises(ArchiveError, match="checksum"):
        Archive.open(archive.url)


def test_features_whose_audio_is_gone_are_lost_and_the_others_kept(archive, audio):
    shard = archive.shards[0]
    gone = Path(shard.entries[0].path)
    gone.unlink()
    flip(Path(archive.url, shard.key("features/c/0/0")), 0)
    found = check(archive.url)
    assert found.lost == (str(gone),)
    again = Archive.open(archive.url)
    assert {entry.path for entry in again} == {str(path) for path in audio.iterdir()}
    assert not check(archive.url).findings


def test_both_copies_of_a_commit_record_must_be_damaged_to_lose_it(archive):
    shard = archive.shards[0]
    for key in (f"catalogue/{shard.id}.json", shard.key("zarr.json")):
        flip(Path(archive.url, key), 300)
    found = check(archive.url)
    assert len(found.lost) == 1
    assert shard.id in found.lost[0]
    again = Archive.open(archive.url)
    assert len(again) == len(archive) - len(shard.entries)


def test_the_front_end_is_known_without_the_root(archive, tmp_path):
    root = Path(archive.url, "zarr.json")
    before = root.read_bytes()
    root.write_bytes(b"{")
    with pytest.raises(ArchiveError):
        Archive.open(archive.url)
    check(archive.url)
    assert root.read_bytes() == before
    with pytest.raises(ArchiveError, match="there is no archive"):
        check(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_strangers_are_swept_when_they_are_old(archive):
    old, young = (Path(archive.url, "catalogue", name) for name in (".x.json.1", ".x.json.2"))
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    assert check(archive.url).swept == ("catalogue/.x.json.1",)
    assert sorted(store_at(archive.url).names("catalogue")) == [
        f"{shard.id}.json" for shard in archive.shards
    ]
    assert young.exists()
