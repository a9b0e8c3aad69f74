"""`kwspot learn` and `kwspot info`."""

import json

import numpy as np
import pytest
import soundfile
from commands import assert_refused, run, run_json
from recordings import as_nobody, chirp, encode

from kwspot import Keyword


def test_json_is_the_contract(clips):
    (found,) = run_json("learn", "clips", "-o", "hello.kws", "--name", "conference", "--json")
    keys = ["keyword", "model", "front_end", "occurrences", "confidence", "seconds", "evidence"]
    assert list(found) == keys
    assert (found["keyword"], found["model"]) == ("conference", "hello.kws")
    assert 0 <= found["confidence"] <= 1
    assert found["seconds"] > 0
    for place in found["occurrences"]:
        assert list(place) == ["clip", "start", "end", "score", "present"]
        assert 0 <= place["start"] < place["end"] < 4
        assert 0 <= place["score"] <= 1
        assert place["present"] is True
    assert len(Keyword.load("hello.kws").examples) == 5


def test_clips_come_back_as_given_and_in_order(clips):
    given = [
        "./clips/conf-kicked.wav",
        "clips/conf-getconfno.wav",
        str(clips / "conf-extended.wav"),
    ]
    (found,) = run_json("learn", *given, "-o", "x.kws", "--json")
    assert [place["clip"] for place in found["occurrences"]] == given
    (found,) = run_json("learn", "./clips/", "-o", "y.kws", "--json")
    names = sorted(path.name for path in clips.iterdir())
    assert [place["clip"] for place in found["occurrences"]] == [f"./clips/{n}" for n in names]


def test_the_word_is_called_as_the_file_unless_named(clips):
    assert run_json("learn", "clips", "-o", "hello.kws", "--json")[0]["keyword"] == "hello"


def test_the_table_is_data_and_the_rest_are_words(clips):
    result = run("learn", "clips", "-o", "hello.kws")
    assert result.exit_code == 0
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["clip", "start", "end", "score"]
    assert len(rows) == 5
    assert result.stderr.startswith("wrote hello.kws in ")
    assert run("learn", "clips", "-o", "bye.kws", "--quiet").stderr == ""


def test_a_model_is_replaced_but_no_other_file(clips):
    (clips.parent / "song.wav").write_bytes(b"mine")
    assert_refused(run("learn", "clips", "-o", "song.wav"), "song.wav exists, and is no model")
    assert (clips.parent / "song.wav").read_bytes() == b"mine"
    (clips.parent / "hello.kws").write_bytes(b"a damaged model")
    assert run("learn", "clips", "-o", "hello.kws").exit_code == 0
    assert Keyword.load("hello.kws").name == "hello"


def test_a_clip_that_cannot_be_used_is_told_and_the_rest_is_done(clips):
    (clips / "notes.wav").write_text("milk, bread")
    soundfile.write(clips / "silent.wav", np.zeros(16000), 16000)
    result = run("learn", "clips", "missing.wav", "-o", "hello.kws", "--json")
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["occurrences"]) == 5
    assert len(Keyword.load("hello.kws").examples) == 5
    for name in ("clips/notes.wav", "clips/silent.wav", "missing.wav"):
        assert sum(line.startswith(f"error: {name} ") for line in result.stderr.splitlines()) == 1
    assert result.stderr.count("hint: ") == 3


def empty(folder):
    (folder / "a.wav").write_bytes(b"")


def truncated(folder):
    for name in ("a.wav", "b.wav"):
        soundfile.write(folder / name, chirp(), 16000)
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:30])


def silent(folder):
    for name in ("a.wav", "b.wav"):
        soundfile.write(folder / name, np.zeros(32000), 16000)


def constant(folder):
    for name in ("a.wav", "b.wav"):
        soundfile.write(folder / name, np.full(32000, 0.5), 16000)


def not_numbers(folder):
    for name, value in (("a.wav", np.nan), ("b.wav", np.inf)):
        samples = chirp(2)
        samples[5000] = value
        soundfile.write(folder / name, samples, 16000, subtype="FLOAT")


def no_samples(folder):
    for name in ("a.wav", "b.wav"):
        soundfile.write(folder / name, np.zeros(0), 16000)


def text(folder):
    for name in ("a.wav", "b.wav"):
        (folder / name).write_text("not audio at all")


def one_clip(folder):
    soundfile.write(folder / "a.wav", chirp(2), 16000)


def same_clip(folder):
    for name in "abcde":
        soundfile.write(folder / f"{name}.wav", chirp(2), 16000)


def short_clips(folder):
    for number in range(5):
        soundfile.write(folder / f"{number}.wav", chirp(0.1 + 0.001 * number), 16000)


def no_audio(folder):
    (folder / "readme.txt").write_text("nothing to hear")


BAD = [
    empty,
    truncated,
    silent,
    constant,
    not_numbers,
    no_samples,
    text,
    one_clip,
    same_clip,
    short_clips,
    no_audio,
]


