"""The pages that are made of something else: the commands' help, benchmarks' JSON, notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import figures

if TYPE_CHECKING:
    from typer.models import CommandInfo

ROOT = Path(__file__).parents[1]


def write(generated: Path, notebooks: Path) -> None:
    """Write the pages; what has not changed stays untouched, so that it is not built again."""
    generated.mkdir(exist_ok=True)
    _keep(generated / "commands.md", commands())
    _keep(generated / "figures.md", figures.tables(ROOT / "benchmarks" / "results"))
    notebooks.mkdir(exist_ok=True)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        _keep(notebooks / path.name, path.read_text(encoding="utf-8"))


def _keep(path: Path, text: str) -> None:
    """Write a text, unless it is there already."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def commands() -> str:
    """Return a section for each command, with its help."""
    from typer.testing import CliRunner

    from kwspot.cli.main import app

    def help_of(command: CommandInfo) -> str:
        name = command.callback.__name__
        shown = CliRunner().invoke(app, [name, "--help"], prog_name="kwspot").stdout
        return f"## kwspot {name}\n\n```text\n{shown.strip()}\n```\n"

    return "\n".join(help_of(command) for command in app.registered_commands)
