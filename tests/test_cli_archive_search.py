"""`kwspot search` by a model, by a clip and by a hit."""

import csv
import io
import json
from pathlib import Path

import pytest
from commands import run

from kwspot.archive import Archive

SAMPLES = Path(__file__).parents[1] / "sample_audio"
CLIP = str(SAMPLES / "conf-full.wav")
WORD = ("--from", "0.36", "--to", "0.86")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    made = Archive.create(tmp_path_factory.mktemp("archive") / "a", front_end="cepstra")
    made.add(SAMPLES)
    return made.url


def lines(*arguments):
    result = run("search", *arguments, "--json", "--quiet")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_clip_finds_the_word_in_other_recordings(archive):
    hits = lines(CLIP, *WORD, archive, "--top", "5")
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert len({hit["recording"] for hit in hits}) > 3
    assert {hit["keyword"] for hit in hits} == {"conf-full"}


def test_an_exhaustive_search_finds_the_same(archive):
    some, every = (
        lines(CLIP, *WORD, archive, "--top", "5", *more) for more in ((), ("--exhaustive",))
    )
    assert some == every


def test_more_like_a_hit(archive):
    first, second, *_ = lines(CLIP, *WORD, archive)
    hits = lines("--like", json.dumps(second), archive, "--top", "3")
    best = hits[0]
    assert best["recording"] == second["recording"]
    assert best["end"] == pytest.approx(second["end"], abs=0.05)
    assert first["recording"] in {hit["recording"] for hit in hits}


def test_only_paths_that_fit(archive):
    hits = lines(CLIP, *WORD, archive, "--path", "*/conf-l*", "--threshold", "0.5")
    assert {Path(hit["recording"]).name for hit in hits} <= {
        "conf-locked.wav",
        "conf-leaderhasleft.wav",
    }


def test_table_csv_and_labels(archive):
    table = run("search", CLIP, *WORD, archive, "--top", "2")
    assert table.stdout.splitlines()[0].split() == ["recording", "keyword", "start", "end", "score"]
    assert "2 hit(s) in" in table.stderr
    rows = list(
        csv.DictReader(io.StringIO(run("search", CLIP, *WORD, archive, "--format", "csv").stdout))
    )
    assert rows[0]["keyword"] == "conf-full"
    one = run(
        "search",
        CLIP,
        *WORD,
        archive,
        "--path",
        "*/conf-locked*",
        "--format",
        "audacity",
        "--top",
        "1",
    )
    assert one.stdout.rstrip().endswith("conf-full")
    several = run("search", CLIP, *WORD, archive, "--format", "audacity")
    assert several.exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("{clip}",),
        ("{archive}",),
        ("{archive}", "--like", "no json"),
        ("{archive}", "--from", "1"),
    ],
)
def test_what_is_missing_is_usage(archive, arguments):
    named = [one.format(clip=CLIP, archive=archive) for one in arguments]
    assert run("search", *named).exit_code == 2


def test_a_span_outside_the_clip_is_refused(archive):
    result = run("search", CLIP, "--from", "3", "--to", "2", archive)
    assert result.exit_code == 1
    assert "no part from" in result.stderr


def test_a_hit_of_another_archive_is_refused(archive):
    hit = {"archive": "a", "recording": "/b.wav", "keyword": "c", "start": 0, "end": 1, "score": 1}
    result = run("search", "--like", json.dumps(hit), archive)
    assert result.exit_code == 1
    assert "in none of the archives" in result.stderr


def test_what_is_found_can_be_heard_and_judged(archive, tmp_path):
    page = tmp_path / "found.html"
    result = run("search", CLIP, *WORD, archive, "--top", "3", "--report", page)
    assert result.exit_code == 0, result.output
    html = page.read_text()
    assert html.count("<audio") == len(result.stdout.splitlines()) - 1
    assert '"about":"search"' in html
