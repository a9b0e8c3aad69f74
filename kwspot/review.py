"""What a person made of a machine's choice: the file that a report saves.

Format ``kwspot.review/1``: a JSON object in UTF-8 with

========== ==================================================================================
format     ``kwspot.review/1``
kwspot     the version that made the report
about      ``learn``, ``spot`` or ``search``: the command whose report was judged
keyword    what the report is about
confidence 0 to 1, how sure the machine was that the places are one word; or null
saved      when, ISO 8601 in UTC
items      a list, one object for each place in the report
========== ==================================================================================

Each item has ``recording`` (its name, a path where it has one), ``digest`` (SHA-256 of the
recording, 64 hexadecimal digits), ``keyword``, ``decision`` (``accepted``, ``rejected`` or
``undecided``), ``start`` and ``end`` (seconds, as the person left them) and ``found``: what the
machine had (``start``, ``end``, ``score`` or null, and ``present``, false for a best guess).
What else there may be is passed over.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from kwspot.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "kwspot.review/1"

Decision: TypeAlias = Literal["accepted", "rejected", "undecided"]

_DECISIONS = ("accepted", "rejected", "undecided")
_HINT = "save the review again from the report that `--report` wrote"


@dataclass(frozen=True, slots=True)
class Judged:
    """A place that a person has judged, or passed over.

    Attributes
    ----------
    recording, digest : str
        The recording's name and fingerprint, see `kwspot.audio.digest`.
    keyword : str
        What the machine took it for.
    decision : str
        ``accepted``, ``rejected`` or ``undecided``.
    start, end : float
        Half-open span in seconds, as the person left it.
    present : bool
        False if the machine itself thought that the word is not there.
    """

    recording: str
    digest: str
    keyword: str
    decision: Decision
    start: float
    end: float
    present: bool = True


@dataclass(frozen=True, slots=True)
class Review:
    """What a person made of the places in a report.

    Attributes
    ----------
    about : str
        Which command's report it was: ``learn``, ``spot`` or ``search``.
    keyword : str
        What the report was about.
    items : tuple of Judged
        In the order of the report.
    confidence : float or None
        How sure the machine was that the places are one word.

    Examples
    --------
    >>> place = {"recording": "a.wav", "digest": "0" * 64, "keyword": "yes", "start": 1, "end": 1.5}
    >>> items = [place | {"decision": "accepted"}, place | {"decision": "rejected"}]
    >>> review = Review.from_json(json.dumps(
    ...     {"format": FORMAT, "about": "spot", "keyword": "yes", "items": items}
    ... ))
    >>> [(place.start, place.end) for place in review.taken]
    [(1.0, 1.5)]
    """

    about: str
    keyword: str
    items: tuple[Judged, ...]
    confidence: float | None = None

    def __iter__(self) -> Iterator[Judged]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def taken(self) -> tuple[Judged, ...]:
        """The places to learn from: accepted, or chosen by `learn` and left as they were."""
        return tuple(item for item in self if self._is_taken(item))

    @property
    def mistaken(self) -> tuple[Judged, ...]:
        """The detections that were rejected: what must not be taken for the word.

        In a report of `learn` a rejected place is none: there the machine had not yet learned.
        """
        if self.about == "learn":
            return ()
        return tuple(item for item in self if item.decision == "rejected")

    def _is_taken(self, item: Judged) -> bool:
        if item.decision == "undecided":
            return self.about == "learn" and item.present
        return item.decision == "accepted"

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read the file that a report saved.

        Parameters
        ----------
        path : path
            The file.

        Raises
        ------
        FormatError
            If it cannot be read, is damaged, or of a newer kwspot.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise FormatError(f"{path} cannot be read: {reason}", hint="check the path") from error
        return cls.from_json(text, name=str(path))

    @classmethod
    def from_json(cls, text: str, *, name: str = "the review") -> Self:
        """Read the content of such a file.

        Parameters
        ----------
        text : str
            The content.
        name : str
            What messages call it.

        Raises
        ------
        FormatError
            As `load` does.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"{name} is no JSON ({error})", hint=_HINT) from error
        told = fields.get("format") if isinstance(fields, dict) else None
        if told != FORMAT:
            newer = isinstance(told, str) and re.fullmatch(r"kwspot\.review/\d+", told)
            raise FormatError(
                f"{name} has the format {told!r}, and {FORMAT!r} was needed",
                hint="update kwspot: a newer one wrote it" if newer else _HINT,
            )
        items = _field(fields, "items", list, name)
        return cls(
            about=_field(fields, "about", str, name),
            keyword=_field(fields, "keyword", str, name),
            items=tuple(_judged(item, f"{name}, item {n}") for n, item in enumerate(items, 1)),
            confidence=_confidence(fields.get("confidence"), name),
        )


def _judged(fields: Any, where: str) -> Judged:
    """Check one item."""
    if not isinstance(fields, dict):
        raise FormatError(f"{where} is {type(fields).__name__}, and no object", hint=_HINT)
    decision, digest = (_field(fields, key, str, where) for key in ("decision", "digest"))
    if decision not in _DECISIONS:
        raise FormatError(
            f"{where}: the decision is {decision!r}",
            hint=f"it must be {', '.join(_DECISIONS[:-1])} or {_DECISIONS[-1]}",
        )
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise FormatError(f"{where}: the digest is {digest!r}, no SHA-256", hint=_HINT)
    start, end = (_seconds(fields, key, where) for key in ("start", "end"))
    if not 0 <= start < end:
        raise FormatError(
            f"{where} goes from {start:g} to {end:g} s",
            hint="a place starts at 0 or later, and ends after it starts",
        )
    found = fields.get("found", {})
    return Judged(
        recording=_field(fields, "recording", str, where),
        digest=digest,
        keyword=_field(fields, "keyword", str, where),
        decision=decision,
        start=start,
        end=end,
        present=not isinstance(found, dict) or found.get("present") is not False,
    )


def _field(fields: dict[str, Any], key: str, kind: type, where: str) -> Any:
    """Return what an object has under a key."""
    if key not in fields:
        raise FormatError(f"{where} has no {key!r}", hint=_HINT)
    if not isinstance(fields[key], kind):
        got = type(fields[key]).__name__
        raise FormatError(f"{where}: {key!r} is {got}, and {kind.__name__} was needed", hint=_HINT)
    return fields[key]


def _seconds(fields: dict[str, Any], key: str, where: str) -> float:
    """Return a time."""
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FormatError(f"{where}: {key!r} is {value!r}, no number of seconds", hint=_HINT)
    return float(value)


def _confidence(value: Any, name: str) -> float | None:
    """Return a share from 0 to 1, or nothing."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise FormatError(f"{name}: the confidence is {value!r}, not 0 to 1", hint=_HINT)
    return float(value)
