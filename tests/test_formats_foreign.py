"""Files of labels and other people's libraries: each reads ours, and we read theirs."""

import csv
import html
import io
import json
import warnings
from xml.etree import ElementTree as ET

import pandas as pd
import pympi
import pytest
import webvtt
from labels_sample import HOSTILE, LABELS
from praatio import textgrid
from pyannote.core import Annotation, Segment
from pyannote.database.util import load_rttm

from kwspot.errors import FormatError
from kwspot.formats import Label, parse, read, render, write

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that it stands on
    import jams

TEXTS = [text for text in HOSTILE if "\r" not in text]
TWO_TIERS = [
    Label(2.0 * i + 0.1234567, 2.0 * i + 1.5, text, 0.5, tier, "calls/a b.wav")
    for i, text in enumerate(TEXTS)
    for tier in ("one", "zweí")
]


# praatio takes this text for the beginning of an interval, even in quotes
PRAATIO = [text for text in TEXTS if "intervals [" not in text]


def rows(labels, digits=6):
    """Return what every format tells of labels."""
    return [(round(x.start, digits), round(x.end, digits), x.text) for x in labels]


def in_tier(name):
    """Return the labels of one tier."""
    return [label for label in TWO_TIERS if label.tier == name]


def test_praatio_reads_our_textgrid(tmp_path):
    path = tmp_path / "a.TextGrid"
    labels = [label for label in TWO_TIERS if label.text in PRAATIO]
    write(path, labels, form="textgrid", duration=100.0)
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    assert grid.maxTimestamp == 100
    assert grid.tierNames == ("one", "zweí")
    for tier in grid.tierNames:
        found = [(x.start, x.end, x.label) for x in grid.getTier(tier).entries]
        assert found == rows(label for label in labels if label.tier == tier)


