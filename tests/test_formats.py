"""Files of labels: what is written is read again, and stays beside what others have written."""

import sys
import time
import timeit
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labels_sample import HOSTILE, LABELS, TIERED, assert_same

from kwspot import Detection, Detections, formats
from kwspot.errors import FormatError, OutputError
from kwspot.formats import Label, names, parse, read, render, write
from kwspot.formats.files import detect, is_tiered, named

GOLDEN = Path(__file__).with_name("golden")

seconds = st.floats(0, 1e5).map(lambda x: round(x, 6))
texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
spans = st.tuples(seconds, st.floats(0.002, 10)).map(lambda x: (x[0], round(x[0] + x[1], 6)))


@st.composite
def sequences(draw):
    """Labels of one recording and tier that do not overlap."""
    at, found = 0.0, []
    for gap, length, text, score in draw(
        st.lists(
            st.tuples(st.floats(0, 9), st.floats(0.002, 9), texts, st.floats(0, 1)), max_size=6
        )
    ):
        start, end = round(at + gap, 6), round(at + gap + length, 6)
        found.append(Label(start, end, text, score, "tier", "a.wav"))
        at = end + 0.001
    return found


@pytest.mark.parametrize("form", names())
@given(labels=sequences())
def test_labels_survive_or_are_refused(form, labels):
    try:
        text = render(labels, form=form)
    except FormatError:
        assert not all(label.text.isalnum() for label in labels)
        return
    assert_same(parse(text, form=form), labels, form)
    text.encode("utf-8")


@pytest.mark.parametrize("form", names())
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_survives_or_is_refused(form, text):
    label = Label(1.0, 2.0, text, 0.5, "t", "a.wav")
    try:
        content = render([label], form=form)
    except FormatError as error:
        refusal = str(error)
    else:
        assert_same(parse(content, form=form), [label], form)
        return
    assert form in ("audacity", "raven", "rttm", "webvtt")
    assert f"cannot hold {text!r}: " in refusal


@pytest.mark.parametrize("form", sorted(set(names()) - {"audacity", "raven", "rttm", "webvtt"}))
def test_these_formats_hold_any_text(form):
    labels = [Label(i, i + 1, text, 0.5, "t", "a.wav") for i, text in enumerate(HOSTILE)]
    assert_same(parse(render(labels, form=form), form=form), labels, form)


@pytest.mark.parametrize("form", names())
def test_a_file_is_read_without_being_told_its_format(form, tmp_path):
    path = tmp_path / f"labels{named(form).SUFFIXES[0]}"
    write(path, LABELS, form=form)
    assert detect(path, path.read_text()) is named(form)
    assert_same(read(path), LABELS, form)
    odd = path.rename(tmp_path / "labels.bak")
    assert_same(read(odd), LABELS, form)


@pytest.mark.parametrize("form", names())
def test_golden_files_are_read_for_ever(form):
    path = GOLDEN / f"labels.{form}{named(form).SUFFIXES[0]}"
    assert_same(read(path), LABELS, form)
    assert_same(read(path, form=form), LABELS, form)


@pytest.mark.parametrize("form", names())
def test_ten_thousand_labels_are_written_in_less_than_a_second(form):
    labels = [
        Label(1.5 * i, 1.5 * i + 0.7, ("hello", "bye")[i % 2], 0.9, "", "a.wav")
        for i in range(10_000)
    ]
    tracer = sys.gettrace()
    sys.settrace(None)  # counting the lines takes several times as long as running them
    try:
        runs = timeit.repeat(
            lambda: render(labels, form=form), timer=time.process_time, number=1, repeat=3
        )
    finally:
        sys.settrace(tracer)
    assert min(runs) < 1


@pytest.mark.parametrize("form", names())
def test_nothing_is_a_file_too(form):
    assert parse(render([], form=form, duration=3.0), form=form) == []
    assert parse(render([], form=form), form=form) == []


@pytest.mark.parametrize("form", names())
def test_a_file_is_not_replaced_unless_told(form, tmp_path):
    path = tmp_path / "labels"
    write(path, LABELS, form=form)
    before = path.read_bytes()
    with pytest.raises(FormatError if form in TIERED else OutputError) as refused:
        write(path, LABELS, form=form)
    assert "--force" in refused.value.hint
    assert path.read_bytes() == before
    write(path, LABELS[:1], form=form, force=True)
    assert_same(read(path), LABELS[:1], form)
    assert [place.name for place in tmp_path.iterdir()] == ["labels"]


