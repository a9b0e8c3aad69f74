"""`kwspot evaluate`."""

import json

import numpy as np
import pytest
import soundfile
from commands import assert_refused, run, run_json

from kwspot import Keyword


def noise(seed):
    return np.random.default_rng(seed).normal(size=8000).astype(np.float32) / 8


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with two models, a folder per word, and a truth table; the current one."""
    monkeypatch.chdir(tmp_path)
    rows = ["path,start,end,word"]
    for i, word in enumerate(("yes", "no")):
        Keyword.from_examples([(noise(i), 16000)] * 2, front_end="cepstra", name=word).save(
            f"{word}.kws"
        )
        (tmp_path / "words" / word).mkdir(parents=True)
        silence = np.zeros(8000, np.float32)
        x = np.concatenate([silence, noise(i), silence])
        soundfile.write(tmp_path / "words" / word / "a.wav", x, 16000)
        rows.append(f"words/{word}/a.wav,0.5,1.0,{word}")
    (tmp_path / "truth.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_spotting_by_a_table(folder):
    (found,) = run_json("evaluate", "yes.kws", "no.kws", "--truth", "truth.csv", "--json")
    assert found["format"] == "kwspot.evaluation/1"
    assert found["task"] == "spotting"
    assert {one["name"]: one["value"] for one in found["measures"]["all"]}["recall"] == 1
    assert found["confusion"] is None


def test_identification_by_a_folder(folder):
    (found,) = run_json("evaluate", "yes.kws", "no.kws", "--folder", "words", "--json")
    assert found["task"] == "identification"
    assert found["confusion"] == {"no": {"no": 1, "yes": 0}, "yes": {"no": 0, "yes": 1}}


def test_the_table_is_data_and_the_rest_are_words(folder):
    result = run("evaluate", "yes.kws", "no.kws", "--folder", "words")
    assert result.exit_code == 0
    header, first, *_ = result.stdout.splitlines()
    assert header == "keyword  measure                     value  95 % interval"
    assert first == "all      accuracy                    1.000  1.000 to 1.000"
    assert result.stdout.splitlines()[-3:] == [
        "true word  no  yes",
        "no          1    0",
        "yes         0    1",
    ]
    assert result.stderr.startswith("identification in 2 recording(s), 0.1 min; intervals over 2")
    quiet = run("evaluate", "yes.kws", "no.kws", "--truth", "truth.csv", "-q")
    assert quiet.stderr.startswith("warning: rates per hour are rough")
    assert "true word" not in quiet.stdout
    assert "recall" in quiet.stdout


def test_a_plot_is_drawn_when_asked(folder):
    run_json("evaluate", "yes.kws", "--folder", "words", "--plot", "curves.png", "--json")
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_mistakes_are_told(folder):
    assert_refused(run("evaluate", "yes.kws", "--truth", "none.csv"), "none.csv")
    assert_refused(run("evaluate", "none.kws", "--truth", "truth.csv"), "none.kws")
    for args in (
        ["yes.kws"],
        ["yes.kws", "--truth", "truth.csv", "--folder", "words"],
        ["yes.kws", "yes.kws", "--folder", "words"],
        ["--folder", "words"],
    ):
        result = run("evaluate", *args)
        assert result.exit_code == 2, result.stderr
        assert "Usage: kwspot evaluate" in result.stderr


def test_what_json_prints_is_what_the_library_reads(folder):
    from kwspot import Evaluation

    text = run("evaluate", "yes.kws", "--folder", "words", "--json", "-q").stdout
    assert json.loads(Evaluation.from_json(text).to_json()) == json.loads(text)
