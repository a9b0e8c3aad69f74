"""Reports without a browser: what stands in the page, how large it is, and what is refused."""

import base64
import io
import json
import re

import matplotlib.image
import numpy as np
import pytest
import soundfile
from commands import assert_refused, run
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from recordings import chirp

import kwspot
from kwspot import Keyword
from kwspot.audio import digest
from kwspot.errors import AudioError
from kwspot.evaluation import read_truth
from kwspot.report import (
    Item,
    Report,
    describe_detections,
    describe_evaluation,
    describe_hits,
    describe_keyword,
    find_mistakes,
)
from kwspot.report.picture import clock
from kwspot.report.png import png


def data(html):
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])


def sounds(html):
    """The sounds that a page carries."""
    for content in re.findall(r'src="data:audio/ogg;base64,([^"]+)"', html):
        yield soundfile.read(io.BytesIO(base64.b64decode(content)))


def test_a_page_carries_all_it_needs(samples, model):
    html = describe_keyword(Keyword.load(model)).html()
    assert len(html) < 3e6
    for address in re.findall(r'(?:src|href)="([^"]*)"', html):
        assert address.startswith(("data:", "#"))
    assert "url(" not in html
    assert "http" not in html.replace("http-equiv", "")
    assert data(html)["review"]["format"] == "kwspot.review/1"
    for place, (sound, rate) in zip(data(html)["places"], sounds(html), strict=True):
        assert rate == 16000
        assert place["from"] <= place["start"] < place["end"] <= place["until"]
        assert len(sound) / rate == pytest.approx(place["until"] - place["from"], abs=1e-3)
        assert place["digest"] == digest(place["recording"])


def test_five_long_clips_stay_below_three_megabytes():
    noise = np.random.default_rng(0).normal(size=(60 * 16000)).astype(np.float32) / 10
    items = [Item(f"{i}.wav", (noise, 16000), "x", 30, 31, 0.9) for i in range(5)]
    html = Report("Learned keyword", "x", "", tuple(items), context=5.0, review="learn").html()
    assert 3e5 < len(html) < 3e6


def test_the_sound_is_that_around_the_place():
    silence = np.zeros(16000, np.float32)
    talk = np.concatenate([silence, chirp(), silence])
    stereo = np.repeat(np.stack([talk, 0 * talk], axis=1), 3, axis=0)  # at 48 kHz
    html = Report("", "", "", (Item("a", (stereo, 48000), "x", 1, 2),), context=0.5).html()
    ((sound, rate),) = sounds(html)
    assert len(sound) == 2 * rate
    loud = np.abs(sound) > 0.05
    assert loud.argmax() / rate == pytest.approx(0.5, abs=0.02)
    assert loud[::-1].argmax() / rate == pytest.approx(0.5, abs=0.02)


def test_places_of_one_recording_keep_their_order():
    x = np.concatenate([np.full(16000, level, np.float32) for level in (0.1, 0.2, 0.3)])
    spans = [(2.2, 2.8), (0.2, 0.8), (1.2, 1.8)]
    items = [Item("a", (x, 16000), "x", *span) for span in spans]
    html = Report("", "", "", tuple(items), context=0).html()
    levels = [np.median(sound) for sound, _ in sounds(html)]
    assert levels == pytest.approx([0.3, 0.1, 0.2], abs=0.03)


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.integers(0, 15)))
def test_pictures_are_read_back(levels):
    read = matplotlib.image.imread(io.BytesIO(png(levels)))
    assert not read[:, :, :3].any()
    np.testing.assert_array_equal(np.rint(15 * read[:, :, 3]), levels)


@given(st.floats(0, 1e5))
def test_clocks_tell_the_time(time):
    seconds = 0.0
    for part in clock(time).split(":"):
        seconds = 60 * seconds + float(part)
    assert seconds == pytest.approx(time, abs=6e-4)


def test_doubts_are_told(samples, model):
    keyword = Keyword.load(model)
    first = keyword.occurrences[0]
    places = [type(first)(first.clip, first.start, first.end, score, present)
              for score, present in [(0.9, True), (0.4, True), (0.9, False)]]  # fmt: skip
    report = describe_keyword(keyword, places=places)
    assert [item.mark for item in report.items] == ["", "doubtful", "doubtful"]
    assert "does not seem to be here" in report.items[2].doubts[0]
    html = report.html()
    assert html.count("badge doubt") == 2
    assert [place["present"] for place in data(html)["places"]] == [True, True, False]


