"""The file that makes a folder an archive: its format, and the front end of all its features."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kwspot.archive.arrays import group_file
from kwspot.errors import ArchiveError

if TYPE_CHECKING:
    from kwspot.archive.store import Store

FORMAT = "kwspot.archive/1"
ROOT, SHARDS = "zarr.json", "shards/zarr.json"


def root_file(front_end: str) -> bytes:
    """Return the ``zarr.json`` of an archive."""
    return group_file({"kwspot": {"format": FORMAT, "front_end": front_end}})


def write_root(store: Store, front_end: str) -> None:
    """Begin an archive; one of that front end stays as it is, as two writers may begin at once.

    Raises
    ------
    ArchiveError
        If something else is there.
    """
    there = store.names("")
    if ROOT in there:
        if (other := read_root(store)) != front_end:
            raise ArchiveError(
                f"{store.url} is an archive of the front end {other}, not {front_end}",
                hint="an archive has one front end: name another archive",
            )
        return
    if there:
        raise ArchiveError(
            f"{store.url} is no archive, and not empty", hint="name a new folder, or an archive"
        )
    store.write(ROOT, root_file(front_end))  # first: it tells others that this is an archive
    store.write(SHARDS, group_file({}))


def read_root(store: Store) -> str:
    """Return the name of an archive's front end.

    Raises
    ------
    ArchiveError
        If it is none, damaged, or of a newer version.
    """
    try:
        text = store.read(ROOT)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ArchiveError(
            f"there is no archive at {store.url}",
            hint="check the path, or make one: kwspot index AUDIO -o ARCHIVE",
        ) from error
    try:
        about = json.loads(text)["attributes"]["kwspot"]
        form, front_end = str(about["format"]), str(about["front_end"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            f"{store.url} is no archive of kwspot, or a damaged one",
            hint=f"check the path, or mend it: kwspot index --check -o {store.url}",
        ) from error
    if form != FORMAT:
        raise ArchiveError(
            f"{store.url} has the format {form}, and this kwspot reads {FORMAT}",
            hint="pip install --upgrade kwspot",
        )
    return front_end
