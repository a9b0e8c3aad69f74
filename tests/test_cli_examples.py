"""Every example in `--help` does what it says."""

import re
import shutil
import warnings
from pathlib import Path

import pytest
from desk import COMMANDS, examples, furnish, shell

from kwspot.errors import DoubtfulResult

ROOT = Path(__file__).parents[1]
MEASURED = {"kwspot bench"}  # ten seconds long, and run by the tests of `kwspot.speed`
LINES = [line for command in [(), *((name,) for name in COMMANDS)] for line in examples(*command)]


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    desk = tmp_path_factory.mktemp("desk")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DoubtfulResult)
        furnish(desk)
    return desk


def test_every_command_has_an_example():
    for command in COMMANDS:
        assert any(f"kwspot {command}" in line for line in examples(command)), command


@pytest.mark.parametrize("line", sorted({*LINES} - MEASURED))
def test_an_example_runs(line, desk, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(desk, tmp_path / "desk"))
    before = contents(tmp_path)
    shown = shell(line)
    assert shown or contents(tmp_path) != before


PAGES = [ROOT / "README.md", *(ROOT / "docs" / "howto").glob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_commands_of_a_page_run_one_after_the_other(page, desk, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(desk, tmp_path / "desk"))
    for block in re.findall(r"^```\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("kwspot "):
                shell(line.partition("  #")[0].strip())


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
