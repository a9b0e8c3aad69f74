"""Folders and files become a list of recordings, the same on every machine."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import as_nobody

from kwspot.audio import find
from kwspot.audio.folder import _order
from kwspot.errors import AudioError


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names):
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_stands_for_the_audio_below_it(here):
    touch("a/b/y.WAV", "a/b/x.wav", "a/c.flac", "a/d/e/f.m4a", "a/notes.txt", "a/labels.mat")
    expected = ["a/b/x.wav", "a/b/y.WAV", "a/c.flac", "a/d/e/f.m4a"]
    assert find(["a"]) == find("a") == find(Path("a")) == [Path(name) for name in expected]
    assert [str(path) for path in find(["a/b"])] == [str(Path("a/b/x.wav")), str(Path("a/b/y.WAV"))]


def test_paths_come_back_as_given(here):
    touch("x.wav", "a/y.wav")
    assert find(["."]) == [Path("a/y.wav"), Path("x.wav")]
    assert find([here]) == [here / "a/y.wav", here / "x.wav"]
    assert find(["a/../a"]) == [Path("a/../a/y.wav")]


def test_hidden_files_and_folders_are_passed_over(here):
    touch("a/.x.wav", "a/._y.wav", "a/.git/z.wav", "a/b.wav", ".cache/c.wav")
    assert find("a") == [Path("a/b.wav")]
    assert find(".cache") == [Path(".cache/c.wav")]  # named, so wanted


def test_named_files_are_taken_whatever_they_are_called(here):
    touch("x.txt", ".hidden", "b.wav")
    assert find(["x.txt", "b.wav", ".hidden"]) == [Path("x.txt"), Path("b.wav"), Path(".hidden")]


def test_a_file_met_twice_is_listed_once(here):
    touch("a/x.wav", "a/y.wav")
    assert find(["a/y.wav", "a", "a"]) == [Path("a/y.wav"), Path("a/x.wav")]


def test_order_knows_no_capitals(here):
    touch("a/B.wav", "a/a.wav", "a/C.wav", "a/Ä.wav", "a/10.wav", "a/9.wav")
    names = [path.stem for path in find("a")]
    assert names == ["10", "9", "a", "B", "C", "Ä"]


@given(st.lists(st.text("aAbB./", min_size=1), unique=True))
def test_order_is_total(names):
    paths = {Path(name) for name in names}
    assert sorted(paths, key=_order) == sorted(sorted(paths, reverse=True), key=_order)
    assert len({str(_order(path)) for path in paths}) == len(paths)


def test_links_to_folders_are_not_followed(here):
    touch("a/x.wav")
    Path("a/loop").symlink_to(here / "a")
    Path("a/link.wav").symlink_to(here / "a" / "x.wav")
    assert find("a") == [Path("a/link.wav"), Path("a/x.wav")]


def test_a_folder_without_audio_is_named(here):
    touch("notes/readme.txt")
    with pytest.raises(AudioError, match=r"no audio file in the folder notes.*looked for .wav"):
        find(["notes"])


def test_what_does_not_exist_is_named(here):
    with pytest.raises(AudioError, match=r"absent\.wav does not exist") as caught:
        find(["absent.wav"])
    assert "spelling" in caught.value.hint


def test_a_folder_that_may_not_be_listed_is_named(here):
    touch("locked/x.wav")
    with (
        as_nobody(here / "locked"),
        pytest.raises(AudioError, match="locked cannot be opened: Permission"),
    ):
        find([os.curdir])


def test_no_paths_are_no_files():
    assert find([]) == []
