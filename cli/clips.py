"""`kwspot clips`: cut detections out as audio files."""

from __future__ import annotations

import io
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kwspot.errors import KwspotError, OutputError

from .common import Json, Quiet, print_json, progress, report, reported, say
from .labels import Audio, Force, Labels, audio_of, files_for, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.formats import Label

_LONGEST = 60  # letters of a keyword in a file name


class Kind(StrEnum):
    """How audio is written."""

    wav = "wav"
    flac = "flac"
    ogg = "ogg"


@reported
def clips(
    detections: Labels,
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FOLDER", help="Where the clips go.")
    ],
    context: Annotated[
        float, typer.Option(min=0, help="What to keep before and after each, s.")
    ] = 0.5,
    kind: Annotated[Kind, typer.Option("--format", help="How to write the audio.")] = Kind.wav,
    audio: Audio = None,
    force: Force = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Cut detections out as audio files, with what is around them. Prints the names of the files.

    A file is named after its recording, the time in it, the keyword and the score.

    \b
    Example:
      kwspot clips found.jsonl -o hits/ --context 1
      kwspot spot hello.kws -- calls/ --json | kwspot clips - -o hits/
    """
    labels = load(detections)
    recordings = list(dict.fromkeys(label.recording for label in labels))
    groups = [[label for label in labels if label.recording == name] for name in recordings]
    stems = files_for(recordings, Path(output), "", Path(detections).name)
    files = [_names(stems[group[0].recording], group, kind) for group in groups]
    if not force:
        _check_new([path for group in files for path in group])
    failures, told = 0, []
    with progress("cutting", quiet=quiet) as update:
        for number, (group, paths) in enumerate(zip(groups, files, strict=True), 1):
            try:
                source = audio if audio is not None else audio_of(group[0], detections)
                _cut(source, group, paths, context, kind)
            except KwspotError as error:
                report(error)
                failures += 1
            else:
                told += [_told(*pair) for pair in zip(paths, group, strict=True)]
            update(number / len(groups))
    if as_json:
        print_json({"clips": told})
    else:
        print("".join(f"{one['clip']}\n" for one in told), end="")
    if not quiet:
        say(f"wrote {len(told)} clip(s) from {len(groups) - failures} recording(s)")
    if failures:
        raise typer.Exit(1)


def _names(stem: Path, labels: Sequence[Label], kind: Kind) -> list[Path]:
    """Name the clips of one recording."""
    names: list[Path] = []
    for label in labels:
        seconds, rest = divmod(round(label.start * 1000), 1000)
        clock = f"{seconds // 3600:02}h{seconds // 60 % 60:02}m{seconds % 60:02}.{rest:03}s"
        word = re.sub(r"[^\w.-]+", "_", label.text)[:_LONGEST].strip("._") or "keyword"
        score = "" if label.score is None else f"_{label.score:.2f}"
        name = f"{stem.name}_{clock}_{word}{score}"
        path, again = stem.with_name(f"{name}.{kind}"), 1
        while path in names:
            again += 1
            path = stem.with_name(f"{name}_{again}.{kind}")
        names.append(path)
    return names


def _check_new(files: Sequence[Path]) -> None:
    """Refuse to replace a file, before any is written."""
    for path in files:
        if path.exists():
            raise OutputError(f"{path} exists", hint="name another folder, or use --force")


def _cut(
    source: str, labels: Sequence[Label], files: Sequence[Path], context: float, kind: Kind
) -> None:
    """Write the clips of one recording, each all at once or not at all."""
    import soundfile

    from kwspot.audio import cut
    from kwspot.tensorfile import write_atomically

    spans = [(max(0.0, label.start - context), label.end + context) for label in labels]
    pieces, rate = cut(source, spans)
    for path, piece in zip(files, pieces, strict=True):
        content = io.BytesIO()
        soundfile.write(content, piece, round(rate), format=kind.upper())
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content.getvalue())


def _told(path: Path, label: Label) -> dict[str, Any]:
    """Return what `--json` tells of a clip."""
    return {
        "clip": str(path),
        "audio": label.recording,
        "keyword": label.text,
        "start": label.start,
        "end": label.end,
        "score": label.score,
    }
