"""`kwspot export`, and the formats of labels that `kwspot spot` writes."""

import json
import shutil
from pathlib import Path

import pytest
from commands import assert_refused, process, run, run_json

from kwspot.formats import Label, names, parse, read, write


@pytest.fixture(scope="module")
def found(samples, model):
    """What `spot --json` tells of three recordings, one hit in each."""
    result = run("spot", model, "--", *samples["find"], "--json")
    assert len(result.stdout.splitlines()) == 3
    return result.stdout


@pytest.fixture
def detections(found, tmp_path, monkeypatch):
    """A file `found.jsonl` of it in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "found.jsonl").write_text(found)
    return tmp_path / "found.jsonl"


@pytest.mark.parametrize("form", names())
def test_every_format_is_exported(form, detections):
    (told,) = run_json("export", detections, "--to", form, "-o", "out/", "--json")
    assert (told["format"], told["labels"], len(told["files"])) == (form, 3, 3)
    for path, line in zip(told["files"], detections.read_text().splitlines(), strict=True):
        hit = json.loads(line)
        assert Path(path).name.partition(".")[0] == Path(hit["audio"]).stem
        (label,) = read(path)
        assert label.text == hit["keyword"]
        assert abs(label.start - hit["start"]) <= 0.001


@pytest.mark.parametrize("form", names())
def test_spot_writes_every_format(form, samples, model):
    result = run("spot", model, "--", samples["find"][0], "--format", form, "-q")
    assert result.exit_code == 0
    (label,) = parse(result.stdout, form=form)
    assert label.text == "conference"


def test_spot_tells_how_long_the_recording_is_though_nothing_is_found(samples, model):
    args = ("spot", model, "--", samples["reject"][0], "--format", "textgrid", "-q")
    lines = run(*args).stdout.splitlines()
    seconds = run_json("spot", model, "--", samples["reject"][0], "--json")
    assert seconds == []
    assert float(lines[4].split()[2]) > 1


def test_spot_refuses_several_recordings_where_a_file_is_about_one(samples, model):
    result = run("spot", model, "--", *samples["find"], "--format", "textgrid")
    assert result.exit_code == 2
    assert "one recording, and there are 3" in " ".join(result.stderr.split())
    lines = run("spot", model, "--", *samples["find"], "--format", "rttm", "-q").stdout
    assert len(lines.splitlines()) == 3


def test_standard_input_to_standard_output(found):
    result = run("export", "-", "--to", "rttm", stdin=found)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert len(parse(result.stdout)) == 3
    assert_refused(run("export", "-", "--to", "eaf", stdin=found), "one recording, and there are 3")
    assert_refused(run("export", "-", "--to", "eaf", stdin="milk"), "standard input", "no known")


def test_the_length_of_a_recording_is_looked_up(detections, samples):
    first = detections.read_text().splitlines()[0]
    Path("one.jsonl").write_text(first)
    shown = run("export", "one.jsonl", "--to", "jams").stdout
    assert json.loads(shown)["file_metadata"]["duration"] > json.loads(first)["end"]
    Path("one.jsonl").write_text(json.dumps({**json.loads(first), "audio": "gone.wav"}))
    shown = run("export", "one.jsonl", "--to", "jams").stdout
    assert json.loads(shown)["file_metadata"]["duration"] == json.loads(first)["end"]


def test_files_are_kept_or_added_to_unless_forced(detections):
    (one,) = (Path("one.jsonl"),)
    one.write_text(detections.read_text().splitlines()[0])
    for form, name in (("textgrid", "a.TextGrid"), ("csv", "a.csv")):
        assert run("export", one, "--to", form, "-o", name).exit_code == 0
        before = Path(name).read_bytes()
        assert_refused(run("export", one, "--to", form, "-o", name), name)
        assert Path(name).read_bytes() == before
        assert run("export", one, "--to", form, "-o", name, "--force").exit_code == 0
        assert Path(name).read_bytes() == before
    result = run("export", one, "--to", "textgrid", "-o", "a.TextGrid", "--tier", "second")
    assert result.stderr == "wrote 1 label(s) to 1 file(s)\n"
    assert [label.tier for label in read("a.TextGrid")] == ["conference", "second"]
    assert run("export", one, "--to", "csv", "-o", "a.csv", "--force", "-q").stderr == ""


def test_spot_and_export_write_the_same(found, samples, model):
    csv = run("spot", model, "--", *samples["find"], "--format", "csv").stdout
    assert run("export", "-", "--to", "csv", stdin=found).stdout == csv
    assert run("export", "-", "--to", "jsonl", stdin=csv).stdout == found
    help_text = run("export", "--help").stdout + run("spot", "--help").stdout
    assert all(name in help_text for name in names())


def test_standard_output_is_utf_8_whatever_the_terminal(tmp_path):
    write(tmp_path / "a.csv", [Label(0, 1, "späť \N{BIRD}")], form="csv")
    env = {"PYTHONIOENCODING": "ascii"}
    result = process("export", tmp_path / "a.csv", "--to", "audacity", env=env, text=False)
    assert result.stdout.decode("utf-8") == "0.000000\t1.000000\tspäť \N{BIRD}\n"


def test_one_format_becomes_another(detections):
    run("export", detections, "--to", "eaf", "-o", "out/")
    path = next(Path("out").iterdir())
    assert run("export", path, "--to", "textgrid", "-o", "new.TextGrid").exit_code == 0
    assert [(x.text, x.tier) for x in read("new.TextGrid")] == [("conference", "conference")]


def test_recordings_of_one_name_do_not_meet_nor_leave_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hits = [
        {"audio": name, "keyword": "x", "start": 0, "end": 1}
        for name in ("a/x.wav", "b/x.wav", "../../etc/x.wav")
    ]
    Path("found.jsonl").write_text("\n".join(map(json.dumps, hits)))
    (told,) = run_json("export", "found.jsonl", "--to", "audacity", "-o", "out/", "--json")
    assert len(set(told["files"])) == 3
    inside = (tmp_path / "out").resolve()
    assert all(Path(path).resolve().is_relative_to(inside) for path in told["files"])
    shutil.rmtree("out")
    hits = [{**hits[0], "audio": name} for name in ("x.wav", "x.mp3")]
    Path("found.jsonl").write_text("\n".join(map(json.dumps, hits)))
    (told,) = run_json("export", "found.jsonl", "--to", "audacity", "-o", "out/", "--json")
    assert told["files"] == ["out/x.wav.txt", "out/x.mp3.txt"]


def test_what_came_from_standard_input_has_a_name_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, stem in (("-", "stdin"), ("", "found")):
        write("found.csv", [Label(0, 1, "x", recording=name)], form="csv", force=True)
        (told,) = run_json("export", "found.csv", "--to", "audacity", "-o", "out/", "--json")
        assert told["files"] == [f"out/{stem}.txt"]


@pytest.mark.parametrize(
    "args",
    [
        ["found.jsonl"],
        ["--to", "csv"],
        ["found.jsonl", "--to", "xml"],
        ["found.jsonl", "--to", "csv", "--json"],
    ],
)
def test_what_is_not_understood_is_usage(args, detections):
    result = run("export", *args)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_nothing_found_is_exported_as_nothing():
    assert run("export", "-", "--to", "rttm", stdin="").stdout == ""
    assert '"labels"' in run("export", "-", "--to", "textgrid", stdin="\n").stdout


def test_what_is_not_there_is_refused(detections):
    lost = run("export", detections, "--to", "csv", "-o", "no/such.csv")
    assert_refused(lost, "no/such.csv cannot be written")
    assert_refused(run("export", "none.jsonl", "--to", "csv"), "none.jsonl cannot be opened")
    Path("notes.txt").write_text("milk")
    assert_refused(run("export", "notes.txt", "--to", "csv"), "notes.txt is of no known format")
