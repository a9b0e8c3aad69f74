"""Keywords from labelled spans, in Python and at the command line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from commands import assert_refused, run, run_json
from recordings import chirp
from speech import needs_speech, task

from kwspot import Keyword
from kwspot.enrol import enrol
from kwspot.errors import AudioError, TooFewClips
from kwspot.formats import Label, write

RATE = 16000


def truth(folder, role):
    """Return the samples of a role and where they have the word, from the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    return [one for one in manifest["recordings"] if one["role"] == role]


@pytest.fixture
def talk(samples, tmp_path, monkeypatch):
    """A recording `talk.wav` of five samples in a row, in the current folder, and its labels."""
    monkeypatch.chdir(tmp_path)
    folder = Path(samples["learn"][0]).parent
    parts, labels, at = [], [], 0.0
    for one in truth(folder, "learn"):
        x, rate = soundfile.read(folder / one["file"])
        labels.append(Label(at + one["start"], at + one["end"], "conference"))
        parts.append(x)
        at += len(x) / rate
    soundfile.write("talk.wav", np.concatenate(parts), rate)
    return labels


def test_a_word_is_learned_from_its_places_in_one_recording(talk, samples):
    keyword = enrol([("talk.wav", x.start, x.end) for x in talk], name="conference")
    assert [(x.clip, x.start, x.end) for x in keyword.occurrences] == [
        ("talk.wav", x.start, x.end) for x in talk
    ]
    assert len({example.digest for example in keyword.examples}) == 1
    assert [len(keyword.spot(path)) for path in samples["find"]] == [1, 1, 1]
    assert [len(keyword.spot(path)) for path in samples["reject"]] == [0, 0, 0]


def test_the_order_and_the_kind_of_source_do_not_matter(talk):
    samples, rate = soundfile.read("talk.wav", dtype="float32")
    one = enrol([(("talk.wav"), x.start, x.end) for x in talk])
    whole = samples, rate
    many = enrol([(whole, x.start, x.end) for x in talk])
    for ours, theirs in zip(one.examples, many.examples, strict=True):
        np.testing.assert_array_equal(ours.frames, theirs.frames)
    turned = enrol([("talk.wav", x.start, x.end) for x in reversed(talk)])
    np.testing.assert_array_equal(turned.examples[0].frames, one.examples[-1].frames)


@needs_speech
def test_context_makes_spotting_better():
    found = {}
    for seed in (101, 105):
        _, clips = task(seed)
        spans = [((x, RATE), *span) for x, spans in clips[:3] for span in spans]
        cut = [(x[round(a * RATE) : round(b * RATE)], RATE) for (x, _), a, b in spans]
        for name, keyword in (("with", enrol(spans)), ("without", Keyword.from_examples(cut))):
            right = wrong = 0
            for x, truth in clips[3:]:
                for hit in keyword.spot((x, RATE)):
                    here = any(a <= (hit.start + hit.end) / 2 < b for a, b in truth)
                    right, wrong = right + here, wrong + (not here)
            found[name] = found.get(name, 0) + right - wrong
    assert found["with"] >= found["without"]
    assert found["with"] > 0


def test_a_place_hears_nothing_of_another():
    rng = np.random.default_rng(0)
    word, other, pause = rng.normal(size=(3, 8000)) * [[1.0], [2.0], [0.02]]
    found = []
    for second in (word, other):
        samples = np.concatenate([pause, word, pause, second, pause])
        found.append(enrol([((samples, RATE), 0.5, 1.0), ((samples, RATE), 1.5, 2.0)]).examples[0])
    np.testing.assert_array_equal(found[0].frames, found[1].frames)
    np.testing.assert_array_equal(found[0].mean, found[1].mean)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ((5.0, 5.5), "has 2.00 s, and a label goes from 5.00 to 5.50 s"),
        ((1.5, 2.5), "has 2.00 s, and a label goes from 1.50 to 2.50 s"),
        ((1.0, 1.0), "lasts 0.000 s"),
        ((1.0, 0.5), "lasts -0.500 s"),
    ],
)
def test_a_place_that_is_not_there_is_refused(span, words):
    with pytest.raises(AudioError, match=words):
        enrol([((chirp(2.0), RATE), *span)])


