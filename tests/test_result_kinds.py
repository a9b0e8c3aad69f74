"""What every kind of answer can do: be drawn, be shown, and be JSON."""

from __future__ import annotations

import importlib
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text
from pictures import GOLDEN, PICTURES, render, waveforms
from result_sample import PLACES, a_matrix, a_pattern, an_evaluation, results

from kwspot.base import Result
from kwspot.discover import candidates, discover
from kwspot.discover.extract import Pattern, Shape, extract, features
from kwspot.evaluation import Curve, Evaluation

mpl.use("Agg")

ROOMS = (
    "kwspot",
    "kwspot.discover",
    "kwspot.discover.extract",
    "kwspot.discover.terms",
    "kwspot.evaluation",
    "kwspot.match",
)
# Public classes that answer nothing: what is given, what works, what goes wrong, parts of answers.
NO_RESULTS = {
    "Archive",
    "Bounds",
    "Calibration",
    "Clip",
    "DoubtfulResult",
    "Instance",
    "KwspotError",
    "Method",
    "Shape",
    "Spotter",
    "TemplateBank",
    "TrueRecording",
    "TrueWord",
    "Truth",
    "Word",
}
# Mean difference in 255 steps. matplotlib 3.9 and 3.10 differ from 3.11 by 3.5 at most; a place
# that ends a tenth of a second later differs by 12.5.
TOLERANCE = 5.0
RESULTS = results()
NAMES = [f"{type(one).__name__}-{number}" for number, one in enumerate(RESULTS)]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def public_classes():
    for room in map(importlib.import_module, ROOMS):
        for name in room.__all__:
            if isinstance(getattr(room, name), type):
                yield getattr(room, name)


def test_every_kind_of_answer_is_tried_here():
    kinds = {kind for kind in public_classes() if kind.__name__ not in NO_RESULTS}
    assert kinds == {type(one) for one in RESULTS}
    assert all(issubclass(kind, Result) for kind in kinds)
    formats = [kind.FORMAT for kind in kinds]
    assert len(set(formats)) == len(formats)


@pytest.mark.parametrize("one", RESULTS, ids=NAMES)
def test_json_and_back(one):
    text = one.to_json()
    again = type(one).from_json(text)
    assert again.to_json() == text
    assert "\n" not in text
    with pytest.raises(ValueError, match="expected JSON of format"):
        type(one).from_json('{"format": "other/1"}')


@pytest.mark.parametrize("one", RESULTS, ids=NAMES)
def test_it_is_drawn_with_labelled_axes_in_any_style(one):
    with plt.style.context("dark_background"):
        mine = plt.figure().subplots()
        assert one.plot(mine) is mine
        assert mine.get_xlabel()
        assert mine.get_ylabel()
        drawn = {mpl.colors.to_hex(text.get_color()) for text in mine.findobj(Text)}
        assert "#ffffff" in drawn
        assert one.plot().figure is not mine.figure
        mine.figure.canvas.draw()


class _Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.names, self.open = [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.names.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("one", RESULTS, ids=NAMES)
def test_a_notebook_shows_it(one):
    page = _Page(one._repr_html_())
    assert page.names[:2] == ["div", "p"]
    assert {"table", "svg"} & set(page.names)
    assert not {"script", "hiss", "audio"} & set(page.names)
    assert not plt.get_fignums()


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_as_they_were(name, tmp_path):
    drawn, golden = tmp_path / "drawn.png", GOLDEN / f"plot_{name}.png"
    render(PICTURES[name], drawn)
    assert compare_images(str(golden), str(drawn), tol=TOLERANCE) is None


def test_pictures_that_change_are_noticed(tmp_path):
    drawn = tmp_path / "drawn.png"
    moved = [replace(place, end=place.end + 0.1) for place in PLACES]
    render(lambda ax: waveforms(ax, moved), drawn)
    assert compare_images(str(GOLDEN / "plot_waveforms.png"), str(drawn), tol=TOLERANCE)


@pytest.mark.parametrize("kind", ["reliability", "measures", "confusion"])
def test_an_evaluation_has_many_sides(kind):
    ax = an_evaluation().plot(kind=kind)
    assert ax.get_xlabel()
    with pytest.raises(ValueError, match="kind must be"):
        an_evaluation().plot(kind="all")


def test_an_evaluation_of_nothing_is_drawn():
    curve = Curve("per hour", (), (), ())
    nothing = Evaluation("spotting", 1, 1.0, 1, "recording", {"all": ()}, curve, ())
    for kind in ("trade-off", "reliability", "measures"):
        assert nothing.plot(kind=kind)
    with pytest.raises(ValueError, match="of identification, 'confusion'"):
        nothing.plot(kind="confusion")


def test_the_flock_of_a_pattern_is_coloured_where_it_is_met():
    ax = a_matrix().plot(pattern=a_pattern())
    picture = ax.images[0].get_array()
    coloured = np.argwhere(picture[..., 0] - picture[..., 2] > 0.5)
    # rows by column of the series: the shape of column 0 comes first
    assert coloured.tolist() == [[0, 6], [0, 7], [0, 21], [1, 5], [1, 20]]
    assert len(ax.patches) == 2
    other = Pattern((), 0.0, np.zeros((1, 4)), (Shape(0, 4),), (0, 4))
    with pytest.raises(ValueError, match="other shapes"):
        a_matrix().plot(pattern=other)


def test_features_are_those_that_the_pattern_was_learned_from():
    rng = np.random.default_rng(1)
    series = rng.normal(size=(1000, 2))
    for start in (100, 400, 730):
        series[start : start + 60, 1] += 9 * np.sin(np.arange(60) ** 2 / 120)
    found, matrix = extract(series, 40, 64), features(series, 40, 64)
    assert matrix.shapes == found.shapes
    assert matrix.active.shape == (len(found.shapes), 1000)
    assert (matrix.active.sum(axis=1) >= 2).all()
    assert matrix.plot(pattern=found).images


def test_candidates_hold_the_places_that_were_chosen(samples):
    found, shown = discover(samples["learn"]), candidates(samples["learn"], most=20)
    assert shown.clips == tuple(samples["learn"])
    assert shown.first == tuple(range(0, 101, 20))
    for k, (place, chosen) in enumerate(zip(found, shown.chosen, strict=True)):
        assert shown.first[k] <= chosen < shown.first[k + 1]
        assert shown.spans[chosen] == pytest.approx((place.start, place.end), abs=0.011)
    agreement = shown.gain[np.ix_(shown.chosen, shown.chosen)]
    np.fill_diagonal(agreement, 0)
    order = [found.evidence.clips.index(clip) for clip in shown.clips]
    expected = np.array(found.evidence.agreement)[np.ix_(order, order)]
    # Places get their ends last, so that those shown may lie beside the segments that agreed.
    np.testing.assert_allclose(agreement, expected, atol=0.5)
    assert np.corrcoef(agreement.ravel(), expected.ravel())[0, 1] > 0.98
