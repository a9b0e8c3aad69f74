"""`kwspot spot` and `kwspot identify`."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
import soundfile
from commands import assert_refused, run, run_json
from recordings import chirp

from kwspot import Keyword


@pytest.fixture
def calls(samples, tmp_path, monkeypatch):
    """A folder `calls` of six new recordings, in the current folder; three hold the word."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "calls"
    folder.mkdir()
    for path in samples["find"] + samples["reject"]:
        shutil.copy(path, folder)
    return folder


def test_jsonl_is_the_contract(calls, model):
    found = run_json("spot", model, "--", "calls", "--format", "jsonl")
    assert [hit["audio"] for hit in found] == [
        "calls/conf-full.wav",
        "calls/conf-leaderhasleft.wav",
        "calls/conf-locked.wav",
    ]
    for hit in found:
        assert list(hit) == ["audio", "keyword", "start", "end", "score"]
        assert hit["keyword"] == "conference"
        assert 0 <= hit["start"] < hit["end"] < 3
        assert 0.5 <= hit["score"] <= 1


def test_all_formats_say_the_same(calls, model):
    found = run_json("spot", model, "calls", "--json")
    assert run("spot", model, "calls", "--format", "jsonl").stdout.splitlines() == [
        json.dumps(hit) for hit in found
    ]
    rows = list(csv.DictReader(io.StringIO(run("spot", model, "calls", "--format", "csv").stdout)))
    assert rows == [{key: str(value) for key, value in hit.items()} for hit in found]
    header, *lines = run("spot", model, "calls").stdout.splitlines()
    assert header.split() == ["audio", "keyword", "start", "end", "score"]
    assert [line.split() for line in lines] == [
        [hit["audio"], "conference", *(f"{hit[key]:.2f}" for key in ("start", "end", "score"))]
        for hit in found
    ]
    assert len({line.index("conference") for line in lines}) == 1


def test_models_and_recordings_are_told_apart_in_every_order(calls, model):
    expected = run("spot", model, "--", "calls", "--json").stdout
    assert expected
    unnamed = shutil.copy(model, calls.parent / "model")
    for args in (
        [model, "calls"],
        ["calls", model],
        [unnamed, "calls"],
        ["--", model, "calls"],
        [unnamed, "--", "calls"],
    ):
        assert run("spot", "--json", *args).stdout == expected


def test_a_model_after_the_dashes_is_taken_for_audio(calls, model):
    result = run("spot", model, "--", model, "calls", "--json")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {model} is not audio")
    assert len(result.stdout.splitlines()) == 3


def test_a_name_like_an_option_is_a_file_after_the_dashes(calls, model):
    shutil.copy("calls/conf-full.wav", "-q.wav")
    assert [hit["audio"] for hit in run_json("spot", model, "--json", "--", "-q.wav")] == ["-q.wav"]


def test_the_same_for_any_number_of_jobs(calls, model):
    (calls / "a.wav").write_text("not audio")
    one = run("spot", model, "--", "calls", "--json")
    for jobs in (2, 3, 20):
        many = run("spot", model, "--", "calls", "--json", "--jobs", jobs)
        assert (many.stdout, many.exit_code) == (one.stdout, 1)
        assert many.stderr.splitlines()[:2] == one.stderr.splitlines()[:2]


def test_paths_come_back_as_given_and_once(calls, model):
    absolute = str(calls / "conf-full.wav")
    args = ["./calls/conf-full.wav", absolute, "calls//", "./calls/conf-full.wav"]
    found = [hit["audio"] for hit in run_json("spot", model, "--", *args, "--json")]
    assert found == [
        "./calls/conf-full.wav",
        absolute,
        *(f"calls//{name}.wav" for name in ("conf-full", "conf-leaderhasleft", "conf-locked")),
    ]


def test_standard_input_is_a_recording(calls, model):
    content = Path("calls/conf-full.wav").read_bytes()
    result = run("spot", model, "--", "-", "calls/conf-locked.wav", "--json", stdin=content)
    found = [json.loads(line)["audio"] for line in result.stdout.splitlines()]
    assert found == ["-", "calls/conf-locked.wav"]
    assert run("identify", model, "-", stdin=content).stdout.splitlines()[1].startswith("-  ")
    assert_refused(run("spot", model, "-", "-q", "--json", stdin=b""), "empty")