@pytest.mark.parametrize("form", TIERED)
def test_tiers_are_added_to_what_is_there(form, tmp_path):
    path = tmp_path / "labels"
    write(path, LABELS, form=form)
    added = [Label(3605.0, 3606.0, "wren", 0.8, "birds", "calls/a.wav")]
    write(path, added, form=form)
    assert_same(read(path), LABELS + added, form)
    again = [Label(0.5, 1.5, "robin", 0.7, "birds", "calls/a.wav")]
    write(path, again, form=form, force=True)
    assert_same(read(path), LABELS + again, form)


@pytest.mark.parametrize("form", TIERED)
def test_keywords_have_tiers_of_their_own(form):
    labels = [Label(0, 1, "yes", 0.9), Label(0.5, 2, "no", 0.8), Label(3, 4, "heard")]
    found = {label.text: label.tier for label in parse(render(labels, form=form), form=form)}
    assert found == {"yes": "yes", "no": "no", "heard": "labels"}


@pytest.mark.parametrize("form", ["textgrid", "eaf"])
@given(spans=st.lists(spans, min_size=1, max_size=8))
def test_what_overlaps_goes_to_further_tiers(form, spans):
    labels = [Label(*span, str(number), None, "t") for number, span in enumerate(spans)]
    found = parse(render(labels, form=form), form=form)
    assert sorted(label.text for label in found) == sorted(label.text for label in labels)
    for tier in {label.tier for label in found}:
        row = sorted((x for x in found if x.tier == tier), key=lambda x: x.start)
        assert all(a.end <= b.start for a, b in pairwise(row))
    assert {label.tier.partition(" ")[0] for label in found} == {"t"}


@pytest.mark.parametrize("form", ["textgrid", "eaf", "webvtt"])
def test_a_short_label_does_not_vanish(form):
    short = Label(1.0, 1.0000001, "click")
    (found,) = parse(render([short], form=form), form=form)
    assert 0 < found.duration <= 0.001


@pytest.mark.parametrize("form", ["textgrid", "eaf"])
def test_points_are_refused_where_there_are_only_spans(form):
    with pytest.raises(FormatError, match="point in time"):
        render([Label(1.0, 1.0, "click")], form=form)


@pytest.mark.parametrize("form", names())
def test_several_recordings_need_a_format_that_names_them(form):
    labels = [Label(0, 1, "a", 0.5, "", "x/a.wav"), Label(0, 1, "a", 0.5, "", "b.wav")]
    if not named(form).MANY:
        with pytest.raises(FormatError, match="is about one recording, and there are 2"):
            render(labels, form=form)
        return
    found = parse(render(labels, form=form), form=form)
    assert len({label.recording for label in found}) == 2


def test_rttm_refuses_recordings_that_it_would_mix_up():
    labels = [Label(0, 1, "a", recording="x/a.wav"), Label(0, 1, "a", recording="y/a.wav")]
    with pytest.raises(FormatError, match="would be the same"):
        render(labels, form="rttm")


def test_what_spot_writes_is_read():
    hits = Detections("a.wav", 3.0, (Detection("hello", 0.5, 1.1, 0.9),))
    expected = [Label(0.5, 1.1, "hello", 0.9, "", "a.wav")]
    assert parse(hits.to_json()) == expected
    assert parse(f"{hits.to_json()}\n{hits.to_json()}\n") == 2 * expected


@pytest.mark.parametrize("name", ["found.json", "found.jsonl"])
def test_nothing_found_is_no_label(name, tmp_path):
    (tmp_path / name).write_text("")
    assert read(tmp_path / name) == []


def test_only_some_formats_have_tiers():
    assert [name for name in names() if is_tiered(named(name))] == list(TIERED)


def test_labels_make_sense():
    for wrong in ((1, 0), (-1, 0), (0, float("nan")), (0, float("inf"))):
        with pytest.raises(ValueError, match="0 <= start <= end"):
            Label(*wrong, "x")
    with pytest.raises(ValueError, match="score from 0 to 1"):
        Label(0, 1, "x", 1.5)


def test_names_that_are_not_known_are_a_mistake_of_the_programmer():
    for use in (lambda: render([], form="xml"), lambda: parse("", form="xml")):
        with pytest.raises(ValueError, match="unknown format 'xml'; there are audacity, csv"):
            use()
    assert formats.names() == tuple(sorted(formats.names()))
