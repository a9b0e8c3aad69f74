"""`kwspot terms`: what is said again and again in recordings, with no query."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kwspot.errors import OutputError

from .common import Json, Quiet, print_json, progress, report, reported, say
from .inputs import STDIN, recordings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot import Terms
    from kwspot.errors import KwspotError


@reported
def terms(
    audio: Annotated[
        list[str],
        typer.Argument(
            metavar="AUDIO_OR_FOLDER...",
            help="Recordings, or folders of them.",
            show_default=False,
        ),
    ],
    *,
    top: Annotated[int, typer.Option(min=1, help="Terms to tell of, at most.")] = 20,
    min_duration: Annotated[float, typer.Option(min=0, help="Shortest a term may be, s.")] = 0.2,
    max_duration: Annotated[float, typer.Option(min=0, help="Longest a term may be, s.")] = 1.0,
    min_count: Annotated[int, typer.Option(min=2, help="Occurrences it must have.")] = 3,
    nested: Annotated[
        bool,
        typer.Option(
            "--nested/--flat", help="Tell of terms within longer ones too; or each place once."
        ),
    ] = True,
    jobs: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
    save: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Write each as a model: term-01.kws, ..."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find what is said again and again in recordings.

    There is no query and no transcript: words and phrases that recur are terms.

    \b
    Example:
      kwspot terms calls/ --top 10
      kwspot terms calls/ --save terms/ && kwspot spot terms/term-01.kws -- meeting.wav
      kwspot terms songs/ --min-duration 0.025 --max-duration 0.125 --flat    # of a bird
    """
    if STDIN in audio:
        raise typer.BadParameter("name files or folders, not standard input")
    if not 0 < min_duration < max_duration:
        raise typer.BadParameter("--min-duration must be above 0 and less than --max-duration")
    started = time.perf_counter()
    folder = None if save is None else _folder(Path(save))
    options = {
        "top": top,
        "min_duration": min_duration,
        "max_duration": max_duration,
        "min_count": min_count,
        "nested": nested,
        "jobs": jobs,
    }
    found, failures = _find(audio, options, quiet=quiet)
    models = [] if folder is None else _save(found, folder, quiet=quiet)
    if as_json:
        print_json({**json.loads(found.to_json()), "models": models})
    else:
        print(found.table())
    if not quiet:
        seconds = time.perf_counter() - started
        say(f"{len(found)} term(s) in {len(found.recordings)} recording(s), {seconds:.2f} s")
    if failures:
        raise typer.Exit(1)


def _find(audio: Sequence[str], options: dict[str, Any], *, quiet: bool) -> tuple[Terms, int]:
    """Search what can be used of the recordings; also tell how many cannot."""
    import kwspot

    failures = 0

    def skip(_: str, error: KwspotError) -> None:
        nonlocal failures
        report(error)
        failures += 1

    usable = []
    for item in recordings(audio):
        if item.error is None:
            usable.append(item.name)
        else:
            skip(item.name, item.error)
    with progress("searching", quiet=quiet) as update:
        found = kwspot.discover_terms(usable, skip=skip, progress=update, **options)
    return found, failures


def _folder(path: Path) -> Path:
    """Make the folder for models, before any work is done."""
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path} is no folder", hint="name a folder, new or not, with --save")
    path.mkdir(parents=True, exist_ok=True)
    return path


def _save(found: Terms, folder: Path, *, quiet: bool) -> list[str]:
    """Write a model for each term, and return their paths."""
    models = []
    with progress("learning", quiet=quiet) as update:
        for number, term in enumerate(found, 1):
            name = f"term-{number:0{max(2, len(str(len(found))))}}"
            models.append(str(folder / f"{name}.kws"))
            term.keyword(name).save(models[-1])
            update(number / len(found))
    return models
