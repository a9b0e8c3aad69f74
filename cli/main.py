"""The `kwspot` command: gathers the commands, and imports nothing heavy to do so."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kwspot import __version__

from .bench import bench
from .clips import clips
from .common import leave_quietly, say
from .demo import demo
from .doctor import doctor
from .evaluate import evaluate
from .export import export
from .identify import identify
from .index import index
from .info import info
from .inputs import ModelsAndAudio
from .learn import learn
from .search import search
from .spot import spot
from .terms import terms

app = typer.Typer(
    name="kwspot",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    epilog="Exit code: 0 if all went well, 1 if something could not be done, 2 if the command was "
    "not understood, 130 if it was interrupted.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command()(learn)
app.command(cls=ModelsAndAudio)(spot)
app.command(cls=ModelsAndAudio)(identify)
app.command()(evaluate)
app.command()(terms)
app.command()(index)
app.command()(search)
app.command()(export)
app.command()(clips)
app.command()(info)
app.command()(demo)
app.command()(doctor)
app.command()(bench)


def _print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"kwspot {__version__}")
        raise typer.Exit


@app.callback()
def kwspot(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Learn a spoken keyword from a few recordings that share it, and find it in others.

    \b
    Example:
      kwspot learn clips/ -o hello.kws
      kwspot spot hello.kws -- meeting.wav
    """


def main() -> None:
    """Run the command line; the entry point of the `kwspot` script."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks must not stop the work.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except KeyboardInterrupt:  # before or after a command; within one, `reported` sees to it
        say("interrupted")
        sys.exit(130)
    except BrokenPipeError:
        leave_quietly()
        sys.exit(1)
