"""Keywords from one example: a clip, or a hit of an earlier search."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from kwspot.errors import ArchiveError, AudioError
from kwspot.features import front_end as front_end_named
from kwspot.features.heard import Heard
from kwspot.keyword import Keyword
from kwspot.recording import Recording, source_name
from kwspot.results import Occurrence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kwspot.archive.archive import Archive
    from kwspot.audio import Source


def of_clip(
    clip: Source, front_end: str, start: float | None = None, end: float | None = None
) -> Keyword:
    """Learn a keyword from one clip.

    Parameters
    ----------
    clip : path, bytes, binary file object or tuple (samples, rate)
        A recording.
    front_end : str
        That of the archives.
    start, end : float, optional
        Where the word is, in seconds; by default from the first sound to the last.

    Raises
    ------
    AudioError
        If it cannot be read, is silent, or has no such part.
    """
    ear = front_end_named(front_end)
    name = source_name(clip, 1)
    recording = Recording.listen(clip, name, ear)
    loud = recording.loud_place(ear)
    place = Occurrence(
        name, loud.start if start is None else start, loud.end if end is None else end, 1.0
    )
    return _learn(PurePath(name).stem, recording, place, front_end)


def of_hit(hit: Mapping[str, Any], archives: Sequence[Archive]) -> Keyword:
    """Learn a keyword from a hit, by the features of its recording alone.

    Parameters
    ----------
    hit : mapping
        Its fields: recording, keyword, start and end are used.
    archives : sequence of Archive
        One of them holds the recording.

    Raises
    ------
    ArchiveError
        If none does.
    """
    path = str(hit["recording"])
    for archive in archives:
        entry = archive.catalogue.entries.get(path)
        if entry is not None:
            frames = archive.features(entry)
            heard = Heard(frames, frames[:0], frames[:0])
            recording = Recording.of(heard, path, entry.digest, archive.front_end)
            place = Occurrence(path, float(hit["start"]), float(hit["end"]), 1.0)
            return _learn(str(hit["keyword"]), recording, place, archive.front_end.name)
    raise ArchiveError(
        f"{path} is in none of the archives", hint="name the archive that the hit is from"
    )


def _learn(name: str, recording: Recording, place: Occurrence, front_end: str) -> Keyword:
    """Learn a keyword from one place of a recording."""
    ear = front_end_named(front_end)
    length = len(recording.frames) * ear.period
    if not 0 <= place.start < place.end <= length + ear.period:
        raise AudioError(
            f"{recording.name} lasts {length:.2f} s and has no part from {place.start:.2f} to "
            f"{place.end:.2f} s",
            hint="give --from and --to in seconds, the earlier first",
        )
    return Keyword.enrol(name, ear, [recording], [place], 1.0)
