"""Evaluations: right by construction, and the same after a round trip through JSON."""

import csv
import shutil

import numpy as np
import pytest
import soundfile
from speech import digit, needs_speech

import kwspot
from kwspot.errors import AudioError, DoubtfulResult
from kwspot.evaluation import Evaluation, read_folder, read_truth
from kwspot.evaluation.truth import TruthError
from kwspot.keyword import Keyword

pytestmark = pytest.mark.filterwarnings("ignore::kwspot.errors.DoubtfulResult")


def noise(seed, n=8000):
    return np.random.default_rng(seed).normal(size=n).astype(np.float32) / 8


@pytest.fixture(scope="module")
def words():
    """Two keywords that are noises: each found for certain."""
    return [
        Keyword.from_examples([(noise(i), 16000)] * 2, front_end="cepstra", name=f"w{i}")
        for i in range(2)
    ]


@pytest.fixture
def table(tmp_path):
    """Write a truth file for recordings with words at known places."""

    def write(rows, header="path,start,end,word,speaker"):
        for name, *_ in rows:
            parts = [np.zeros(8000, np.float32)]
            for _, start, end, word, *_ in [row for row in rows if row[0] == name and row[3]]:
                parts += [noise(int(word[1])), np.zeros(8000, np.float32)]
                assert (start, end) == (pytest.approx(len(parts) // 2 - 0.5), pytest.approx(end))
            soundfile.write(tmp_path / name, np.concatenate(parts), 16000)
        path = tmp_path / "truth.csv"
        lines = [header, *(",".join(map(str, row)) for row in rows)]
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def values(found, keyword="all"):
    return {one.name: one.value for one in found.measures[keyword]}


def test_what_is_found_where_it_is_counts_as_found(words, table):
    path = table([("a.wav", 0.5, 1.0, "w0", "x"), ("b.wav", 0.5, 1.0, "w1", "y")])
    found = kwspot.evaluate(words, read_truth(path))
    assert (found.task, found.recordings, found.seconds) == ("spotting", 2, 3.0)
    assert (found.groups, found.grouped_by) == (2, "speaker")
    assert list(found.measures) == ["all", "w0", "w1"]
    for some in found.measures.values():
        for one in some:
            perfect = 0.0 if "alarm" in one.name else 1.0
            assert (one.value, one.low, one.high) == (perfect, *[perfect] * 2), one
    assert found["recall"].value == 1
    assert found.confusion is None
    with pytest.raises(KeyError):
        found["taste"]


def test_misses_and_false_alarms_are_counted(words, table):
    # of w0, one of three is in truth another sound; w1 is never said, but found where w0 is meant
    rows = [
        ("a.wav", 0.5, 1.0, "w0", ""),
        ("a.wav", 1.5, 2.0, "w1", ""),
        ("b.wav", 0.5, 1.0, "w0", ""),
        ("c.wav", "", "", "", ""),
    ]
    path = table(rows)
    text = path.read_text().replace("a.wav,1.5,2.0,w1", "a.wav,1.5,2.0,w0")
    path.write_text(text)
    found = kwspot.evaluate(words, read_truth(path))
    assert found.grouped_by == "recording"
    assert found.seconds == pytest.approx(2.5 + 1.5 + 0.5)
    assert values(found, "w0")["recall"] == pytest.approx(2 / 3)
    assert values(found, "w0")["precision"] == 1
    assert values(found, "w1")["precision"] == 0
    assert values(found, "w1")["recall"] is None
    assert values(found)["false alarms per hour"] == pytest.approx(1 / (4.5 / 3600))
    assert values(found)["precision"] == values(found)["recall"] == pytest.approx(2 / 3)
    # the bin of the surest scores holds two that are right and one that is not
    (surest,) = [row for row in found.reliability if row[0] > 0.9]
    assert surest[1:] == (pytest.approx(2 / 3), 3)


def test_an_evaluation_is_the_same_after_a_round_trip(words, table):
    path = table([("a.wav", 0.5, 1.0, "w0", "x"), ("b.wav", 0.5, 1.0, "w1", "y")])
    found = kwspot.evaluate(words, read_truth(path))
    assert Evaluation.from_json(found.to_json()) == found
    assert kwspot.evaluate(words, read_truth(path)) == found
    with pytest.raises(ValueError, match="evaluation/1"):
        Evaluation.from_json('{"format": "kwspot.ranking/1"}')


def test_too_little_audio_for_rates_is_told(words, table):
    path = table([("a.wav", 0.5, 1.0, "w0", "")])
    with pytest.warns(DoubtfulResult, match="rates per hour are rough"):
        found = kwspot.evaluate(words[:1], read_truth(path))
    assert list(found.measures) == ["all"]
    assert found["recall"].low is None


def test_a_folder_per_word_is_identified(words, tmp_path):
    for word, seed in (("w0", 0), ("w1", 1), ("other", 2)):
        (tmp_path / word).mkdir()
        for take in range(2):
            x = np.concatenate([np.zeros(2000 * take, np.float32), noise(seed)])
            soundfile.write(tmp_path / word / f"{take}.wav", x, 16000)
    shutil.copy(tmp_path / "w0" / "0.wav", tmp_path / "w1" / "lie.wav")
    found = kwspot.evaluate(words, read_folder(tmp_path))
    assert (found.task, found.recordings) == ("identification", 7)
    assert found["accuracy"].value == pytest.approx(4 / 5)
    assert found.confusion == {"w0": {"w0": 2, "w1": 0}, "w1": {"w0": 1, "w1": 2}}
    assert values(found, "w0")["accuracy"] == 1
    # one of five is missed whatever the threshold, or accepted as what it is not
    assert 0 < found["equal error rate"].value < 0.3
    assert Evaluation.from_json(found.to_json()) == found


def test_words_of_one_kind_have_no_error_rates(words, tmp_path):
    (tmp_path / "w0").mkdir()
    soundfile.write(tmp_path / "w0" / "a.wav", noise(0), 16000)
    found = kwspot.evaluate(words[:1], read_folder(tmp_path))
    assert found["accuracy"].value == 1
    assert found["equal error rate"].value is None
    assert found.curve.threshold == ()


@needs_speech
def test_digits_by_table(tmp_path):
    keywords = [
        Keyword.from_examples([digit(i, "theo", take) for take in range(5)], name=str(i))
        for i in range(2)
    ]
    rows = [
        (digit(i, speaker, take), i, speaker)
        for i in range(3)
        for speaker in ("theo", "jackson")
        for take in (20, 21)
    ]
    with (tmp_path / "truth.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "word", "speaker"), *rows])
    found = kwspot.evaluate(keywords, read_truth(tmp_path / "truth.csv"))
    assert (found.task, found.groups, found.grouped_by) == ("identification", 2, "speaker")
    assert found["accuracy"].value >= 0.75
    assert sum(sum(row.values()) for row in found.confusion.values()) == 8
    assert set(found.confusion) == {"0", "1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rows"),
        ("path,start,end,word\n", "no rows"),
        ("file,word\na.wav,w0\n", "lacks the column path"),
        ("path,start,word\na.wav,0,w0\n", "lacks the column end"),
        ("path,start,end,word\na.wav,1,0.5,w0\n", "line 2: 'w0' goes from 1 to 0.5 s"),
        ("path,start,end,word\na.wav,-1,0.5,w0\n", "goes from -1"),
        ("path,start,end,word\na.wav,0,nan,w0\n", "goes from 0 to nan"),
        ("path,start,end,word\na.wav,0,one,w0\n", "'one' is no number"),
        ("path,start,end,word\na.wav,0,,w0\n", "line 2: end is empty"),
        ("path,word\n,w0\n", "path is empty"),
        ("path,word\na.wav,\n", "knows? w0"),
        ("path,word\na.wav,w7\n", "the truth has none of these words"),
    ],
)
def test_a_table_that_makes_no_sense_is_told(text, words, tmp_path, request):
    (tmp_path / "truth.csv").write_text(text)
    keyword = Keyword.from_examples([(noise(0), 16000)], front_end="cepstra", name="w0")
    with pytest.raises(TruthError, match=words) as caught:
        kwspot.evaluate([keyword], read_truth(tmp_path / "truth.csv"))
    assert caught.value.hint


def test_what_cannot_be_read_is_told(words, tmp_path):
    with pytest.raises(TruthError, match="cannot be opened"):
        read_truth(tmp_path / "none.csv")
    (tmp_path / "odd.csv").write_bytes(b"path,word\n\xff\xfe,a\n")
    with pytest.raises(TruthError, match="UTF-8"):
        read_truth(tmp_path / "odd.csv")
    with pytest.raises(TruthError, match="no folder"):
        read_folder(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TruthError, match="holds no folders"):
        read_folder(tmp_path / "empty")
    (tmp_path / "truth.csv").write_text("path,word\nnone.wav,w0\n")
    with pytest.raises(AudioError, match=r"none\.wav"):
        kwspot.evaluate(words, read_truth(tmp_path / "truth.csv"))


def test_a_mistake_in_a_program_is_told(words, table):
    truth = read_truth(table([("a.wav", 0.5, 1.0, "w0", "")]))
    with pytest.raises(ValueError, match="different names"):
        kwspot.evaluate([], truth)
    with pytest.raises(ValueError, match="different names"):
        kwspot.evaluate([words[0]] * 2, truth)
    with pytest.raises(ValueError, match="min_iou"):
        kwspot.evaluate(words, truth, min_iou=2)


def test_a_plot_is_a_png_and_is_written_at_once(words, table, tmp_path):
    found = kwspot.evaluate(words, read_truth(table([("a.wav", 0.5, 1.0, "w0", "")])))
    found.save_plot(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(kwspot.KwspotError, match="cannot be written"):
        found.save_plot(tmp_path / "no" / "curves.png")


def test_a_plot_without_matplotlib_names_the_extra(words, table, tmp_path, monkeypatch):
    found = kwspot.evaluate(words, read_truth(table([("a.wav", 0.5, 1.0, "w0", "")])))
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(kwspot.KwspotError) as caught:
        found.save_plot(tmp_path / "curves.png")
    assert "kwspot[plot]" in caught.value.hint
