"""What all commands share: how they report errors, warnings and progress, and print results."""

from __future__ import annotations

import functools
import json
import os
import sys
import time
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from kwspot.errors import DoubtfulResult, KwspotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kwspot.workers import Run

P = ParamSpec("P")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no remarks; errors are still told.")
]

Jsonl = Annotated[bool, typer.Option("--json", help="One JSON object per line: --format jsonl.")]
Jobs = Annotated[int, typer.Option(min=1, help="Recordings to work on at a time.")]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Let the workers of a Dask cluster do it, such as tcp://10.0.0.1:8786.",
        show_default=False,
    ),
]
Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="MODEL... [--] AUDIO...",
        help="Models that `kwspot learn` wrote, then recordings or folders; - is standard input.",
        show_default=False,
    ),
]

_PATIENCE = 1.0  # seconds of work before progress is shown


def say(words: str) -> None:
    """Write one line for people to standard error."""
    typer.echo(" ".join(words.splitlines()), err=True)


def print_json(fields: dict[str, Any]) -> None:
    """Write one line of JSON to standard output, at once."""
    print(json.dumps(fields), flush=True)


def report(error: KwspotError) -> None:
    """Write the two lines of an error that the user can mend."""
    say(f"error: {error}")
    say(f"hint: {error.hint}")


def reported(command: Callable[P, None]) -> Callable[P, None]:
    """Make a command end with a message and an exit code, whatever happens in it.

    Errors that the user can mend give two lines and exit code 1, Ctrl-C one line and 130, a
    reader that goes away (`| head`) nothing and 1; a doubtful result gives one line and goes on.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with _warnings_told():
                command(*args, **kwargs)
        except KeyboardInterrupt:
            say("interrupted")
            raise typer.Exit(130) from None
        except BrokenPipeError:
            leave_quietly()
            raise typer.Exit(1) from None
        except (KwspotError, OSError, RuntimeError) as error:
            mendable = _mendable(error)
            if mendable is None:
                raise
            report(mendable)
            raise typer.Exit(1) from error

    return run


def _mendable(error: Exception) -> KwspotError | None:
    """Return an error as one that the user can mend; None for a mistake of ours."""
    if isinstance(error, KwspotError):
        return error
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return KwspotError(
            f"{place}{error.strerror or error}",
            hint="check the path, who may use it, and the space left on the disk",
        )
    if "no locator available" in str(error):  # numba's words
        return KwspotError(
            "kwspot finds no folder to keep its compiled code in",
            hint="set the environment variable NUMBA_CACHE_DIR to a folder that you may write",
        )
    return None


def leave_quietly() -> None:
    """Let nothing more be written to a standard output that nobody reads, Python's exit included.

    Source: the note on SIGPIPE in the documentation of Python's module `signal`.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _warnings_told() -> Iterator[None]:
    """Print each doubt about a result as one line, once."""
    told: set[str] = set()
    show_other = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if not issubclass(category, DoubtfulResult):
            show_other(message, category, *place, **more)
        elif str(message) not in told:
            told.add(str(message))
            say(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", DoubtfulResult)
        warnings.showwarning = show
        yield


@contextmanager
def workers(jobs: int, scheduler: str | None) -> Iterator[Run]:
    """Give what does the work: threads, or a cluster that is let go at the end."""
    if scheduler is None:
        from kwspot.workers import threads

        yield threads(jobs)
        return
    from kwspot.scale import cluster

    with cluster(scheduler) as run:
        yield run


@contextmanager
def progress(words: str, *, quiet: bool) -> Iterator[Callable[..., None]]:
    """Give a function that takes the fraction done, and draws it when there is somebody to look.

    It also takes other words, such as tell of the speed.

    Nothing is drawn within the first second, nor where standard error is no terminal.
    """
    started, bar = time.monotonic(), None

    def update(fraction: float, now: str = words) -> None:
        nonlocal bar
        if bar is None and time.monotonic() - started > _PATIENCE:
            bar = _bar(words)
        if bar is not None:
            bar.update(bar.task_ids[0], completed=fraction, description=now)

    def ignore(_: float, __: str = words) -> None:
        pass

    try:
        yield ignore if quiet or not sys.stderr.isatty() else update
    finally:
        if bar is not None:
            bar.stop()


def _bar(words: str) -> Any:
    """Start to draw a bar on standard error that vanishes when it is done."""
    from rich.console import Console
    from rich.progress import Progress

    # Results go to the true standard output, beside the bar: rich must not catch them.
    bar = Progress(
        console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    )
    bar.add_task(words, total=1.0)
    bar.start()
    return bar
