"""Read and write files of labels, of any format."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kwspot.errors import FormatError, OutputError
from kwspot.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.formats.format import Format, Tiered
    from kwspot.formats.label import Label


def _module(name: str) -> Format:
    """Import the module of a format."""
    return cast("Format", import_module(f"kwspot.formats.{name}"))


# Names as a user gives them; in this order a file's content is looked at.
_MODULES = {
    "textgrid": "textgrid",
    "eaf": "elan",
    "jams": "jams",
    "label-studio": "label_studio",
    "jsonl": "jsonl",
    "webvtt": "webvtt",
    "rttm": "rttm",
    "raven": "raven",
    "audacity": "audacity",
    "csv": "csv_table",
}
FORMATS: Registry[Format] = Registry(
    "format", {name: partial(_module, module) for name, module in _MODULES.items()}
)


def names() -> tuple[str, ...]:
    """Return the names of the formats, sorted.

    Examples
    --------
    >>> names()[:3]
    ('audacity', 'csv', 'eaf')
    """
    return FORMATS.names()


def named(name: str) -> Format:
    """Return the format of a name.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> named("eaf").SUFFIXES
    ('.eaf',)
    """
    return FORMATS.make(name)


def is_tiered(form: Format) -> bool:
    """Tell whether labels can be added to what others have written.

    Examples
    --------
    >>> is_tiered(named("eaf")), is_tiered(named("csv"))
    (True, False)
    """
    return hasattr(form, "add")


def detect(path: str | Path, text: str) -> Format:
    r"""Tell the format of a file, by its ending and, above all, its content.

    Raises
    ------
    FormatError
        If it is none that is known.

    Examples
    --------
    >>> detect("a.txt", "0.5\t1.25\thello").TITLE
    'an Audacity label track'
    """
    ending = Path(path).suffix.lower()
    forms = [named(name) for name in FORMATS]
    likely = [form for form in forms if ending in map(str.lower, form.SUFFIXES)]
    for form in [*likely, *forms] if text.strip() else likely:
        if form.matches(text):
            return form
    if len(likely) == 1:  # its reader says what is wrong
        return likely[0]
    raise FormatError(
        f"{path} is of no known format of labels: it begins with {text[:30]!r}",
        hint=f"known are {', '.join(names())}",
    )


def read(path: str | Path, *, form: str | None = None) -> list[Label]:
    """Read the labels in a file.

    Parameters
    ----------
    path : path
        The file: UTF-8, or UTF-16 as Praat writes it.
    form : str, optional
        Name of its format, see `names`; by default as the content tells.

    Returns
    -------
    list of Label
        In the order of the file.

    Raises
    ------
    FormatError
        If it cannot be opened, is of no known format, or malformed; then the message names the
        line and what was expected.
    ValueError
        If there is no format of that name.

    Notes
    -----
    O(n) time and memory.

    Examples
    --------
    >>> import tempfile
    >>> from kwspot.formats import Label, read, write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder, "a.TextGrid"), [Label(0.5, 1.25, "hello")], form="textgrid")
    ...     [(label.text, label.start) for label in read(Path(folder, "a.TextGrid"))]
    [('hello', 0.5)]
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise FormatError(
            f"{path} cannot be opened: {error.strerror or error}", hint="check the path"
        ) from error
    return parse(decode(content, str(path)), form=form, name=str(path))


def parse(text: str, *, form: str | None = None, name: str = "the text given") -> list[Label]:
    """Read labels from the content of a file, as `read` does from the file.

    Parameters
    ----------
    text : str
        The content.
    form : str, optional
        Name of its format, see `names`; by default as the content tells.
    name : str
        What messages call it.

    Returns
    -------
    list of Label
        In the order of the text.

    Raises
    ------
    FormatError, ValueError
        As `read` does.
    """
    chosen = named(form) if form else detect(name, text)
    try:
        return chosen.read(text)
    except FormatError as error:
        raise FormatError(f"{name}, {error}", hint=error.hint) from None


def decode(content: bytes, name: str) -> str:
    """Decode UTF-8, or UTF-16 with a mark at its beginning.

    Raises
    ------
    FormatError
        If it is neither.

    Examples
    --------
    >>> decode("é".encode("utf-16"), "a")
    'é'
    """
    utf_16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte {content[error.start]:#x}"
        raise FormatError(
            f"{name}, line {line}: expected text in UTF-8, found {found}",
            hint="save it as text, in UTF-8",
        ) from None


def render(labels: Sequence[Label], *, form: str, duration: float | None = None) -> str:
    r"""Return the content of a file of labels, for `write` or for standard output.

    Parameters
    ----------
    labels : sequence of Label
        In any order.
    form : str
        Name of the format, see `names`.
    duration : float, optional
        Length of the recording in seconds; some formats tell it.

    Raises
    ------
    FormatError
        If the format cannot hold a label, or not those of several recordings.
    ValueError
        If there is no format of that name.

    Examples
    --------
    >>> from kwspot.formats import Label
    >>> render([Label(0.5, 1.25, "hello")], form="audacity")
    '0.500000\t1.250000\thello\n'
    """
    return _checked(labels, form).write(labels, duration)


def write(
    path: str | Path,
    labels: Sequence[Label],
    *,
    form: str,
    duration: float | None = None,
    force: bool = False,
) -> None:
    """Write labels to a file; into one that is there, tiers are added where the format has any.

    Parameters
    ----------
    path : path
        File to write.
    labels : sequence of Label
        In any order.
    form : str
        Name of the format, see `names`.
    duration : float, optional
        Length of the recording in seconds; some formats tell it.
    force : bool
        Replace a file that is there, or, where the format has tiers, those of the same names.

    Raises
    ------
    FormatError
        If the format cannot hold a label, if what is there is malformed, or has a tier of that
        name already.
    OutputError
        If the file is there and the format has no tiers, or if it cannot be written; what was
        there before is untouched.
    ValueError
        If there is no format of that name.

    Notes
    -----
    O(n log n) time and O(n) memory. The file is written in UTF-8, all at once or not at all.
    """
    from kwspot.tensorfile import write_atomically

    chosen, path = _checked(labels, form), Path(path)
    if path.exists() and is_tiered(chosen):
        tiered, there = cast("Tiered", chosen), decode(path.read_bytes(), str(path))
        try:
            text = tiered.add(there, labels, duration, replace=force)
        except FormatError as error:
            raise FormatError(f"{path}, {error}", hint=error.hint) from None
    elif path.exists() and not force:
        raise OutputError(f"{path} exists", hint="choose another name, or replace it with --force")
    else:
        text = chosen.write(labels, duration)
    write_atomically(path, encode(text))


def encode(text: str) -> bytes:
    """Encode as UTF-8.

    Raises
    ------
    FormatError
        If it holds what is no character, such as part of a file name that is not Unicode.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        found = text[max(0, error.start - 20) : error.end]
        raise FormatError(
            f"{found!r} cannot be written in UTF-8", hint="rename the recording or the keyword"
        ) from None


def _checked(labels: Sequence[Label], form: str) -> Format:
    """Return a format that can hold the labels of as many recordings as there are."""
    chosen = named(form)
    recordings = {label.recording for label in labels}
    if len(recordings) > 1 and not chosen.MANY:
        raise FormatError(
            f"{chosen.TITLE} is about one recording, and there are {len(recordings)}",
            hint="write one file for each, with -o FOLDER/, or choose csv or jsonl",
        )
    return chosen
