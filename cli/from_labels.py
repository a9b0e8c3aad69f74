"""`kwspot learn --from-labels`: learn a word from where somebody has marked it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kwspot.errors import NothingFound

from .common import say
from .labels import audio_of, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.formats import Label
    from kwspot.keyword import Keyword

_SHOWN = 8  # labels in a message


def check(
    clips: Sequence[str],
    files: Sequence[str],
    reviews: Sequence[str],
    label: str | None,
    audio: str | None,
) -> None:
    """Refuse what makes no sense, as usage."""
    if (clips or reviews) and files:
        raise typer.BadParameter("name clips to search, or --from-labels, not both")
    if not clips and not files and not reviews:
        raise typer.BadParameter("name clips that share a word, or labels with --from-labels")
    if not files and (audio is not None or (label is not None and not reviews)):
        raise typer.BadParameter("--label and --audio go with --from-labels")
    if audio is not None and len(files) > 1:
        raise typer.BadParameter("--audio names the one recording that one --from-labels is about")


def learn_from(
    files: Sequence[str],
    label: str | None,
    audio: str | None,
    *,
    name: str,
    front_end: str,
    quiet: bool,
) -> Keyword:
    """Learn from all labels of one text."""
    from kwspot.enrol import enrol

    marked = [(path, found) for path in files for found in load(path)]
    wanted = _chosen([found for _, found in marked], label, ", ".join(files))
    places = [(path, found) for path, found in marked if found.text.strip() == wanted]
    sources = {
        (path, found.recording): audio if audio is not None else audio_of(found, path)
        for path, found in places
    }
    spans = [(sources[path, found.recording], found.start, found.end) for path, found in places]
    keyword = enrol(spans, name=name, front_end=front_end)
    if len(keyword.examples) < len(spans) and not quiet:
        say(f"of {len(spans)} labels {wanted!r}, {len(keyword.examples)} are learned from")
    return keyword


def _chosen(labels: Sequence[Label], label: str | None, files: str) -> str:
    """Return the text to learn; one that is not asked for must be the only one."""
    there = dict.fromkeys(text for found in labels if (text := found.text.strip()))
    wanted = label.strip() if label is not None else next(iter(there), "")
    if wanted in there and (label is not None or len(there) == 1):
        return wanted
    shown = ", ".join(map(repr, list(there)[:_SHOWN])) + (", ..." if len(there) > _SHOWN else "")
    if not there:
        raise NothingFound(f"{files}: there are no labels", hint="mark the word and save them")
    what = f"no label {wanted!r}" if label is not None else "it is not clear which label to learn"
    raise NothingFound(f"{files}: {what}; there are {shown}", hint="choose one with --label")
