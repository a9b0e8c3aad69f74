"""Find the audio files that a user means when naming files and folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kwspot.audio.source import is_folder, unreachable
from kwspot.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Left out on purpose, though something could be read from them: .raw and .vox (no header), .mat
# and .htk (in a folder of recordings these are labels or features) and .ts (also TypeScript).
_LIBSNDFILE = (
    ".wav .wave .bwf .rf64 .w64 .flac .ogg .oga .opus .mp1 .mp2 .mp3 .aif .aiff .aifc .caf "
    ".au .snd .sph .nist .gsm .voc .paf .svx .8svx .iff .avr .pvf .sds .sf .ircam .wve .xi"
)
_PYAV = (
    ".m4a .m4b .m4r .m4v .mp4 .mov .qt .3gp .3g2 .aac .adts .mkv .mka .webm .wma .wmv .asf "
    ".avi .flv .ac3 .eac3 .dts .amr .ape .wv .tta .spx .ogv .mpg .mpeg .vob .mts .m2ts"
)
EXTENSIONS = frozenset((_LIBSNDFILE + " " + _PYAV).split())


def find(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Path]:
    """List the audio files that paths stand for.

    A folder stands for every audio file below it, told by extension; hidden files and folders
    are passed over and links to folders are not followed. A file stands for itself, whatever
    its extension. A path met twice is listed once.

    Parameters
    ----------
    paths : path or iterable of paths
        Files and folders.

    Returns
    -------
    list of Path
        In the order of `paths`; the files of one folder sorted by name, in the same order on
        every machine: by code points, capitals and small letters alike. Each path begins as it
        was given: nothing is made absolute.

    Raises
    ------
    AudioError
        If a path does not exist, a folder cannot be listed, or holds no audio file.

    Notes
    -----
    O(n log n) for n files below the folders; no file is opened.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.wav", "A.flac", "notes.txt", ".hidden.wav"):
    ...         _ = Path(folder, name).write_bytes(b"")
    ...     [path.name for path in find(folder)]
    ['A.flac', 'b.wav']
    """
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    found: dict[Path, None] = {}  # as an ordered set
    for path in map(Path, paths):
        found.update(dict.fromkeys(_below(path) if is_folder(path) else [path]))
    return list(found)


def _below(folder: Path) -> list[Path]:
    """List the audio files below a folder, sorted."""
    files = sorted(_walk(folder), key=_order)
    if not files:
        raise AudioError(
            f"no audio file in the folder {folder}, nor below it: "
            "looked for .wav, .flac, .ogg, .mp3, .m4a and the like",
            hint="name a folder that holds recordings, or name the files themselves",
        )
    return files


def _order(path: Path) -> tuple[list[str], tuple[str, ...]]:
    """Give what paths are sorted by: capitals and small letters alike, then by code points."""
    return [part.casefold() for part in path.parts], path.parts


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the visible audio files below a folder, in no order."""
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in EXTENSIONS:
                yield Path(place, name)


def _refuse(error: OSError) -> None:
    """Stop at a folder that cannot be listed; os.walk would pass over it silently."""
    raise unreachable(Path(error.filename), error) from error