def test_of_many_places_the_surest_are_shown():
    hits = [kwspot.Detection("x", i, i + 0.5, score) for i, score in enumerate([0.9, 0.6, 0.8])]
    report = describe_detections([kwspot.Detections("a.wav", 9.0, tuple(hits))], most=2)
    assert [item.start for item in report.items] == [0, 2]
    assert report.heading == "2 of 3 places, the surest"
    assert report.lead == "3 places in 1 of 1 recording, 9 s."
    with pytest.raises(ValueError, match="most must be above 0"):
        describe_detections([], most=0)


def test_hits_of_a_search_are_judged_too(samples):
    path = samples["find"][0]
    hits = [kwspot.Detection("a", 0.4, 0.8, 0.9, path), kwspot.Detection("b", 0.4, 0.8, 0.5, path)]
    hits.append(kwspot.Detection("a", 0.4, 0.8, 0.4, "gone.wav"))
    report = describe_hits(hits, hours=0.5)
    assert report.lead == "3 places, 0.5 h searched."
    assert [(item.word, item.mark) for item in report.items] == [("a", ""), ("b", "doubtful")]
    assert report.heading == "2 of 3 places, the surest"
    found = data(report.html())
    assert found["review"]["about"] == "search"
    assert found["file"] == "a_b.review.json"


def test_nothing_found_is_a_page_too():
    nothing = [kwspot.Detections("<a>.wav", 9.0, ()), kwspot.Detections("b.wav", 99.0, ())]
    html = describe_detections(nothing).html()
    assert "0 places in 0 of 2 recordings, 1:48." in html
    assert "&lt;a&gt;.wav" in html
    assert "<a>.wav" not in html
    assert "<audio" not in html


def test_mistakes_of_spotting(samples, model, tmp_path):
    rows = [f"{samples['find'][0]},,,", f"{samples['reject'][0]},0.2,0.9,conference"]
    (tmp_path / "truth.csv").write_text("\n".join(["path,start,end,word", *rows]) + "\n")
    truth, done = read_truth(tmp_path / "truth.csv"), []
    mistakes = find_mistakes([Keyword.load(model)], truth, progress=done.append)
    assert [(item.mark, item.recording) for item in mistakes] == [
        ("false alarm", samples["find"][0]),
        ("missed", samples["reject"][0]),
    ]
    assert done == [0.5, 1]


def test_mistakes_of_identification(samples, model, tmp_path):
    keyword = Keyword.load(model)
    other = kwspot.Keyword.from_examples(samples["reject"][:2], name="other")
    rows = [f"{samples['reject'][0]},conference", f"{samples['reject'][1]},something"]
    (tmp_path / "truth.csv").write_text("\n".join(["path,word", *rows]) + "\n")
    truth = read_truth(tmp_path / "truth.csv")
    (mistake,) = find_mistakes([keyword, other], truth)
    assert mistake.doubts == ("\u201cconference\u201d was taken for \u201cother\u201d.",)
    page = describe_evaluation(kwspot.evaluate([keyword, other], truth), [mistake]).html()
    assert "True words, and what they were taken for" in page
    assert "false accepts (%)" in page
    assert data(page)["review"] is None


def test_a_recording_that_is_gone_is_told(model, tmp_path):
    item = Item(str(tmp_path / "gone.wav"), str(tmp_path / "gone.wav"), "x", 0, 1)
    with pytest.raises(AudioError, match="does not exist"):
        Report("", "", "", (item,)).save(tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()


def test_commands_refuse_what_they_cannot_write(samples, model, tmp_path):
    (tmp_path / "song.wav").write_bytes(b"mine")
    for path, words in [
        (tmp_path, "is a folder"),
        (tmp_path / "song.wav", "exists, and is no page"),
        (tmp_path / "none" / "x.html", "there is no folder"),
    ]:
        result = run("spot", model, "--", *samples["find"], "--report", path)
        assert_refused(result, words)
    result = run("spot", model, "--", "-", "--report", tmp_path / "x.html", stdin=b"")
    assert result.exit_code == 2
    assert "--report needs files" in result.stderr
    result = run("evaluate", model, "--folder", tmp_path, "--report", tmp_path)
    assert_refused(result, "is a folder")
