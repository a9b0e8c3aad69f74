"""Labels on the command line: detections and annotations, read from files or standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kwspot.errors import AudioError

from .inputs import STDIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kwspot.formats import Label

Labels = Annotated[
    str,
    typer.Argument(
        metavar="DETECTIONS",
        help="What `kwspot spot --json` wrote, or a file of labels; - is standard input.",
        show_default=False,
    ),
]
Audio = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The recording that the labels are about, if not found."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]


def load(path: str) -> list[Label]:
    """Read the labels in a file or from standard input."""
    from kwspot import formats
    from kwspot.formats.files import decode

    if path != STDIN:
        return formats.read(path)
    text = decode(sys.stdin.buffer.read(), "standard input")
    form = None if text.strip() else "jsonl"  # `kwspot spot --json` found nothing
    return formats.parse(text, form=form, name="standard input")


def emit(text: str) -> None:
    """Write the content of a file to standard output, in UTF-8 whatever its encoding."""
    from kwspot.formats.files import encode

    sys.stdout.flush()
    sys.stdout.buffer.write(encode(text))
    sys.stdout.buffer.flush()


def check_format(option: str, name: str, others: Iterable[str] = ()) -> None:
    """Refuse a format that is not known, as usage."""
    from kwspot.formats import names

    known = (*others, *(one for one in names() if one not in others))
    if name not in known:
        raise typer.BadParameter(f"{option} must be one of {', '.join(known)}, not {name!r}")


def audio_of(label: Label, path: str) -> str:
    """Return the recording that a label in the file at `path` is about.

    It is looked for where the file says, then under that name beside the file; if the file names
    none, the one audio file beside it that is called like it.

    Raises
    ------
    AudioError
        If it is not there, or nothing tells which it is.
    """
    named, folder = label.recording, Path(path).parent
    for place in (Path(named), folder / named, folder / Path(named).name):
        if named and place.is_file():
            return named if place == Path(named) else str(place)
    beside = _audio_called(Path(named or path).name, folder)
    if len(beside) == 1:
        return str(beside[0])
    if beside:
        choice = " or ".join(place.name for place in beside)
        fault = f"{path}: it is not clear which recording is meant, {choice}"
    elif named:
        fault = f"{path}: the recording {named!r} is not there"
    else:
        fault = f"{path} names no recording, and no audio file beside it is called like it"
    raise AudioError(fault, hint="name the recording with --audio")


def _audio_called(name: str, folder: Path) -> list[Path]:
    """List the audio files in a folder that a file such as ``talk.Table.1.txt`` is called after."""
    from kwspot.audio.folder import EXTENSIONS

    places = [folder / other for other in sorted(os.listdir(folder))]  # noqa: PTH208
    called = [
        place
        for place in places
        if place.suffix.lower() in EXTENSIONS and f"{name}.".startswith(f"{place.stem}.")
    ]
    longest = max((len(place.stem) for place in called), default=0)
    return [place for place in called if len(place.stem) == longest]


def files_for(recordings: Iterable[str], folder: Path, ending: str, other: str) -> dict[str, Path]:
    """Give each recording a file in a folder, below it as the recordings are among themselves.

    Parameters
    ----------
    recordings : iterable of str
        As they are named.
    folder : Path
        Where the files go; none leads out of it.
    ending : str
        Of the files; it takes the place of the recording's own, unless two would then be the same.
    other : str
        What a recording without a name is called.
    """
    called = {"": other, STDIN: "stdin"}
    paths = {name: Path(os.path.abspath(called.get(name, name))) for name in recordings}  # noqa: PTH100
    top = os.path.commonpath([path.parent for path in paths.values()]) if paths else ""
    inside = {name: folder / path.relative_to(top) for name, path in paths.items()}
    short = {name: path.with_suffix(ending) for name, path in inside.items()}
    clear = len(set(short.values())) == len(short)
    return short if clear else {n: p.with_name(p.name + ending) for n, p in inside.items()}
