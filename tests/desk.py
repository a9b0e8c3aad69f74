"""A folder with all that examples name, and a shell that is just enough for them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from commands import RUNNER, run

import kwspot
from kwspot import formats
from kwspot.audio import digest, load
from kwspot.cli.demo import samples
from kwspot.cli.main import app
from kwspot.review import FORMAT

COMMANDS = [command.callback.__name__ for command in app.registered_commands]


def examples(*command):
    """Give the lines below "Example:" in a help text, without the remarks behind them."""
    shown = run(*command, "--help").stdout.partition("Example:\n")[2].partition("\n\n")[0]
    return [line.partition("  #")[0].strip() for line in shown.splitlines()]


def shell(line):
    """Run `a && b`, `a | b`, `$(a)` and `a > file` as a shell does; return what the last one says.

    Of other programs it knows `head -n 1`.
    """
    inner = re.search(r"\$\((.*)\)", line)
    line = line.replace(inner[0], "INNER") if inner else line
    for chain in line.split(" && "):
        shown = ""
        for part in chain.split(" | "):
            words, _, target = part.partition(" > ")
            name, *args = shlex.split(words)
            if [name, *args] == ["head", "-n", "1"]:
                return shown.splitlines()[0]
            assert name == "kwspot"
            args = [shell(inner[1]) if arg == "INNER" else arg for arg in args]
            result = RUNNER.invoke(app, args, input=shown, prog_name="kwspot")
            assert result.exit_code == 0, (part, result.stderr)
            shown = result.stdout
            if target:
                Path(target).write_bytes(result.stdout_bytes)
    return result.output


def furnish(desk):
    """Put recordings, models and labels into a folder, under the names that examples use."""
    with samples() as (_, recordings):
        roles = ("learn", "find", "reject")
        learn, find, reject = ([one for one in recordings if one.role == role] for role in roles)
        for folder, found in {
            "clips": learn,
            "jude": learn,
            "june": reject[:1],
            "calls": [*learn, *find],
            "recordings": [*find, *reject],
        }.items():
            for one in found:
                copy(one.path, desk / folder / one.path.name)
        takes = ("one.wav", "two.wav", "three.wav", "four.mp3", "five.flac")
        for name, one in zip(takes, learn, strict=True):
            soundfile.write(desk / name, load(one.path), 16000)
        everyday = np.concatenate([load(one.path) for one in reject] * 8)
        (desk / "home").mkdir()
        soundfile.write(desk / "home" / "kitchen.wav", everyday, 16000)
        (desk / "songs").mkdir()
        soundfile.write(desk / "songs" / "finch.wav", _song(np.random.default_rng(4)), 16000)
        copy(desk / "songs" / "finch.wav", desk / "song.wav")
        copy(desk / "songs" / "finch.wav", desk / "forest" / "dawn.wav")
        trills = [formats.Label(at, at + 0.0875, "trill") for at in (0.0, 0.275, 0.55)]
        formats.write(desk / "song.selections.txt", trills, form="raven")
        _words(desk, learn, find, reject)
        meeting = np.concatenate([load(one.path) for one in find])
        soundfile.write(desk / "meeting.wav", meeting, 16000)
        _labels(desk, find[0])
        for name, folder in {
            "archive": "recordings",
            "talks": "calls",
            "more-talks": "clips",
        }.items():
            kwspot.Archive.create(desk / name).add(desk / folder)
        _review(desk, learn)


def copy(source, target):
    """Copy a file to a folder that may not be there yet."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _words(desk, learn, find, reject):
    """Write models of two words, and single words by which they can be measured."""
    for word, sounds in {"yes": [*learn, *find], "no": [*learn, *reject]}.items():
        spoken = [_cut(one, word) for one in sounds]
        for name in {"yes": ("yes", "hello"), "no": ("no", "bye")}[word]:
            kwspot.Keyword.from_examples(spoken[:5], name=name).save(desk / f"{name}.kws")
        for number, (x, rate) in enumerate(spoken[5:]):
            (desk / "words" / word).mkdir(parents=True, exist_ok=True)
            soundfile.write(desk / "words" / word / f"{number}.wav", x, rate)
    copy(desk / "words" / "yes" / "0.wav", desk / "answer.wav")
    rows = [f"recordings/{one.path.name},{one.start},{one.end},yes" for one in find]
    (desk / "truth.csv").write_text("\n".join(["path,start,end,word", *rows]) + "\n")


def _cut(one, word):
    """Cut the sample's word out, or what stands for another word: its beginning."""
    start, end = (one.start, one.end) if word == "yes" else (0.0, 0.6)
    return load(one.path)[round(16000 * start) : round(16000 * end)], 16000


def _labels(desk, one):
    """Write an interview with its labels, and what was found in it."""
    copy(one.path, desk / "interview.wav")
    label = formats.Label(
        one.start, one.end, "hello", score=0.9, tier="words", recording="interview.wav"
    )
    formats.write(desk / "interview.TextGrid", [label], form="textgrid")
    formats.write(desk / "found.jsonl", [replace(label, tier="")], form="jsonl")


def _review(desk, learn):
    """Write what somebody made of a report on the clips."""
    items = [
        {
            "recording": f"clips/{one.path.name}",
            "digest": digest(one.path),
            "keyword": "hello",
            "decision": "accepted",
            "start": one.start,
            "end": one.end,
        }
        for one in learn
    ]
    review = {"format": FORMAT, "about": "learn", "keyword": "hello", "items": items}
    (desk / "hello.review.json").write_text(json.dumps(review))


def _song(rng):
    """Sing of two syllables, again and again; what is sung backwards is another song."""
    syllables = []
    for low, high in ((2000, 5500), (7000, 3000)):
        pitch = np.geomspace(low, high, 1400)
        syllable = np.sin(2 * np.pi * np.cumsum(pitch) / 16000) * np.hanning(1400)
        syllables += [syllable * np.linspace(1, 0.3, 1400), np.zeros(800)]
    song = np.concatenate(syllables * 16)
    return song + 0.01 * rng.standard_normal(len(song))
