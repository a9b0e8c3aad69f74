"""Runs commands for the tests, within this process and in one of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from typer.testing import CliRunner

from kwspot.cli.main import app

RUNNER = CliRunner()


def run(*args, stdin=None):
    """Run a command within this process."""
    result = RUNNER.invoke(app, [str(arg) for arg in args], input=stdin, prog_name="kwspot")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def run_json(*args):
    """Run a command that must go well, and give what it printed: an object, or a list of lines."""
    result = run(*args)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def process(*args, env=None, **options):
    """Run a command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "kwspot", *map(str, args)],
        env=os.environ | (env or {}),
        capture_output=True,
        text=options.pop("text", True),
        timeout=120,
        check=False,
        **options,
    )


def assert_refused(result, *words, code=1):
    """Check that a command ended with one clear message: two lines, and no traceback."""
    assert result.exit_code == code, (result.stdout, result.stderr)
    lines = result.stderr.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["error:", "hint:"], result.stderr
    for word in words:
        assert str(word) in lines[0], result.stderr
    assert len(lines[1]) > len("hint: ")