def test_a_bad_file_among_many_is_told_and_the_rest_is_done(calls, model):
    (calls / "bad.wav").write_text("not audio")
    (calls / "empty").mkdir()
    result = run("spot", model, "--", "missing.wav", "calls", "calls/empty", "--json")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 3
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert ["missing.wav" in errors[0], "calls/bad.wav" in errors[1], "calls/empty" in errors[2]]
    assert len(errors) == result.stderr.count("hint: ") == 3
    assert result.stderr.splitlines()[-1].startswith("3 detection(s) in 6 recording(s), ")


def test_the_options_reach_the_search(calls, model):
    assert run_json("spot", model, "calls", "--json", "--threshold", "1") == []
    every = run_json("spot", model, "calls", "--json", "--threshold", "0")
    apart = run_json("spot", model, "calls", "--json", "--threshold", "0", "--refractory", "60")
    assert len(every) > len(apart)
    assert len(apart) <= 6


def test_nothing_found_is_no_error(calls, model):
    result = run("spot", model, "calls/dir-nomore.wav", "--json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("0 detection(s) in 1 recording(s), ")
    assert run("spot", model, "calls/dir-nomore.wav", "--format", "csv", "-q").stdout == (
        "audio,keyword,start,end,score\n"
    )


@pytest.mark.parametrize("command", ["spot", "identify"])
@pytest.mark.parametrize(
    "args",
    [
        ["calls"],
        ["MODEL"],
        ["MODEL", "--"],
        ["--", "calls"],
        [],
        ["MODEL", "calls", "--format", "xml"],
        ["MODEL", "calls", "--jobs", "0"],
        ["MODEL", "--", "calls", "--no-such-option"],
    ],
)
def test_what_is_not_understood_is_usage(calls, model, command, args):
    result = run(command, *(str(model) if arg == "MODEL" else arg for arg in args))
    assert result.exit_code == 2, result.stderr
    assert f"Usage: kwspot {command}" in result.stderr
    assert result.stdout == ""


def test_a_damaged_model_is_refused_at_once(calls, model, tmp_path):
    content = model.read_bytes()
    broken = tmp_path / "broken.kws"
    for cut in range(0, len(content), 64 * (len(content) // 2000)):
        broken.write_bytes(content[:cut])
        assert_refused(run("spot", broken, "calls"), "broken.kws")
    for place in range(0, len(content), len(content) // 40):
        flipped = content[place] ^ 0x10
        broken.write_bytes(content[:place] + bytes([flipped]) + content[place + 1 :])
        assert_refused(run("identify", broken, "calls"), "broken.kws")
    assert_refused(run("spot", "none.kws", "calls"), "none.kws")


def test_identify_is_the_contract(calls, model, tmp_path):
    other = tmp_path / "chirp.kws"
    Keyword.from_examples([(chirp(), 16000)] * 2, name="chirp").save(other)
    soundfile.write("new.wav", chirp() / 3, 16000)
    found = run_json("identify", model, other, "--", "new.wav", "calls", "--json")
    assert len(found) == 7
    assert found[0]["audio"] == "new.wav"
    assert [word["keyword"] for word in found[0]["ranking"]] == ["chirp", "conference"]
    for line in found:
        assert list(line) == ["audio", "ranking"]
        scores = [word["score"] for word in line["ranking"]]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
    again = run("identify", model, other, "--", "new.wav", "calls", "--format", "jsonl", "-q")
    assert [json.loads(line) for line in again.stdout.splitlines()] == found
    header, first, *_ = run("identify", model, other, "--", "new.wav").stdout.splitlines()
    assert header.startswith("audio")
    assert first.split()[:2] == ["new.wav", "chirp"]


def test_identify_goes_on_past_a_bad_file(calls, model):
    soundfile.write("calls/bad.wav", chirp()[:0], 16000)
    result = run("identify", model, "--", "calls", "--json", "--jobs", "2")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 6
    assert_refused(result, "calls/bad.wav")