def test_no_place_at_all():
    with pytest.raises(TooFewClips):
        enrol([])


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("textgrid", "talk.TextGrid"),
        ("audacity", "talk.txt"),
        ("eaf", "talk.eaf"),
        ("csv", "a.csv"),
    ],
)
def test_learn_from_labels(talk, form, name):
    labels = [Label(0.1, 0.3, "noise"), *talk]
    if form == "csv":
        labels = [Label(x.start, x.end, x.text, recording="talk.wav") for x in labels]
    write(name, labels, form=form)
    args = ("--from-labels", name, "--label", "conference")
    (told,) = run_json("learn", *args, "-o", "conf.kws", "--json")
    assert told["keyword"] == "conf"
    assert [x["start"] for x in told["occurrences"]] == pytest.approx(
        [x.start for x in talk], abs=0.001
    )
    assert {x["clip"] for x in told["occurrences"]} == {"talk.wav"}
    assert len(Keyword.load("conf.kws").examples) == 5
    assert_refused(run("learn", "--from-labels", name, "-o", "x.kws"), "not clear which label")
    assert_refused(
        run("learn", "--from-labels", name, "--label", "hi", "-o", "x.kws"),
        "no label 'hi'",
        "noise",
    )
    assert not Path("x.kws").exists()


def test_the_recording_is_found_or_asked_for(talk, tmp_path):
    write("talk.txt", talk, form="audacity")
    Path("sub").mkdir()
    shutil.move("talk.wav", "sub/talk.wav")
    learn = ("learn", "--from-labels", "talk.txt", "-o", "a.kws")
    assert_refused(run(*learn), "names no recording, and no audio file beside it")
    assert run(*learn, "--audio", "sub/talk.wav").exit_code == 0
    shutil.copy("sub/talk.wav", "talk.wav")
    assert run(*learn).exit_code == 0
    shutil.copy("sub/talk.wav", "talk.flac")
    assert_refused(run(*learn), "talk.flac or talk.wav")
    Path("talk.flac").unlink()
    shutil.copy("talk.txt", "talk.Table.1.selections.txt")
    learn = ("learn", "--from-labels", "talk.Table.1.selections.txt", "-o", "a.kws")
    assert run(*learn).stdout.count("talk.wav") == 5
    named = [Label(x.start, x.end, x.text, recording="sub/talk.wav") for x in talk]
    write("found.jsonl", named, form="jsonl")
    result = run("learn", "--from-labels", "found.jsonl", "-o", "a.kws")
    assert result.stdout.count("sub/talk.wav") == 5
    lost = [Label(x.start, x.end, x.text, recording="lost.wav") for x in talk]
    write("lost.jsonl", lost, form="jsonl")
    lost = run("learn", "--from-labels", "lost.jsonl", "-o", "a.kws")
    assert_refused(lost, "the recording 'lost.wav' is not there")


def test_of_very_many_labels_some_are_learned_from(talk):
    labels = [Label(0.01 * i, 0.01 * i + 0.4, "x") for i in range(120)]
    write("talk.csv", labels, form="csv")
    result = run("learn", "--from-labels", "talk.csv", "-o", "a.kws")
    assert result.stderr.splitlines()[0] == "of 120 labels 'x', 40 are learned from"
    assert len(Keyword.load("a.kws").examples) == 40


def test_a_file_without_labels(talk):
    write("talk.csv", [], form="csv")
    result = run("learn", "--from-labels", "talk.csv", "-o", "a.kws")
    assert_refused(result, "talk.csv: there are no labels")


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["talk.wav", "--from-labels", "a.csv"],
        ["talk.wav", "--label", "x"],
        ["talk.wav", "--audio", "x.wav"],
        ["--from-labels", "a.csv", "--from-labels", "b.csv", "--audio", "talk.wav"],
    ],
)
def test_what_is_not_understood_is_usage(talk, args):
    assert run("learn", *args, "-o", "a.kws").exit_code == 2
