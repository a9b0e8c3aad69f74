"""`kwspot clips` and the cutting under it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from commands import assert_refused, run, run_json
from hypothesis import given
from hypothesis import strategies as st
from recordings import chirp

from kwspot import audio
from kwspot.errors import AudioError
from kwspot.formats import Label, write

RATE = 44100


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Two stereo recordings of 3 s and `found.jsonl` with three hits, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "b.flac"):
        soundfile.write(name, np.stack([chirp(3.0, RATE), -chirp(3.0, RATE)], axis=1), RATE)
    labels = [
        Label(1.0, 1.5, "hey you", 0.93, "", "a.wav"),
        Label(2.75, 3.0, "../späť", 0.5, "", "a.wav"),
        Label(0.25, 0.5, "hey you", 0.8, "", "b.flac"),
    ]
    write("found.jsonl", labels, form="jsonl")
    return labels


NAMES = [
    "hits/a_00h00m01.000s_hey_you_0.93.wav",
    "hits/a_00h00m02.750s_späť_0.50.wav",
    "hits/b_00h00m00.250s_hey_you_0.80.wav",
]


def test_each_hit_is_a_file_as_it_was_recorded(found):
    result = run("clips", "found.jsonl", "-o", "hits", "--context", 0.125)
    assert result.stdout.splitlines() == NAMES
    assert result.stderr == "wrote 3 clip(s) from 2 recording(s)\n"
    assert sorted(map(str, Path("hits").iterdir())) == NAMES
    whole, _ = soundfile.read("a.wav")
    for name, (start, end) in zip(
        NAMES, [(0.875, 1.625), (2.625, 3.0), (0.125, 0.625)], strict=True
    ):
        samples, rate = soundfile.read(name)
        assert (rate, samples.shape[1]) == (RATE, 2)
        expected = whole[round(start * RATE) : round(end * RATE)]
        np.testing.assert_allclose(samples, expected, atol=2 / 32768)


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg"])
def test_kinds_of_audio_and_json(found, kind):
    (told,) = run_json("clips", "found.jsonl", "-o", "hits", "--format", kind, "--json")
    assert [one["clip"] for one in told["clips"]] == [n.replace(".wav", f".{kind}") for n in NAMES]
    for one, label in zip(told["clips"], found, strict=True):
        assert soundfile.info(one["clip"]).format == kind.upper()
        assert (one["audio"], one["keyword"], one["score"]) == (
            label.recording,
            label.text,
            label.score,
        )


def test_nothing_is_replaced_unless_forced(found):
    Path("hits").mkdir()
    Path(NAMES[2]).write_text("mine")
    assert_refused(run("clips", "found.jsonl", "-o", "hits"), NAMES[2], "exists")
    assert [str(path) for path in Path("hits").iterdir()] == [NAMES[2]]
    assert run("clips", "found.jsonl", "-o", "hits", "--force").exit_code == 0
    assert soundfile.info(NAMES[2]).duration == pytest.approx(1.0)


def test_a_recording_that_is_gone_is_told_and_the_rest_is_done(found):
    Path("a.wav").unlink()
    result = run("clips", "found.jsonl", "-o", "hits")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: found.jsonl: the recording 'a.wav' is not there\n")
    assert result.stdout.splitlines() == NAMES[2:]


def test_labels_beside_their_recording(found):
    write("a.TextGrid", [Label(1.0, 1.5, "x"), Label(2.0, 2.5, "x")], form="textgrid")
    assert run("clips", "a.TextGrid", "-o", "hits").exit_code == 0
    assert len(list(Path("hits").iterdir())) == 2
    shutil.move("a.TextGrid", "c.TextGrid")
    assert run("clips", "c.TextGrid", "-o", "hits", "--audio", "a.wav").exit_code == 0
    assert run("clips", "c.TextGrid", "-o", "other").exit_code == 1


def test_hits_at_one_place_have_names_of_their_own(found):
    labels = [Label(1.0, 1.5, "x", recording="a.wav"), Label(1.0, 2.0, "x", recording="a.wav")]
    write("two.jsonl", labels, form="jsonl")
    assert run("clips", "two.jsonl", "-o", "hits").stdout.splitlines() == [
        "hits/a_00h00m01.000s_x.wav",
        "hits/a_00h00m01.000s_x_2.wav",
    ]


def test_recordings_of_one_name_go_to_folders_of_their_own(found):
    for folder in ("x", "y"):
        Path(folder).mkdir()
        shutil.copy("a.wav", folder)
    hits = [{"audio": f"{f}/a.wav", "keyword": "..", "start": 59.9996, "end": 60} for f in "xy"]
    Path("many.jsonl").write_text("\n".join(map(json.dumps, hits)))
    result = run("clips", "many.jsonl", "-o", "hits")
    assert result.exit_code == 1
    assert "x/a.wav has 3.00 s, and nothing at 59.50 to 60.50 s" in result.stderr
    hits = [{**hit, "start": 0, "end": 1} for hit in hits]
    Path("many.jsonl").write_text("\n".join(map(json.dumps, hits)))
    assert run("clips", "many.jsonl", "-o", "hits").stdout.splitlines() == [
        "hits/x/a_00h00m00.000s_keyword.wav",
        "hits/y/a_00h00m00.000s_keyword.wav",
    ]


def test_no_hits_are_no_error(found):
    result = run("clips", "-", "-o", "hits", stdin='{"keyword": "x", ')
    assert_refused(result, "standard input, line 1: expected a JSON object")
    empty = Path("none.csv")
    empty.write_text("audio,keyword,start,end,score\n")
    result = run("clips", empty, "-o", "hits")
    assert (result.exit_code, result.stdout) == (0, "")
    assert not Path("hits").exists()


@given(
    spans=st.lists(
        st.tuples(st.integers(0, 90_000), st.integers(1, 90_000)), min_size=1, max_size=6
    )
)
def test_pieces_equal_slices(spans):
    samples = np.arange(100_000, dtype=np.float32)
    rate = 8000
    pieces, found = audio.cut(
        (samples, rate), [(first / rate, (first + length) / rate) for first, length in spans]
    )
    assert found == rate
    for piece, (first, length) in zip(pieces, spans, strict=True):
        np.testing.assert_array_equal(piece[:, 0], samples[first : first + length])


def test_a_damaged_recording_gives_what_can_be_read(tmp_path):
    path = tmp_path / "a.flac"
    rng = np.random.default_rng(0)
    soundfile.write(path, rng.uniform(-0.5, 0.5, 32000), 16000)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    (piece,), rate = audio.cut(path, [(0.0, 0.25)])
    assert (len(piece), rate) == (4000, 16000)
    with pytest.raises(AudioError, match=r"and nothing at 1\.90 to"):
        audio.cut(path, [(0.0, 0.25), (1.9, 1.95)])
