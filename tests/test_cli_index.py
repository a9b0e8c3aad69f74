"""`kwspot index`."""

import pytest
from archives import corpus
from commands import assert_refused, run, run_json

from kwspot.archive import Archive


@pytest.fixture
def audio(tmp_path):
    return corpus(tmp_path / "audio")


def test_recordings_are_indexed_and_told_of(audio, tmp_path):
    archive = tmp_path / "a"
    result = run("index", audio, "-o", archive, "--front-end", "cepstra")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    count = len(list(audio.iterdir()))
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{count} recording(s) indexed, 0 unchanged, 0 removed, 0 unreadable")
    assert " h/s, " in second
    assert " MB/h; " in second
    assert len(Archive.open(archive)) == count
    (told,) = run_json("index", audio, "-o", archive, "--json", "-q")
    assert (told["added"], told["unchanged"], told["recordings"]) == (0, count, count)
    assert told["front_end"] == "cepstra"


def test_figures_are_those_of_the_archive(audio, tmp_path):
    (told,) = run_json("index", audio, "-o", tmp_path / "a", "--front-end", "cepstra", "--json")
    archive = Archive.open(tmp_path / "a")
    hours = sum(entry.seconds for entry in archive) / 3600
    stored = sum(array.length for shard in archive.shards for array in shard.arrays.values())
    assert told["hours"] == pytest.approx(hours, rel=1e-3)
    assert told["bytes_per_hour"] == pytest.approx(stored / hours, rel=1e-3)
    assert told["hours_per_second"] > 0


def test_unreadable_files_are_listed_at_the_end(audio, tmp_path):
    (audio / "broken.wav").write_text("no sound")
    absent = tmp_path / "absent.wav"
    result = run("index", audio, absent, "-o", tmp_path / "a", "--front-end", "cepstra")
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert [line.partition(" ")[0] for line in lines[:4]] == ["error:", "hint:"] * 2
    assert "broken.wav" in lines[2] + lines[0]
    assert str(absent) in lines[2] + lines[0]
    assert "2 unreadable" in lines[4]
    assert len(Archive.open(tmp_path / "a")) == len(list(audio.iterdir())) - 1


def test_a_damaged_archive_is_mended(audio, tmp_path):
    run("index", audio, "-o", tmp_path / "a", "--front-end", "cepstra")
    shard = Archive.open(tmp_path / "a").shards[0]
    path = tmp_path / "a" / shard.key("features/c/0/0")
    whole = path.read_bytes()
    path.write_bytes(whole[::-1])
    result = run("index", "--check", "-o", tmp_path / "a")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0].startswith(f"damaged: {shard.key('features/c/0/0')}")
    assert "1 damaged, 0 recording(s) lost" in result.stderr
    assert path.read_bytes() == whole
    (told,) = run_json("index", "--check", audio, "-o", tmp_path / "a", "--json", "-q")
    assert (told["mended"], told["lost"], told["added"]) == ([], [], 0)
    path.write_bytes(whole[::-1])
    for file in audio.iterdir():
        file.unlink()
    assert run("index", "--check", "-o", tmp_path / "a").exit_code == 1


def test_mistakes_are_told(audio, tmp_path, samples):
    archive = tmp_path / "a"
    assert_refused(run("index", audio, "-o", archive, "--resume"), "no archive")
    assert not archive.exists()
    assert_refused(run("index", "--check", "-o", archive), "no archive")
    assert_refused(run("index", audio, "-o", audio), "not empty")
    run("index", samples["learn"][0], "-o", archive, "--front-end", "cepstra")
    wrong = run("index", audio, "-o", archive, "--front-end", "mel")
    assert_refused(wrong, "front end cepstra, not mel")
    assert run("index", samples["find"][0], "-o", archive, "--resume").exit_code == 0
    assert run("index", "-o", archive).exit_code == 2
    assert run("index", "-", "-o", archive).exit_code == 2
    assert len(Archive.open(archive)) == 2
