"""Pictures and players of what was found."""

from __future__ import annotations

import base64
import io
import re
import sys
from html.parser import HTMLParser

import matplotlib as mpl
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from kwspot import Keyword, learn
from kwspot.errors import AudioError, MissingExtra
from kwspot.results import Detection, Detections, Discovery, Occurrence
from kwspot.show import Sound, hear, player, svg, waveform_svg
from kwspot.show.player import ogg
from kwspot.show.spectrogram import spectrogram
from kwspot.show.waveform import envelope

mpl.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

RATE = 16000
NASTY = '<b onclick="x()">&\'.wav'


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    """Give the path of two seconds with a tone from 0.8 to 1.2 s."""
    time = np.arange(2 * RATE) / RATE
    path = tmp_path_factory.mktemp("show") / "tone.wav"
    x = 0.5 * np.sin(2 * np.pi * 1000 * time) * ((time > 0.8) & (time < 1.2))
    soundfile.write(path, x, RATE)
    return str(path)


class _Reader(HTMLParser):
    """Collects what a page holds, and checks that all elements are closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.texts, self.players = [], [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        if tag == "audio":
            self.players.append(dict(attributes))
        if tag not in ("br", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def decoded(attributes):
    kind, content = attributes["src"].split(",")
    assert kind == "data:audio/ogg;base64"
    return soundfile.read(io.BytesIO(base64.b64decode(content)))


@pytest.mark.parametrize("rate", [4000, 8000, 16000, 44100, 250000])
def test_a_player_plays_as_long_as_the_sound(rate):
    sound = Sound(np.zeros(rate, np.float32), rate, 0.0)
    (attributes,) = _Reader(player(sound, label="a")).players
    x, played = decoded(attributes)
    assert len(x) / played == pytest.approx(1.0, abs=1e-3)
    assert 8000 <= played <= 48000


def test_a_player_plays_the_sound():
    x = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
    played, _ = soundfile.read(io.BytesIO(ogg(Sound(x, RATE, 0.0))))
    assert np.corrcoef(x, played)[0, 1] > 0.99


def test_minutes_of_sound_can_be_played():
    # libsndfile crashes when it is given a million samples at once
    assert ogg(Sound(np.zeros(120 * RATE, np.float32), RATE, 0.0))


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=50), st.integers(1, 60))
def test_an_envelope_holds_every_sample_and_no_more(values, columns):
    x = np.array(values, np.float32)
    low, high = envelope(x, columns)
    assert len(low) == len(high) == min(columns, len(x))
    assert (low.min(), high.max()) == (x.min(), x.max())
    owner = np.searchsorted(np.arange(len(low)) * len(x) // len(low), np.arange(len(x)), "right")
    assert (low[owner - 1] <= x).all()
    assert (x <= high[owner - 1]).all()


def test_a_sound_is_cut_and_says_where_it_begins(tone):
    before, after = hear(tone, [(-1, 0.5), (1.5, 9)])
    assert (before.start, before.end, after.start, after.end) == (0.0, 0.5, 1.5, 2.0)
    assert hear("no such file.wav", [(0, 1)]) is None
    assert hear(tone, [(5, 6)]) is None


def test_the_spectrogram_has_the_tone_where_it_is(tone):
    (sound,) = hear(tone, [(0.5, 1.5)])
    levels, hop = spectrogram(sound)
    at = round(0.5 / hop)
    assert levels[:, at].argmax() * RATE / 2 / (len(levels) - 1) == pytest.approx(1000, abs=16)
    assert levels[:, at].max() > -1
    assert levels[:, 5].max() == -70


def an_occurrence(clip):
    return Occurrence(clip, 0.8, 1.2, 0.9)


def a_detection(recording):
    return Detection("x", 0.8, 1.2, 0.9, recording)


@pytest.mark.parametrize("kind", ["waveform", "spectrogram"])
@pytest.mark.parametrize("one", [an_occurrence, a_detection])
def test_a_place_is_drawn_with_its_sound(tone, kind, one):
    ax = one(tone).plot(kind=kind)
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_ylabel() in ("amplitude (of the loudest)", "frequency (Hz)")
    assert ax.get_xlim() == pytest.approx((0.3, 1.7), abs=0.01)
    assert "tone.wav, 0.80 to 1.20 s, score 0.90" in ax.get_title()
    ax.figure.canvas.draw()
    mine = plt.figure().subplots()
    assert one(tone).plot(mine, kind=kind) is mine


def test_samples_that_were_never_a_file_can_be_given():
    x = np.random.default_rng(0).normal(size=RATE)
    place = Occurrence("clip 1", 0.2, 0.5, 0.9)
    ax = place.plot(kind="spectrogram", recordings={"clip 1": (x, RATE)})
    assert ax.get_xlim()[1] == pytest.approx(1.0, abs=0.01)
    with pytest.raises(AudioError, match="clip 1 cannot be read") as caught:
        place.plot(kind="spectrogram")
    assert "recordings=" in caught.value.hint
    with pytest.raises(ValueError, match="kind"):
        place.plot(kind="colour")


def test_places_are_drawn_when_the_sound_is_gone():
    places = Occurrence("gone.wav", 0.2, 0.5, 0.9), Occurrence("lost.wav", 1.0, 1.5, 0.2, False)
    assert places[0].plot().get_xlim() == (0.0, 1.0)
    ax = Discovery(places, 0.5, "consensus", "cepstra").plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["gone.wav", "lost.wav"]
    solid, dashed = ax.collections
    assert solid.get_edgecolor().tolist() != dashed.get_edgecolor().tolist()
    assert [text.get_text() for text in ax.texts] == ["0.90", "0.20?"]


def test_detections_are_drawn_by_score_or_in_their_recording(tone):
    items = Detection("yes", 0.8, 1.2, 0.9), Detection("no", 1.5, 1.7, 0.4)
    found = Detections(tone, 2.0, items)
    bars = found.plot()
    tops = [max(shape.get_paths()[0].vertices[:, 1]) for shape in bars.collections]
    assert tops == [0.9, 0.4]
    assert [text.get_text() for text in bars.get_legend().get_texts()] == ["yes", "no"]
    assert len({tuple(shape.get_facecolor()[0]) for shape in bars.collections}) == 2
    for kind in ("waveform", "spectrogram"):
        ax = found.plot(kind=kind)
        assert ax.get_xlim() == (0.0, 2.0)
        assert len(ax.patches) == 2
    assert not Detections(tone, 2.0, ()).plot().collections


def test_detections_know_their_recording(tone):
    found = Detections(tone, 2.0, (Detection("yes", 0.8, 1.2, 0.9),))
    assert found.items[0].recording == tone
    assert found.items[0] == Detection("yes", 0.8, 1.2, 0.9)
    assert "recording" not in found.items[0].row()


def test_html_plays_each_place_with_its_context(tone):
    found = Detections(tone, 2.0, (Detection("yes", 0.8, 1.2, 0.9),))
    page = _Reader(found._repr_html_())
    x, rate = decoded(page.players[0])
    assert len(x) / rate == pytest.approx(0.9, abs=1e-3)
    assert page.players[0]["aria-label"] == "play yes in tone.wav, 0.80 to 1.20 s"
    assert "0.90" in page.texts
    assert not _Reader(Detection("yes", 0.8, 1.2, 0.9)._repr_html_()).players


def test_html_escapes_and_does_without_the_sound():
    doubtful = Occurrence(NASTY, 0.0, 0.5, 0.2, present=False)
    page = _Reader(Discovery((doubtful,), 0.5, NASTY, "cepstra")._repr_html_())
    assert "b" not in page.open
    assert NASTY in page.texts
    assert "0.20 (doubtful: best guess)" in page.texts
    assert not page.players


def test_html_of_many_stays_small():
    items = tuple(Detection("yes", i, i + 0.5, 0.9) for i in range(1000))
    html = Detections("gone.wav", 2000.0, items)._repr_html_()
    assert html.count("<tr>") == 31
    assert "and 970 more" in html


def test_a_keyword_shows_and_plays_its_examples(samples):
    keyword = learn(samples["learn"], name="<conference>")
    page = _Reader(keyword._repr_html_())
    assert len(page.players) == len(keyword.examples)
    assert "Keyword '<conference>'" in page.texts
    ax = keyword.plot()
    assert len(ax.get_yticklabels()) == len(samples["learn"])
    keyword = Keyword.from_examples([(np.random.default_rng(0).normal(size=8000), RATE)] * 2)
    assert not _Reader(keyword._repr_html_()).players


def test_a_waveform_is_svg_that_follows_the_text_colour():
    sound = Sound(np.random.default_rng(0).normal(size=8000).astype(np.float32), 8000, 3.0)
    picture = waveform_svg(sound, [(3.25, 3.5, True), (3.6, 9.0, False)], label='"<x>"')
    assert "currentColor" in picture
    assert picture.count("stroke-dasharray") == 1
    assert 'aria-label="&quot;&lt;x&gt;&quot;"' in picture
    marks = re.findall(r'<rect x="([\d.]+)" y=".5" width="([\d.]+)"', picture)
    left, right = ([float(number) for number in mark] for mark in marks)
    assert left == [60.0, 60.0]
    assert sum(right) == pytest.approx(240.0)
    assert len(picture) < 8000


def test_a_figure_becomes_svg_and_leaves_the_style_alone():
    before = dict(mpl.rcParams)
    found = Detections("a.wav", 2.0, (Detection("yes", 0.8, 1.2, 0.9),))
    text = svg(found.plot, label="a & b")
    assert text == svg(found.plot, label="a & b")
    assert dict(mpl.rcParams) == before
    assert not plt.get_fignums()
    assert text.startswith('<svg role="img" aria-label="a &amp; b"')
    assert "currentColor" in text
    assert "#010203" not in text
    assert ">time (s)</text>" in text


def test_without_matplotlib_plots_name_the_extra_and_html_has_figures(monkeypatch, tone):
    for module in ("matplotlib", "matplotlib.pyplot", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, module, None)
    place = Occurrence(tone, 0.8, 1.2, 0.9)
    with pytest.raises(MissingExtra) as caught:
        place.plot()
    assert caught.value.hint == "pip install 'kwspot[plot]'"
    assert _Reader(place._repr_html_()).players
