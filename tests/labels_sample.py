"""Labels for the tests of the formats: ordinary, hostile and many."""

from __future__ import annotations

from dataclasses import replace

from kwspot.formats import Label

TIERED = ("eaf", "jams", "textgrid")
SCORED = ("csv", "jams", "jsonl", "label-studio", "raven", "rttm")
WITH_TIER = (*TIERED, "csv", "jsonl", "label-studio")
WITH_RECORDING = ("csv", "eaf", "jams", "jsonl", "label-studio", "raven")

LABELS = [
    Label(0.25, 0.875, "hello", 0.93, "words", "calls/a.wav"),
    Label(1.1234567, 2.5, "bye", 0.5, "words", "calls/a.wav"),
    Label(2.5, 3.0005, "hello", 1.0, "words", "calls/a.wav"),
    Label(3601.5, 3602.25, "späť", 0.0, "words", "calls/a.wav"),
]

HOSTILE = [
    'quo"te',
    '"',
    '""',
    "it's",
    "two\nlines",
    "tab\there",
    "a\rb",
    "a\r\nb",
    "<b>&amp;</b>",
    "]]>",
    "a --> b",
    "bird \N{BIRD}",
    "שלום עולם",
    "\u202eabc\u202c",
    "back\\slash",
    "a,b;c",
    "=1+1",
    "!no comment",
    "<exists>",
    "intervals [2]:",
    "NA",
    "-1.5",
    "line\u2028separator",
    "two words",
]


def kept(label, form):
    """Return what a format keeps of a label."""
    return replace(
        label,
        score=label.score if form in SCORED else None,
        tier=label.tier if form in WITH_TIER else "",
        recording=label.recording if form in WITH_RECORDING else "",
    )


def assert_same(found, expected, form, *, times=0.001):
    """Compare what was read with what was written, in the order of time."""
    found = sorted(found, key=lambda label: (label.start, label.end))
    expected = [kept(x, form) for x in sorted(expected, key=lambda x: (x.start, x.end))]
    assert [one.text for one in found] == [one.text for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert abs(one.start - other.start) <= times
        assert abs(one.end - other.end) <= times
        if form == "rttm":
            one = replace(one, recording="")
        assert replace(one, start=other.start, end=other.end) == other