@pytest.mark.parametrize("fill", BAD, ids=lambda fill: fill.__name__)
def test_bad_clips_give_clear_messages_and_no_file(fill, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "clips"
    folder.mkdir()
    fill(folder)
    result = run("learn", "clips", "-o", "hello.kws", "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert {line.partition(" ")[0] for line in lines} == {"error:", "hint:"}, result.stderr
    assert sum(line.startswith("hint:") for line in lines) == len(lines) / 2
    assert list(tmp_path.iterdir()) == [folder]


def test_an_m4a_file_called_mp3_is_read(clips):
    samples, rate = soundfile.read(clips / "conf-kicked.wav", dtype="float32")
    encode(clips / "lie.m4a", "aac", samples, rate)
    (clips / "lie.m4a").rename(clips / "lie.mp3")
    (clips / "conf-kicked.wav").unlink()
    (found,) = run_json("learn", "clips", "-o", "hello.kws", "--json")
    assert "clips/lie.mp3" in [place["clip"] for place in found["occurrences"]]


def test_a_folder_that_may_not_be_written_is_told(clips):
    shut = clips.parent / "shut"
    shut.mkdir()
    with as_nobody(shut):
        result = run("learn", "clips", "-o", "shut/hello.kws")
    assert result.exit_code == 1
    assert "shut" in result.stderr
    assert list(shut.iterdir()) == []


@pytest.mark.parametrize(
    ("output", "words"),
    [("clips", "is a folder"), ("no/such/hello.kws", "there is no folder no/such")],
)
def test_a_place_that_cannot_be_written_is_told_before_the_work(clips, output, words, monkeypatch):
    monkeypatch.setattr("kwspot.learn", None)
    assert_refused(run("learn", "clips", "-o", output), words)


@pytest.mark.parametrize(
    "options",
    [
        ["-o", "x.kws", "--method", "magic"],
        ["-o", "x.kws", "--front-end", "magic"],
        ["-o", "x.kws", "--min-duration", "1.5"],
        ["-o", "x.kws", "--min-duration", "nan"],
        ["-o", "x.kws", "--max-duration", "-1"],
        ["-o", "x.kws", "--name", ""],
        ["-o", "x.kws", "-"],
        [],
    ],
)
def test_what_is_not_understood_is_usage(clips, options):
    result = run("learn", "clips", *options)
    assert result.exit_code == 2, result.stderr
    assert "Usage: kwspot learn" in result.stderr
    assert result.stdout == ""


def test_info_tells_what_a_model_holds(model, samples):
    (found,) = run_json("info", model, "--json")
    assert found["model"] == str(model)
    assert found["keyword"] == "conference"
    assert found["front_end"] == "speech"
    assert found["version"]
    assert found["calibration"]
    assert sorted(place["clip"] for place in found["examples"]) == sorted(samples["learn"])
    assert all(len(place["sha256"]) == 64 for place in found["examples"])
    text = run("info", model).stdout
    for word in ("conference", "speech", found["created"], "background"):
        assert word in text
    assert len(text.splitlines()) == 5 + 2 + 5 + 2 + 5 + 1


def test_info_of_what_is_no_model_is_refused(tmp_path, samples):
    assert_refused(run("info", tmp_path / "no.kws"), "no.kws")
    assert_refused(run("info", samples["find"][0]), samples["find"][0])
    assert_refused(run("info", tmp_path), tmp_path)


def test_background_and_counter_examples(clips, samples):
    extra = ["--background", *samples["reject"][:1], "--background", *samples["reject"][1:2]]
    extra += ["--not", samples["reject"][2], "--false-alarms-per-hour", "60"]
    (found,) = run_json("learn", "clips", "-o", "hello.kws", "--json", *extra)
    alarms = found["false_alarms"]
    assert alarms["asked_per_hour"] == 60
    assert alarms["expected_per_hour"] == pytest.approx(60)
    assert alarms["low"] < 60 < alarms["high"]
    assert found["threshold"] == Keyword.load("hello.kws").threshold
    (told,) = run_json("info", "hello.kws", "--json")
    assert told["false_alarms"] == alarms
    assert told["not"] == [samples["reject"][2]]
    text = run("info", "hello.kws").stdout
    assert "60 false alarms per hour expected, likely" in text
    assert samples["reject"][2] in text
    result = run("learn", "clips", "-o", "hello.kws", *extra)
    assert "\nthreshold " in result.stderr
    assert "warning: everyday sound is too much like the word" in result.stderr


@pytest.mark.parametrize(
    "options",
    [["--false-alarms-per-hour", "1"], ["--background", "-"], ["--false-alarms-per-hour", "0"]],
)
def test_background_that_is_not_understood_is_usage(clips, options):
    result = run("learn", "clips", "-o", "x.kws", *options)
    assert result.exit_code == 2, result.stderr


def test_background_that_cannot_be_used_is_told(clips, samples):
    result = run("learn", "clips", "-o", "x.kws", "--background", "none.wav")
    assert_refused(result, "none.wav")
    soundfile.write("short.wav", np.random.default_rng(0).normal(size=9000) / 8, 16000)
    result = run("learn", "clips", "-o", "x.kws", "--background", "short.wav", "-q")
    assert_refused(result, "sounds could be compared")
    assert not (clips.parent / "x.kws").exists()


def test_all_occurrences_are_learned_when_asked_for(clips):
    words, rate = soundfile.read(clips / "conf-kicked.wav")
    soundfile.write(clips / "conf-kicked.wav", np.concatenate([words, words]), rate)
    (few,) = run_json("learn", "clips", "-o", "few.kws", "--json")
    (found,) = run_json("learn", "clips", "-o", "all.kws", "--all", "--json")
    names = [place["clip"] for place in found["occurrences"]]
    assert len(few["occurrences"]) == 5
    assert names.count("clips/conf-kicked.wav") == 2
    assert names == sorted(names)
    assert len(Keyword.load("all.kws").examples) == len(names)


def test_evidence_is_told_when_asked_for(clips):
    few = run("learn", "clips", "-o", "hello.kws").stdout
    many = run("learn", "clips", "-o", "hello.kws", "--verbose").stdout
    assert many.startswith(few)
    assert len(many.splitlines()) == len(few.splitlines()) + 2 + 5 + 1
    (found,) = run_json("info", "hello.kws", "--json")
    evidence = Keyword.load("hello.kws").evidence
    assert found["evidence"]["clips"] == list(evidence.clips)
    assert found["evidence"]["margin"] == evidence.margin
    assert f"{evidence.margin:+.2f}" in many