@pytest.mark.parametrize("form", ["long_textgrid", "short_textgrid"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_we_read_praatio_textgrid_and_add_to_it(form, encoding, tmp_path):
    path = tmp_path / "a.TextGrid"
    entries = [(2.0 * i, 2.0 * i + 1.25, text) for i, text in enumerate(PRAATIO)]
    grid = textgrid.Textgrid()
    grid.addTier(textgrid.IntervalTier("words", entries, 0, 60))
    grid.addTier(textgrid.PointTier("clicks", [(0.5, "tick"), (3.25, "tock")], 0, 60))
    grid.save(str(path), form, includeBlankSpaces=True)
    path.write_bytes(path.read_bytes().decode().encode(encoding))
    found = read(path)
    assert rows(x for x in found if x.tier == "words") == entries
    assert rows(x for x in found if x.tier == "clicks") == [
        (0.5, 0.5, "tick"),
        (3.25, 3.25, "tock"),
    ]
    write(path, [Label(58.0, 61.5, "late", 0.9)], form="textgrid")
    again = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    assert again.tierNames == ("words", "clicks", "late")
    assert again.maxTimestamp == 61.5
    assert [tuple(x) for x in again.getTier("words").entries] == entries
    assert len(again.getTier("clicks").entries) == 2


def test_pympi_reads_our_eaf(tmp_path):
    path = tmp_path / "a.eaf"
    write(path, TWO_TIERS, form="eaf")
    found = pympi.Elan.Eaf(str(path))
    assert found.get_linked_files()[0]["MEDIA_URL"] == "calls/a%20b.wav"
    assert sorted(found.get_tier_names()) == ["one", "zweí"]
    for tier in found.get_tier_names():
        expected = [(round(x.start * 1000), round(x.end * 1000), x.text) for x in in_tier(tier)]
        assert sorted(found.get_annotation_data_for_tier(tier)) == expected


def test_we_read_pympi_eaf_and_add_to_it(tmp_path):
    path = tmp_path / "a.eaf"
    theirs = pympi.Elan.Eaf(author="Ana")
    theirs.add_linked_file("file:///data/my%20walk.wav", mimetype="audio/x-wav")
    theirs.add_linguistic_type("gloss", "Symbolic_Association")
    theirs.add_tier("words")
    theirs.add_tier("glosses", ling="gloss", parent="words")
    for place, text in enumerate(TEXTS):
        theirs.add_annotation("words", 2000 * place, 2000 * place + 1250, text)
    theirs.add_ref_annotation("glosses", "words", 4100, "translated")
    theirs.to_file(str(path))
    found = read(path)
    assert {label.recording for label in found} == {"/data/my walk.wav"}
    assert rows(x for x in found if x.tier == "words") == [
        (2.0 * i, 2.0 * i + 1.25, text) for i, text in enumerate(TEXTS)
    ]
    assert rows(x for x in found if x.tier == "glosses") == [(4.0, 5.25, "translated")]
    write(path, [Label(1.0, 1.5, "wren", 0.9)], form="eaf")
    again = pympi.Elan.Eaf(str(path))
    assert again.adocument["AUTHOR"] == "Ana"
    assert again.get_annotation_data_for_tier("wren") == [(1000, 1500, "wren")]
    assert len(again.get_annotation_data_for_tier("words")) == len(TEXTS)
    assert again.get_ref_annotation_data_for_tier("glosses")[0][2] == "translated"
    assert len(set(again.get_full_time_interval())) == 2
    again.remove_tier("wren")  # pympi needs the ids to be unique for this
    assert len(again.get_annotation_data_for_tier("words")) == len(TEXTS)


ELAN = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="Ana" DATE="2020-01-01T00:00:00Z" FORMAT="3.0" VERSION="3.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
  <!-- kept -->
  <LICENSE LICENSE_URL="">free</LICENSE>
  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
    <MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/talk.wav" MIME_TYPE="audio/x-wav" TIME_ORIGIN="1500"/>
    <PROPERTY NAME="lastUsedAnnotationId">7</PROPERTY>
  </HEADER>
  <TIME_ORDER>
    <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/>
    <TIME_SLOT TIME_SLOT_ID="ts3"/>
    <TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="2000"/>
  </TIME_ORDER>
  <TIER LINGUISTIC_TYPE_REF="lt" PARTICIPANT="B" TIER_ID="words">
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a6" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts3">
      <ANNOTATION_VALUE>one</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a7" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts2">
      <ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION></ANNOTATION>
  </TIER>
  <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="lt" TIME_ALIGNABLE="true"/>
  <LOCALE COUNTRY_CODE="US" LANGUAGE_CODE="en"/>
  <CONSTRAINT DESCRIPTION="x" STEREOTYPE="Time_Subdivision"/>
</ANNOTATION_DOCUMENT>
"""


def test_all_else_in_an_eaf_stays(tmp_path):
    path = tmp_path / "a.eaf"
    path.write_text(ELAN)
    assert rows(read(path)) == [(2.5, 3.0, "one"), (3.0, 3.5, "")]  # the medium begins earlier
    write(path, [Label(2.75, 3.25, "wren", 0.9)], form="eaf")
    assert rows(read(path)) == [(2.5, 3.0, "one"), (3.0, 3.5, ""), (2.75, 3.25, "wren")]
    before, after = (ET.fromstring(x) for x in (ELAN, path.read_text()))
    assert [one.tag for one in after] == [
        "LICENSE",
        "HEADER",
        "TIME_ORDER",
        "TIER",
        "TIER",
        "LINGUISTIC_TYPE",
        "LINGUISTIC_TYPE",
        "LOCALE",
        "CONSTRAINT",
    ]
    assert after.attrib == before.attrib
    assert "    <!-- kept -->\n" in path.read_text()
    assert after.find("HEADER/PROPERTY").text == "8"
    assert after.find("TIER[2]//*[@ANNOTATION_ID]").get("ANNOTATION_ID") == "a8"
    slots = [x.get("TIME_SLOT_ID") for x in after.find("TIME_ORDER")]
    assert slots == ["ts1", "ts4", "ts3", "ts5", "ts2"]
    for tag in ("LICENSE", "TIER", "LOCALE", "CONSTRAINT"):
        old, new = (
            ET.canonicalize(ET.tostring(x.find(tag)), strip_text=True) for x in (before, after)
        )
        assert old == new
    with pytest.raises(FormatError, match="before the beginning"):
        write(path, [Label(1.0, 1.25, "early", 0.9)], form="eaf")


def strictly(path):
    """Load JAMS with all that its schema demands."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # within jsonschema
        return jams.load(str(path), validate=True, strict=True)


def test_jams_reads_ours_and_we_theirs(tmp_path):
    path = tmp_path / "a.jams"
    write(path, TWO_TIERS, form="jams", duration=100.0)
    found = strictly(path)
    assert found.file_metadata.duration == 100
    assert found.file_metadata.title == "calls/a b.wav"
    for annotation, tier in zip(found.annotations, ("one", "zweí"), strict=True):
        assert annotation.sandbox.tier == tier
        seen = [
            (x.time, round(x.time + x.duration, 6), x.value, x.confidence) for x in annotation.data
        ]
        assert seen == [(x.start, x.end, x.text, 0.5) for x in in_tier(tier)]
    chords = jams.Annotation(namespace="chord")
    chords.append(time=1.0, duration=2.5, value="C:min", confidence=0.25)
    found.annotations.append(chords)
    pitch = jams.Annotation(namespace="pitch_contour")
    pitch.append(time=0.0, duration=0.0, value={"index": 0, "frequency": 1.0, "voiced": True})
    found.annotations.append(pitch)
    other = tmp_path / "b.jams"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found.save(str(other))
    *ours, chord = read(other)
    assert ours == read(path)
    assert (chord.start, chord.end, chord.text, chord.score) == (1.0, 3.5, "C:min", 0.25)
    assert chord.tier == "chord"
    write(other, [Label(1.0, 2.0, "wren", 0.9)], form="jams")
    assert [x.namespace for x in strictly(other).annotations] == [
        "tag_open",
        "tag_open",
        "chord",
        "pitch_contour",
        "tag_open",
    ]


def test_webvtt_py_reads_ours_and_we_theirs(tmp_path):
    path = tmp_path / "a.vtt"
    labels = in_tier("one")
    write(path, labels, form="webvtt")
    found = webvtt.read(str(path)).captions
    assert [html.unescape(cue.text) for cue in found] == TEXTS  # it leaves this to others
    for cue, label in zip(found, labels, strict=True):
        for clock, time in ((cue.start, label.start), (cue.end, label.end)):
            hours, minutes, seconds = map(float, clock.split(":"))
            assert abs(3600 * hours + 60 * minutes + seconds - time) <= 0.0005001
    theirs = webvtt.WebVTT()
    theirs.captions.append(webvtt.Caption("00:00:01.500", "01:00:02.250", "<v Ana>Hi &amp; bye"))
    theirs.save(str(tmp_path / "b.vtt"))
    assert rows(read(tmp_path / "b.vtt")) == [(1.5, 3602.25, "Hi & bye")]


def test_pyannote_reads_our_rttm_and_we_theirs(tmp_path):
    words = [text for text in TEXTS if len(text.split()) == 1 and text[0] != '"' and text != "NA"]
    labels = [
        Label(1.5 * i, 1.5 * i + 1.25, text, 0.5, "", f"calls/{name}.wav")
        for i, text in enumerate(words)
        for name in "ab"
    ]
    path = tmp_path / "a.rttm"
    write(path, labels, form="rttm")
    found = load_rttm(str(path))
    assert sorted(found) == ["a", "b"]
    for name, annotation in found.items():
        seen = [(x.start, x.end, text) for x, _, text in annotation.itertracks(yield_label=True)]
        assert seen == rows(x for x in labels if x.recording == f"calls/{name}.wav")
    theirs = Annotation(uri="meeting")
    theirs[Segment(0.5, 2.25)] = "Ana"
    theirs[Segment(1.5, 3.125)] = "Ben"
    with (tmp_path / "b.rttm").open("w") as file:
        theirs.write_rttm(file)
    again = read(tmp_path / "b.rttm")
    assert rows(again) == [(0.5, 2.25, "Ana"), (1.5, 3.125, "Ben")]
    assert {label.recording for label in again} == {"meeting"}


def plain(labels):
    """Leave out what pandas takes for a quotation, and what has more than one line or column."""
    return [x for x in labels if not {'"', "\n", "\t"} & set(x.text)]


def test_pandas_reads_our_tables_and_we_its(tmp_path):
    labels = plain(in_tier("one"))
    for form, options, columns in (
        ("raven", {"sep": "\t"}, ("Begin Time (s)", "End Time (s)", "Annotation", "Score")),
        ("csv", {}, ("start", "end", "keyword", "score")),
        ("audacity", {"sep": "\t", "names": [0, 1, 2]}, (0, 1, 2)),
    ):
        path = tmp_path / form
        write(path, labels, form=form)
        table = pd.read_csv(path, keep_default_na=False, **options)
        found = [tuple(row[: len(columns)]) for row in table[list(columns)].itertuples(index=False)]
        expected = [(*row, 0.5)[: len(columns)] for row in rows(labels, 9 if form == "csv" else 6)]
        assert found == expected
        table.to_csv(path, index=False, header=form != "audacity", sep=options.get("sep", ","))
        assert rows(read(path)) == rows(labels)
    frame = pd.read_json(io.StringIO(render(TWO_TIERS, form="jsonl")), lines=True)
    assert list(frame["keyword"].astype(str))[:4] == [x.text for x in TWO_TIERS[:4]]


def test_raven_tables_of_other_programs():
    birdnet = (
        "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\t"
        "Common Name\tSpecies Code\tConfidence\tBegin Path\tFile Offset (s)\n"
        "1\tSpectrogram 1\t1\t303.0\t306.0\t0\t12000\tWinter Wren\twinwre3\t0.8125\tb.wav\t3.0\n"
    )
    views = (
        "Selection\tView\tBegin Time (s)\tEnd Time (s)\tAnnotation\r\n"
        "1\tWaveform 1\t0.5\t1.0\tcall\r\n1\tSpectrogram 1\t0.5\t1.0\tcall\r\n"
    )
    assert parse(birdnet) == [Label(3.0, 6.0, "Winter Wren", 0.8125, "", "b.wav")]
    assert parse(views) == [Label(0.5, 1.0, "call")]


def test_csv_is_what_the_standard_library_reads():
    table = list(csv.DictReader(io.StringIO(render(TWO_TIERS, form="csv"), newline="")))
    assert [row["keyword"] for row in table] == [x.text for x in TWO_TIERS]


def test_label_studio_has_what_its_documentation_asks_for():
    labels = [*LABELS, Label(5.0, 6.0, "by hand", None, "words", "calls/a.wav")]
    (task,) = json.loads(render(labels, form="label-studio", duration=10.0))
    assert task["data"] == {"audio": "calls/a.wav"}
    (prediction,), (annotation,) = task["predictions"], task["annotations"]
    assert prediction["model_version"].startswith("kwspot ")
    assert [len(x["result"]) for x in (prediction, annotation)] == [4, 1]
    ids = {region["id"] for x in (prediction, annotation) for region in x["result"]}
    assert len(ids) == 5
    for region in prediction["result"]:
        assert (region["type"], region["to_name"]) == ("labels", "audio")
        assert set(region["value"]) == {"start", "end", "channel", "labels"}
        assert 0 <= region["score"] <= 1


def test_what_label_studio_exports_is_read():
    task = {
        "id": 7,
        "data": {"audio": "/data/upload/1/a.wav", "title": "x"},
        "annotations": [
            {
                "id": 1,
                "was_cancelled": False,
                "result": [
                    {
                        "original_length": 9.5,
                        "value": {"start": 1.5, "end": 2.25, "channel": 0, "labels": ["wren"]},
                        "id": "abc",
                        "from_name": "label",
                        "to_name": "audio",
                        "type": "labels",
                        "origin": "manual",
                    },
                    {"value": {"text": ["clear"]}, "from_name": "note", "type": "textarea"},
                ],
            },
            {"was_cancelled": True, "result": [{"value": {"start": 0, "labels": ["no"]}}]},
        ],
        "predictions": [],
    }
    expected = [Label(1.5, 2.25, "wren", None, "", "/data/upload/1/a.wav")]
    assert parse(json.dumps([task])) == expected
