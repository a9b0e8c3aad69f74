"""Archives that are brought up to date: what is new, changed or gone, and what goes wrong."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from archives import SHARD_BYTES, build, contents, corpus

from kwspot.archive import Archive, check
from kwspot.archive.indexing import index_batch, look
from kwspot.errors import ArchiveError, OutputError


@pytest.fixture
def audio(tmp_path):
    """Give a folder of recordings that may be changed."""
    return corpus(tmp_path / "audio")


def add(archive, *paths):
    return archive.add(paths, shard_bytes=SHARD_BYTES)


def test_nothing_is_indexed_twice(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    before = contents(archive.url)
    report = add(Archive.open(archive.url), audio)
    assert (len(report.added), len(report.unchanged)) == (0, len(archive))
    os.utime(next(audio.iterdir()))  # another age, the same content
    report = add(Archive.open(archive.url), audio)
    assert (len(report.added), len(report.unchanged)) == (0, len(archive))
    assert contents(archive.url) == before


def test_what_changes_is_indexed_anew_and_what_is_gone_is_taken_out(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    first, second, third, *_ = sorted(audio.iterdir())
    shutil.copy(third, first)
    second.unlink()
    report = add(archive, audio)
    assert [entry.path for entry in report.added] == [str(first)]
    assert report.removed == (str(second),)
    fresh = build(tmp_path / "fresh", audio)
    for one in (archive, Archive.open(archive.url)):
        assert [entry[:8] for entry in one] == [entry[:8] for entry in fresh]
        for entry in one:
            assert (one.features(entry) == fresh.features(entry.path)).all()
    assert not check(archive.url).findings
    listed = [entry.path for shard in archive.shards for entry in shard.entries]
    assert sorted(listed) == [entry.path for entry in fresh]


def test_what_was_replaced_since_is_told(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    early = Archive.open(f"file://{archive.url}")
    next(audio.iterdir()).unlink()
    add(archive, audio)
    old = next(entry for entry in early if entry.shard not in archive.catalogue.shards)
    with pytest.raises(ArchiveError, match="missing"):
        early.features(old)
    early.catalogue.refresh()
    with pytest.raises(ArchiveError, match="indexed anew, or taken out"):
        early.features(old)


def test_a_name_that_is_not_unicode_is_kept(audio, tmp_path):
    odd = os.fsdecode(bytes(audio) + b"/\xff.wav")
    next(audio.iterdir()).rename(odd)
    archive = build(tmp_path / "a", audio)
    again = Archive.open(archive.url)
    assert odd in {entry.path for entry in again}
    assert len(again.features(odd)) == again[odd].frames
    assert not check(archive.url).findings


def test_only_named_folders_are_searched_for_what_is_gone(audio, tmp_path):
    other = corpus(tmp_path / "other")
    archive = build(tmp_path / "a", audio, other)
    count = len(archive)
    shutil.rmtree(other)
    assert not add(archive, audio).removed
    report = add(archive, other)  # nothing there: a disk that is not mounted, maybe
    assert [failure.path for failure in report.failures] == [str(other)]
    assert len(archive) == count
    next(audio.iterdir()).unlink()
    assert len(add(archive, tmp_path).removed) == count // 2 + 1


def test_what_cannot_be_read_is_told_and_stops_nothing(audio, tmp_path):
    (audio / "broken.wav").write_text("no sound")
    (audio / "empty.flac").touch()
    whole = sorted(audio.glob("*.wav"))[0]
    cut = audio / "cut.wav"
    cut.write_bytes(whole.read_bytes()[:-3000])
    archive = Archive.create(tmp_path / "a", front_end="cepstra")
    report = add(archive, tmp_path / "absent", audio)
    assert [Path(failure.path).name for failure in report.failures] == [
        "absent", "broken.wav", "empty.flac"
    ]  # fmt: skip
    assert all(failure.message and failure.hint for failure in report.failures)
    assert len(report.added) == len(list(audio.iterdir())) - 2
    assert str(cut) in {entry.path for entry in archive}


def test_a_damaged_recording_is_marked(audio, tmp_path):
    import soundfile

    samples, rate = soundfile.read(next(audio.iterdir()))
    path = tmp_path / "cut.flac"
    soundfile.write(path, samples.repeat(8), rate)
    path.write_bytes(path.read_bytes()[:-9000])
    archive = Archive.create(tmp_path / "a", front_end="cepstra")
    report = archive.add(path)
    assert [doubt.path for doubt in report.doubts] == [str(path)]
    assert archive[path].state == "damaged"
    assert 0 < archive[path].seconds < len(samples) * 8 / rate


def test_several_threads_write_the_same(audio, tmp_path):
    one = build(tmp_path / "one", audio)
    told = []
    two = build(tmp_path / "two", audio, jobs=3, progress=lambda *now: told.append(now))
    assert contents(one.url) == contents(two.url)
    fractions, seconds = zip(*told, strict=True)
    assert list(fractions) == sorted(fractions)
    assert fractions[-1] == 1
    assert seconds[-1] == pytest.approx(sum(entry.seconds for entry in two))


def test_the_work_can_be_done_in_other_processes(audio, tmp_path):
    def run(function, tasks):  # all that crosses over to another process and back
        for task in tasks:
            yield pickle.loads(pickle.dumps(function(*pickle.loads(pickle.dumps(task)))))

    one = build(tmp_path / "one", audio)
    two = build(tmp_path / "two", audio, run=run)
    assert contents(one.url) == contents(two.url)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_committed_when_one_stops_it_is_kept(audio, tmp_path, jobs):
    def stop(fraction, seconds):
        raise KeyboardInterrupt

    archive = Archive.create(tmp_path / "a", front_end="cepstra")
    with pytest.raises(KeyboardInterrupt):
        archive.add(audio, shard_bytes=SHARD_BYTES, jobs=jobs, progress=stop)
    kept = len(Archive.open(archive.url))
    whole = build(tmp_path / "whole", audio)
    assert 0 < kept < len(whole)
    report = add(Archive.open(archive.url), audio)
    assert len(report.unchanged) == kept
    assert contents(archive.url) == contents(whole.url)


@pytest.mark.parametrize(("kills", "writers"), [(3, 1), (2, 2)])
def test_killed_writers_leave_an_archive_that_can_be_completed(tmp_path, kills, writers):
    memory = Path("/dev/shm")  # where nothing waits for a disk, but a killed writer's files stay
    options = {"--writers": writers, "--folder": memory if memory.is_dir() else tmp_path}
    command = [sys.executable, Path(__file__).with_name("killed_writers.py"), kills]
    for option in options.items():
        command += option
    told = json.loads(subprocess.check_output(list(map(str, command)), timeout=120))
    assert told["killed"] == kills
    assert (told["different"], told["unsound"]) == (0, 0)


def test_two_writers_of_different_lists_leave_each_recording_once(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    early = Archive.create(tmp_path / "b", front_end="cepstra")
    late = Archive.open(early.url)
    add(early, audio)
    for entry in early:  # as a writer does who began before the other was done
        late.add(entry.path)
    paths = sorted(audio.iterdir())
    index_batch(early.url, "cepstra", [look(path) for path in paths[3:5]], {})
    doubled = Archive.open(early.url)
    assert sum(len(shard.entries) for shard in doubled.shards) == len(paths) + 2
    assert [entry.id for entry in doubled] == [entry.id for entry in archive]
    add(doubled, audio)
    assert sum(len(shard.entries) for shard in doubled.shards) == len(paths)


def test_what_was_abandoned_is_swept_when_it_is_old(audio, tmp_path):
    archive = build(tmp_path / "a", audio)
    left = Path(archive.url, "shards", "0" * 32)
    young = Path(archive.url, "shards", "1" * 32)
    for folder in (left, young):
        (folder / "features").mkdir(parents=True)
        (folder / "features" / "zarr.json").touch()
    os.utime(left / "features" / "zarr.json", (0, 0))
    add(archive, audio)
    assert not left.exists()
    assert young.exists()


def test_a_full_disk_is_told_and_the_archive_stays_whole(audio, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a disk cannot be mounted here")
    try:
        archive = Archive.create(disk / "a", front_end="cepstra")
        first = sorted(audio.iterdir())[0]
        archive.add(first)
        before = contents(archive.url)
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - 20_000))
        with pytest.raises(OutputError, match="No space left"):
            archive.add(audio)
        left = contents(archive.url)
        assert {key: left[key] for key in before} == before
        assert [entry.path for entry in Archive.open(archive.url)] == [str(first)]
        (disk / "filler").unlink()
        archive.add(audio)
        assert len(Archive.open(archive.url)) == len(list(audio.iterdir()))
        assert not check(archive.url).findings
    finally:
        subprocess.run(["umount", str(disk)], check=True)
