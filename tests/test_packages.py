"""What is shipped: every package, one version, and the papers agree with the code."""

import re
import tomllib
from pathlib import Path

import kwspot
from kwspot.cli.doctor import EXTRAS
from kwspot.cli.main import app

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_package_folder_is_listed():
    folders = {path.parent.relative_to(ROOT) for path in ROOT.glob("kwspot/**/*.py")}
    found = {".".join(folder.parts) for folder in folders} | {"kwspot.cli", "kwspot.sample_audio"}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found


def test_every_listed_package_is_regular():
    # Data in a folder without __init__.py cannot be found after an editable install.
    places = PROJECT["tool"]["setuptools"]["package-dir"]
    for name in PROJECT["tool"]["setuptools"]["packages"]:
        assert (ROOT / places.get(name, name.replace(".", "/")) / "__init__.py").exists(), name


def test_the_version_stands_in_one_place():
    assert "version" in PROJECT["project"]["dynamic"]
    assert f"\nversion: {kwspot.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_doctor_knows_every_extra():
    assert set(EXTRAS) == set(PROJECT["project"]["optional-dependencies"]) - {"dev", "bench"}


def test_the_readme_has_the_two_commands_and_ci_runs_them():
    readme, checks = (ROOT / "README.md").read_text(), (ROOT / ".ci/run").read_text()
    for command in ("pip install '.[speech]' && kwspot demo", "pip install -e '.[dev]' && pytest"):
        assert f"\n```\n{command}\n```\n" in readme
        assert f"\n{command}\n" in checks


def test_the_readme_tells_of_every_command():
    readme = (ROOT / "README.md").read_text()
    for command in app.registered_commands:
        assert f"| `kwspot {command.callback.__name__}" in readme


def test_every_door_name_is_in_the_readme_or_the_changelog():
    papers = (ROOT / "README.md").read_text() + (ROOT / "CHANGELOG.md").read_text()
    for name in ("learn", "spot", "identify", "discover", "Keyword", "Spotter"):
        assert name in kwspot.__all__
        assert re.search(rf"\b{name}\b", papers)


def test_no_file_is_long():
    files = [*ROOT.glob("kwspot/**/*.py"), *ROOT.glob("cli/*.py")]
    long = {
        str(path.relative_to(ROOT)) for path in files if len(path.read_text().splitlines()) > 400
    }
    assert not long
