"""`kwspot export`: write detections as files that other programs open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kwspot.errors import KwspotError

from .common import Json, Quiet, print_json, reported, say
from .labels import Force, Labels, check_format, emit, files_for, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.formats import Label


@reported
def export(
    detections: Labels,
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="audacity, csv, eaf, jams, jsonl, label-studio, raven, rttm, textgrid or webvtt.",
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE_OR_FOLDER/",
            help="File to write, or a folder for one file per recording; else standard output.",
        ),
    ] = None,
    tier: Annotated[
        str | None, typer.Option(help="Tier to put all in; by default one for each keyword.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write detections as files that other programs open. Praat, ELAN, Audacity, Raven and more.

    Into a TextGrid, ELAN or JAMS file that is there, a tier is added and all else in it stays;
    with --force a tier of the same name is replaced. Other files are only replaced with --force.

    \b
    Example:
      kwspot export found.jsonl --to textgrid -o interview.TextGrid
      kwspot spot hello.kws -- calls/ --json | kwspot export - --to eaf -o annotations/
    """
    from dataclasses import replace

    from kwspot import formats

    check_format("--to", to)
    if as_json and output is None:
        raise typer.BadParameter("--json tells what was written, so it needs --output")
    labels = load(detections)
    if tier is not None:
        labels = [replace(label, tier=tier) for label in labels]
    if output is None:
        emit(formats.render(labels, form=to, duration=_duration(labels)))
        return
    files = _files(labels, output, to, detections)
    for path, part in files.items():
        if path != Path(output):  # within a folder, which is made
            path.parent.mkdir(parents=True, exist_ok=True)
        formats.write(path, part, form=to, duration=_duration(part), force=force)
    if as_json:
        print_json({"format": to, "files": list(map(str, files)), "labels": len(labels)})
    if not quiet:
        say(f"wrote {len(labels)} label(s) to {len(files)} file(s)")


def _files(labels: Sequence[Label], output: str, to: str, source: str) -> dict[Path, list[Label]]:
    """Tell which labels go to which file."""
    from kwspot.formats.files import named

    if not (output.endswith("/") or Path(output).is_dir()):
        return {Path(output): list(labels)}
    recordings = dict.fromkeys(label.recording for label in labels)
    paths = files_for(recordings, Path(output), named(to).SUFFIXES[0], Path(source).name)
    return {
        path: [label for label in labels if label.recording == name] for name, path in paths.items()
    }


def _duration(labels: Sequence[Label]) -> float | None:
    """Return the length of the recording that labels are about, if it is one and can be read."""
    from kwspot.audio import duration

    names = {label.recording for label in labels}
    try:
        return duration(names.pop()) if len(names) == 1 else None
    except KwspotError:
        return None  # the labels may have come without it
