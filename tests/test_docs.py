"""The docs have a place for everything public, and links lead somewhere; `.ci/run` builds them."""

import importlib
import inspect
import json
import re
import sys
from pathlib import Path

import pytest
from public_api import public, rooms

import kwspot
from kwspot.base import Result

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MADE = {"_build", "_generated"}
PAGES = [*ROOT.glob("*.md"), *(path for path in DOCS.rglob("*.md") if not MADE & {*path.parts})]


@pytest.fixture
def figures(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    yield importlib.import_module("figures")
    del sys.modules["figures"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in target:
            notebook = ROOT / target.removeprefix("../")  # the build copies them into the docs
            assert (page.parent / target).exists() or notebook.suffix == ".ipynb", target
            assert notebook.suffix != ".ipynb" or notebook.exists(), target


def test_every_room_is_in_the_api_reference():
    told = "\n".join(path.read_text() for path in (DOCS / "api").glob("*.md"))
    for room in rooms():
        assert re.search(rf"automodule:: {re.escape(room.__name__)}$", told, re.MULTILINE), room


def test_every_name_of_the_front_door_is_in_the_api_reference():
    told = (DOCS / "api" / "kwspot.md").read_text()
    for name in kwspot.__all__:
        shown = rf"auto(function|class|exception):: kwspot\.{name}$|`kwspot\.{name}`"
        assert re.search(shown, told, re.MULTILINE), name


def test_every_format_of_results_is_listed():
    told = (DOCS / "formats" / "json.md").read_text()
    kinds = [one.thing for one in public() if inspect.isclass(one.thing)]
    for kind in kinds:
        if issubclass(kind, Result) and kind is not Result:
            assert f"| `{kind.FORMAT}` |" in told


def test_every_notebook_has_its_place():
    index = (DOCS / "index.md").read_text()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"\nnotebooks/{path.stem}\n" in index


def test_every_result_has_a_benchmark_that_makes_it(figures):
    known = {one.name for one in figures.BENCHMARKS}
    assert {path.stem for path in (ROOT / "benchmarks" / "results").glob("*.json")} <= known
    for one in figures.BENCHMARKS:
        script = re.search(r"python (?:-m )?(benchmarks[./]\w+)", one.command)[1]
        assert (ROOT / f"{script.replace('.', '/')}.py").exists(), one.name


def test_tables_show_what_is_in_the_json(figures, tmp_path):
    found = {
        "seed": 901,
        "whole": {"ours": {"F1": 0.91234, "cost": {"cpu": 2.5}}, "theirs": {"F1": 0.5}},
        "error": 0.01,
    }
    (tmp_path / "discovery.json").write_text(json.dumps(found))
    page = figures.tables(tmp_path)
    for line in (
        "| error | 0.01 |",
        "**whole**",
        "| | F1 | cost cpu |",
        "| ours | 0.912 | 2.5 |",
        "| theirs | 0.5 |  |",
        "seed 901",
        "python benchmarks/discovery.py --seeds 901 --json benchmarks/results/discovery.json",
        "Not measured yet.",
    ):
        assert f"\n{line}\n" in page, line
