"""Files of labels that are damaged, hostile or of no known kind: one clear message each."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labels_sample import LABELS

from kwspot.errors import FormatError, OutputError
from kwspot.formats import Label, names, parse, read, render, write

RTTM = "SPEAKER a 1 0.5 1.0 <NA> <NA> x <NA> <NA>\n"
EAF = "<ANNOTATION_DOCUMENT><TIME_ORDER>{}</TIME_ORDER>{}</ANNOTATION_DOCUMENT>"
SLOT = '<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="{}"/>'
ALIGNED = (
    "<TIER><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID='a1' TIME_SLOT_REF1='ts1' "
    "TIME_SLOT_REF2='{}'/></ANNOTATION></TIER>"
)
RING = (
    "<TIER><ANNOTATION><REF_ANNOTATION ANNOTATION_ID='a1' ANNOTATION_REF='a2'/></ANNOTATION>"
    "<ANNOTATION><REF_ANNOTATION ANNOTATION_ID='a2' ANNOTATION_REF='a1'/></ANNOTATION></TIER>"
)
GRID = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n9\n<exists>\n1\n'
TASK = {"data": {"audio": "a.wav"}, "annotations": [{"result": [{"value": {"labels": ["x"]}}]}]}
JAMS = {"file_metadata": {}, "annotations": [{"namespace": "tag_open", "data": [{"time": 0}]}]}

# The format, what is wrong, and what the message says.
FAULTS = [
    ("audacity", "0.5\t1.0\ta\n1.0 2.0 b\n", "line 2: expected start, end and text, with tabs"),
    ("audacity", "0.5\tx\ta\n", "line 1: expected an end in seconds, found 'x'"),
    ("audacity", "\n2.0\t1.0\ta\n", "line 2: expected 0 <= start <= end"),
    ("audacity", "nan\t1.0\ta\n", "line 1: expected 0 <= start <= end"),
    ("csv", "keyword,start\na,1\n", "line 1: expected a column 'end' or 'end_s'"),
    ("csv", "keyword,start,end\na,1\n", "line 2: expected 3 columns"),
    ("csv", 'keyword,start,end\n"a\nb",1,2\nb,x,2\n', "line 4: expected a start in seconds"),
    ("csv", 'keyword,start,end\n"a,1,2\n', "line 2: expected a row of CSV"),
    ("csv", "keyword,start,end,score\na,1,2,high\n", "line 2: expected a score, found 'high'"),
    ("jsonl", '{"keyword": "a", "start": 0, "end": 1}\n{"key', "line 2: expected a JSON object"),
    ("jsonl", '{"keyword": "a", "start": "x", "end": 1}', "line 1: expected a start in seconds"),
    ("jsonl", '{"keyword": 1, "start": 0, "end": 1}', "line 1: expected text under 'keyword'"),
    ("jsonl", '{"keyword": "", "start": 0, "end": 1, "score": true}', "a number or null under"),
    ("jsonl", '{"format": "kwspot.detections/1", "items": 1}', "line 1: expected a list 'items'"),
    ("jsonl", '{"format": "kwspot.detections/1", "items": [1]}', "expected text under 'keyword'"),
    ("jsonl", '{"keyword": "", "start": 0, "end": 1, "audio": "a\\u0000"}', "name without NUL"),
    ("jsonl", "[" * 100_000, "line 1: expected a JSON object"),
    ("rttm", RTTM + "SPEAKER a 1 0.5\n", "line 2: expected at least 9 words"),
    ("rttm", RTTM.replace("1.0", "-1.0"), "line 1: expected 0 <= start <= end"),
    ("rttm", RTTM.replace("0.5", "now"), "line 1: expected an onset in seconds, found 'now'"),
    ("webvtt", "WEBVTT\n\n1\n00:01 --> 00:02\nx\n", "line 4: expected times such as"),
    ("webvtt", "WEBVTT\n\nlost\n", "line 4: expected times such as"),
    ("webvtt", "1\n00:00:01,000 --> 00:00:02,000\nx\n", "line 1: expected 'WEBVTT'"),
    ("raven", "Selection\tBegin Time (s)\n1\t2\n", "line 1: expected a column 'End Time (s)'"),
    ("raven", "Begin Time (s)\tEnd Time (s)\n1\t\n", "line 2: expected a number in the column"),
    ("raven", "Begin Time (s)\tEnd Time (s)\tScore\n1\t2\t7\n", "line 2: expected a score from 0"),
    ("textgrid", GRID[:40], "line 2: expected the class 'TextGrid', and the file ends"),
    ("textgrid", GRID.replace("TextGrid", "Sound"), "line 2: expected the class 'TextGrid'"),
    ("textgrid", GRID + '"WordTier"', "line 8: expected 'IntervalTier' or 'TextTier', found"),
    ("textgrid", GRID + '"IntervalTier"\n"a"\n0\n9\n-1', "line 12: expected a length, found '-1'"),
    ("textgrid", GRID + '"IntervalTier"\n"a"\n0\n9\n1\n"x"', "line 13: expected a time"),
    ("textgrid", GRID + '"IntervalTier"\n"a"\n0\n9\n1\n0\n9\n"x', "line 15: expected the text"),
    ("textgrid", GRID + '"IntervalTier"\n"a"\n0\n9\n2\n0\n9\n"x"', "and the file ends"),
    ("eaf", "<a>", "line 1: expected XML, no element found"),
    ("eaf", "<a/>", "line 1: expected the element 'ANNOTATION_DOCUMENT', found 'a'"),
    ("eaf", "<ANNOTATION_DOCUMENT/>", "line 1: expected an element 'TIME_ORDER'"),
    ("eaf", EAF.format(SLOT.format("x"), ""), "line 1: expected a time in milliseconds"),
    ("eaf", EAF.format(SLOT.format(0), ALIGNED.format("ts2")), "expected a time slot, found 'ts2'"),
    ("eaf", EAF.format("", RING), "line 1: expected a reference to an annotation"),
    (
        "eaf",
        '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="NTSC-frames"/></ANNOTATION_DOCUMENT>',
        "NTSC",
    ),
    ("eaf", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "line 1: expected no document type"),
    ("eaf", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "line 1: expected no document type"),
    ("eaf", "<a>" * 200, "line 1: expected at most 100 elements deep"),
    ("jams", '{"annotations": [],\n"file_metadata": {', "line 2: expected JSON"),
    ("jams", '{"file_metadata": {}}', "expected a list under 'annotations', found None"),
    ("jams", json.dumps(JAMS), "annotations[0]: data[0]: expected an object with a 'value'"),
    ("label-studio", "[{}]", "task 1: expected an object under 'data'"),
    ("label-studio", json.dumps([TASK]), "task 1: annotations[0]: expected a number under 'start'"),
    ("label-studio", "[" * 100_000, "line 1: expected JSON"),
    ("label-studio", "[1" + "0" * 5000 + "]", "line 1: expected JSON of reasonable depth"),
]


@pytest.mark.parametrize(("form", "text", "message"), FAULTS)
def test_what_is_wrong_is_told(form, text, message):
    with pytest.raises(FormatError) as refused:
        parse(text, form=form, name="it")
    assert str(refused.value).startswith("it, ")
    assert message in str(refused.value)
    assert len(str(refused.value)) < 250
    assert refused.value.hint


@pytest.mark.parametrize("form", names())
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(form, data):
    text = render(LABELS, form=form, duration=4000.0)
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, min(len(text), first + 20)))
    damaged = text[:first] + data.draw(st.text(max_size=5)) + text[last:]
    for known in (form, None):
        with suppress(FormatError):
            parse(damaged, form=known)


@pytest.mark.parametrize("text", ["", "milk, bread", "{}", "[]", "<html></html>", "1 2 3", "\0"])
def test_no_known_format(text, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match="of no known format"):
        read(path)


def test_the_ending_tells_whose_message_it_is(tmp_path):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(b"ooBinaryFile\x08TextGrid")
    with pytest.raises(FormatError, match=r"a\.TextGrid, line 1: expected 'ooTextFile'"):
        read(path)


def test_other_encodings_are_told_with_their_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("0.5\t1.0\tok\n1.0\t2.0\tcafé\n".encode("latin-1"))
    with pytest.raises(FormatError, match="line 2: expected text in UTF-8, found the byte 0xe9"):
        read(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FormatError, match="cannot be opened"):
        read(tmp_path / "none.csv")


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    odd = [Label(0, 1, "caf\udce9", 0.5, "t", "a.wav")]
    for form in names():
        with pytest.raises(FormatError, match="udce9"):
            write(tmp_path / "labels", odd, form=form)
    with pytest.raises(OutputError):
        write(tmp_path / "no" / "folder.csv", LABELS, form="csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "text"), [("eaf", "a\0b"), ("textgrid", "  "), ("eaf", "\x1b")])
def test_what_a_format_cannot_hold(form, text):
    with pytest.raises(FormatError, match="cannot hold"):
        render([Label(0, 1, text)], form=form)


def test_a_tier_that_others_hang_on_is_not_replaced(tmp_path):
    path = tmp_path / "a.eaf"
    write(path, LABELS, form="eaf")
    tier = '    <TIER LINGUISTIC_TYPE_REF="x" PARENT_REF="words" TIER_ID="y" />\n'
    before = path.read_text().replace("    <LINGUISTIC_TYPE", tier + "    <LINGUISTIC_TYPE")
    path.write_text(before)
    with pytest.raises(FormatError, match="other tiers hang on"):
        write(path, LABELS, form="eaf", force=True)
    assert path.read_text() == before


@pytest.mark.parametrize("form", ["eaf", "jams", "textgrid"])
def test_nothing_is_added_to_what_is_malformed(form, tmp_path):
    path = tmp_path / "labels"
    path.write_text("mine")
    for force in (False, True):
        with pytest.raises(FormatError, match=r"line 1: expected|and the file ends"):
            write(path, LABELS, form=form, force=force)
    assert path.read_text() == "mine"
