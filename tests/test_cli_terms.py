"""`kwspot terms`."""

import json

from commands import assert_refused, run, run_json

import kwspot


def test_terms_are_listed_and_saved(samples, tmp_path):
    prompts = samples["learn"] + samples["find"]
    models = tmp_path / "new" / "terms"
    result = run("terms", *prompts, "--top", 2, "--save", models)
    assert result.exit_code == 0, result.stderr
    header, first, second = result.stdout.splitlines()
    assert header.split() == ["term", "count", "length", "confidence", "clearest"]
    assert first.split()[0] == "1"
    assert second.split()[0] == "2"
    assert result.stderr.startswith("2 term(s) in 8 recording(s)")
    assert sorted(path.name for path in models.iterdir()) == ["term-01.kws", "term-02.kws"]
    assert len(kwspot.Keyword.load(models / "term-01.kws").spot(samples["find"][0])) == 1


def test_json_is_what_the_library_says(samples):
    (fields,) = run_json("terms", *samples["learn"], *samples["find"], "--top", 1, "--json")
    assert fields.pop("models") == []
    found = kwspot.Terms.from_json(json.dumps(fields))
    assert found == kwspot.discover_terms(samples["learn"] + samples["find"], top=1)


def test_what_cannot_be_read_is_told_and_passed_over(samples, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_text("no sound")
    absent = tmp_path / "absent"
    result = run("terms", absent, *samples["learn"], *samples["find"], broken, "-q", "--top", 1)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    lines = result.stderr.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["error:", "hint:"] * 2
    assert str(absent) in lines[0]
    assert str(broken) in lines[2]


def test_mistakes_are_told_before_any_work(samples, tmp_path):
    file = tmp_path / "file"
    file.touch()
    assert_refused(run("terms", samples["learn"][0], "--save", file), file, "no folder")
    for wrong in (["-"], [file, "--min-duration", 2], [file, "--top", 0]):
        assert run("terms", *wrong).exit_code == 2


def test_nothing_that_recurs_is_an_error(samples):
    assert_refused(run("terms", samples["reject"][0], "-q"), "recur")
