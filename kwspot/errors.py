"""What can go wrong for a user: each error says what was found and needed, its hint what to do."""

from __future__ import annotations

from typing import Any


class KwspotError(Exception):
    """A mistake that the user can mend.

    Parameters
    ----------
    message : str
        What was found and what was needed.
    hint : str
        What to do about it.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """Go from process to process, whatever parameters a child has."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[KwspotError], args: tuple[Any, ...], state: dict[str, Any]) -> KwspotError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class AudioError(KwspotError):
    """A recording cannot be read, or holds nothing that can be used."""


class TooFewClips(KwspotError):
    """A keyword cannot be told from chance with this many clips.

    Parameters
    ----------
    found, needed : int
        How many there are, and how many there should be.
    """

    def __init__(self, found: int, needed: int) -> None:
        super().__init__(
            f"found {found} usable clip(s), but a keyword needs at least {needed}",
            hint="add recordings that hold the same word; five is a good number",
        )
        self.found, self.needed = found, needed


class NothingFound(KwspotError):
    """The clips were read, but no word could be found in them."""


class ModelError(KwspotError):
    """A model file is damaged, of a newer version, or no model at all."""


class CodecError(KwspotError):
    """Compressed data is damaged, cut short, or not what it was said to be."""


class ArchiveError(KwspotError):
    """An archive is damaged, of a newer version, no archive at all, or made for something else."""


class ClusterError(KwspotError):
    """Other machines cannot be reached, or cannot do the work."""


class FormatError(KwspotError):
    """A file of labels is malformed or of no known format, or a format cannot hold a label."""


class OutputError(KwspotError):
    """A result could not be written; what stood at that place before is untouched."""


class MissingExtra(KwspotError):
    """Something was asked for that needs an optional package.

    Parameters
    ----------
    what : str
        What was asked for.
    extra : str
        The extra of kwspot that brings it.
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an optional package that is not installed",
            hint=f"pip install 'kwspot[{extra}]'",
        )
        self.extra = extra


class DoubtfulResult(UserWarning):
    """A result is returned, but there is a reason not to trust it fully."""
