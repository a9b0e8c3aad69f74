"""What recordings truly hold: from a table, or from folders named after words."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from kwspot.audio import find
from kwspot.errors import KwspotError

_FORM = "the columns are path,start,end,word (and speaker), or path,word for whole recordings"


class TruthError(KwspotError):
    """A truth file or folder cannot be used."""


@dataclass(frozen=True, slots=True)
class TrueWord:
    """A word in a recording.

    Attributes
    ----------
    word : str
        Which.
    start, end : float
        Half-open span in seconds.
    """

    word: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class TrueRecording:
    """What one recording holds.

    Attributes
    ----------
    path : str
        The file.
    words : tuple of TrueWord
        The words in it whose places are known.
    whole : str
        The word that the whole recording is; empty where words have places.
    speaker : str
        Who speaks; empty if that is not known.
    """

    path: str
    words: tuple[TrueWord, ...] = ()
    whole: str = ""
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """Recordings whose content is known.

    Attributes
    ----------
    recordings : tuple of TrueRecording
        In order of their first mention.
    has_places : bool
        True if words have places, False if each recording is one word.
    """

    recordings: tuple[TrueRecording, ...]
    has_places: bool


def read_truth(path: str | Path) -> Truth:
    r"""Read a table of what recordings hold.

    Parameters
    ----------
    path : path
        A CSV file in UTF-8 with the columns ``path``, ``start``, ``end``, ``word`` and, if it is
        known, ``speaker``: one row per word, times in seconds, paths as seen from the file's
        folder. A row whose word is empty only says that the recording is part of the test. Without
        ``start`` and ``end`` each row is a recording of one word.

    Returns
    -------
    Truth
        The recordings in order of their first mention.

    Raises
    ------
    TruthError
        If the file cannot be read, lacks a column, or a row makes no sense.

    Notes
    -----
    O(rows).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = Path(folder, "truth.csv")
    ...     _ = table.write_text("path,start,end,word\na.wav,0.5,1.1,hello\n")
    ...     truth = read_truth(table)
    >>> truth.recordings[0].words
    (TrueWord(word='hello', start=0.5, end=1.1),)
    """
    path = Path(path)
    rows = _rows(path)
    has_places = "start" in rows[0]
    words: dict[str, list[TrueWord]] = {}
    wholes: dict[str, str] = {}
    speakers: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        where = f"{path}, line {number}"
        name = str(path.parent / _text(row, "path", where))
        word = (row["word"] or "").strip()
        words.setdefault(name, [])
        speakers[name] = (row.get("speaker") or "").strip()
        if not has_places:
            wholes[name] = word
        elif word:
            words[name].append(_word(row, word, where))
    return Truth(
        tuple(
            TrueRecording(name, tuple(held), wholes.get(name, ""), speakers[name])
            for name, held in words.items()
        ),
        has_places,
    )


def read_folder(path: str | Path) -> Truth:
    """Take each folder in a folder for a word, and the recordings in it for that word.

    Parameters
    ----------
    path : path
        The outer folder.

    Returns
    -------
    Truth
        Each recording is one word as a whole.

    Raises
    ------
    TruthError
        If there is no such folder, or no folder in it.
    AudioError
        If one of them holds no audio.

    Notes
    -----
    O(files).
    """
    path = Path(path)
    if not path.is_dir():
        raise TruthError(f"{path} is no folder", hint="name a folder with a folder per word")
    folders = sorted(one for one in path.iterdir() if one.is_dir())
    if not folders:
        raise TruthError(f"{path} holds no folders", hint="make a folder per word, named after it")
    return Truth(
        tuple(
            TrueRecording(str(file), whole=folder.name)
            for folder in folders
            for file in find(folder)
        ),
        has_places=False,
    )


def _rows(path: Path) -> list[dict[str, str | None]]:
    """Read a table, and check its columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows: list[dict[str, str | None]] = list(csv.DictReader(file))
    except OSError as error:
        raise TruthError(
            f"{path} cannot be opened: {error.strerror or error}", hint="check the path"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"{path} is no table in UTF-8 ({error})", hint=_FORM) from error
    if not rows:
        raise TruthError(f"{path} has no rows below a first line of names", hint=_FORM)
    missing = {"path", "word"} - rows[0].keys()
    if ("start" in rows[0]) != ("end" in rows[0]):
        missing |= {"start", "end"} - rows[0].keys()
    if missing:
        raise TruthError(f"{path} lacks the column {', '.join(sorted(missing))}", hint=_FORM)
    return rows


def _text(row: dict[str, str | None], column: str, where: str) -> str:
    value = (row[column] or "").strip()
    if not value:
        raise TruthError(f"{where}: {column} is empty", hint=_FORM)
    return value


def _word(row: dict[str, str | None], word: str, where: str) -> TrueWord:
    start, end = (_number(_text(row, column, where), where) for column in ("start", "end"))
    if not 0 <= start < end < float("inf"):
        raise TruthError(
            f"{where}: {word!r} goes from {start:g} to {end:g} s",
            hint="a word ends after it starts, and starts at 0 or later",
        )
    return TrueWord(word, start, end)


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise TruthError(f"{where}: {text!r} is no number of seconds", hint=_FORM) from error
