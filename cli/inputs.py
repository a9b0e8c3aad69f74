"""What a user names on the command line: models, recordings, folders, standard input."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.audio import Source
    from kwspot.errors import KwspotError
    from kwspot.keyword import Keyword

STDIN = "-"
_MARK = "\0"  # no argument of a process can hold it


class ModelsAndAudio(TyperCommand):
    """A command with two lists, ``MODEL... -- AUDIO...``, and options on either side of ``--``.

    Click would take ``--`` as the end of all options and forget where it stood.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Mark the first ``--``, and files after it whose names look like options."""
        if "--" in args:
            at = args.index("--")
            after = (_MARK + arg if _is_odd_name(arg) else arg for arg in args[at + 1 :])
            args = [*args[:at], _MARK, *after]
        return super().parse_args(ctx, args)


def _is_odd_name(arg: str) -> bool:
    """Tell whether an argument looks like an option and is a file."""
    return arg.startswith("-") and arg != STDIN and Path(arg).exists()


def split(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell models from recordings: by the mark that stands for ``--``, else by what they are."""
    if _MARK in paths[1:]:
        at = paths.index(_MARK)
        models, audio = list(paths[:at]), list(paths[at + 1 :])
    else:
        named = [path for path in paths if path != _MARK]
        models = [path for path in named if is_model(path)]
        audio = [path for path in named if path not in models]
    if not models:
        raise typer.BadParameter("name a model (.kws) that `kwspot learn` wrote")
    if not audio:
        raise typer.BadParameter("name recordings or folders to search, or - for standard input")
    return models, [path.removeprefix(_MARK) for path in audio]


def is_model(path: str) -> bool:
    """Tell a model by its ending, or else by its beginning: a length of 8 bytes, then JSON."""
    place = Path(path)
    if place.suffix.lower() == ".kws":
        return not place.is_dir()
    if not place.is_file():  # nor is a pipe read from: what is in it comes only once
        return False
    try:
        with place.open("rb") as file:
            head = file.read(9)
    except (OSError, ValueError):
        return False
    return head[8:] == b"{" and int.from_bytes(head[:8], "little") < place.stat().st_size


def load(models: Sequence[str]) -> list[Keyword]:
    """Load the keywords from model files."""
    from kwspot import Keyword

    return [Keyword.load(path) for path in models]


@dataclass(frozen=True, slots=True)
class Input:
    """A recording as the user named it; or an error, where nothing can be read under that name.

    Others who read it have another current folder; for them, `folder` tells which.
    """

    name: str
    error: KwspotError | None = None
    folder: str = ""

    @property
    def source(self) -> Source:
        """What to read."""
        return sys.stdin.buffer if self.name == STDIN else os.path.join(self.folder, self.name)  # noqa: PTH118


def recordings(paths: Sequence[str], *, scheduler: str | None = None) -> list[Input]:
    """List the recordings that paths stand for, each name once and beginning as it was given.

    Those that are for a scheduler's workers know where they are.
    """
    found = {item.name: item for path in paths for item in _expand(path)}
    if scheduler is None:
        return list(found.values())
    if STDIN in found:
        raise typer.BadParameter("standard input cannot be heard by a cluster: name files")
    return [replace(item, folder=os.getcwd()) for item in found.values()]  # noqa: PTH109


def _expand(path: str) -> Iterator[Input]:
    """Yield the recordings that one path stands for."""
    from kwspot.audio import find
    from kwspot.errors import KwspotError

    if path == STDIN:
        yield Input(path)
        return
    try:
        files = find(path)
    except KwspotError as error:
        yield Input(path, error)
        return
    if files == [Path(path)]:
        yield Input(path)
        return
    for file in files:  # a Path drops a leading "./"
        yield Input(os.path.join(path, file.relative_to(path)))  # noqa: PTH118
