"""A report: what was found, to see and to hear, as one HTML file that needs nothing beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kwspot import __version__
from kwspot.report.item import hear
from kwspot.report.markup import (
    Html,
    as_json,
    element,
    fill,
    fingerprint,
    html,
    join,
    pairs,
    read,
)
from kwspot.report.place import place
from kwspot.review import FORMAT
from kwspot.tensorfile import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kwspot.report.item import Heard, Item

_SCRIPTS = ("place.js", "edges.js", "review.js", "keys.js")
_NAME = 60  # letters of a keyword in a file name


@dataclass(frozen=True, eq=False, slots=True)
class Report:
    """What a page shows.

    Attributes
    ----------
    kind, title, lead : str
        What it is about, its name, and the result in a sentence.
    items : tuple of Item
        The places to see and hear.
    context : float
        Seconds around each place.
    review : str or None
        Of which command the places can be judged: ``learn``, ``spot`` or ``search``; None if they
        cannot.
    confidence : float or None
        0 to 1: how sure it is that the places are one word, if that is known.
    figures : tuple of (str, str)
        Names and values that matter most.
    doubts : tuple of str
        Why the result may be wrong, a sentence each.
    sections : tuple of Html
        Charts and tables.
    heading : str
        Above the items.
    settings : mapping of str to object
        How it was made.
    """

    kind: str
    title: str
    lead: str
    items: tuple[Item, ...] = ()
    context: float = 2.0
    review: str | None = None
    confidence: float | None = None
    figures: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    sections: tuple[Html, ...] = ()
    heading: str = "What was found"
    settings: Mapping[str, object] = field(default_factory=dict)

    def save(self, path: str | Path) -> None:
        """Write the page, all at once or not at all.

        Parameters
        ----------
        path : path
            File to write or replace.

        Raises
        ------
        AudioError
            If a recording cannot be read.
        OutputError
            If the page cannot be written; a file that stood there is untouched.
        """
        write_atomically(path, self.html().encode())

    def html(self) -> str:
        """Return the page.

        Raises
        ------
        AudioError
            If a recording cannot be read.

        Notes
        -----
        O(n) for recordings of n samples; about 7 kB for each second that can be heard, and 20 kB
        for each place. No script, style or sound comes from elsewhere, and a content security
        policy has the browser see to that.
        """
        heard = hear(self.items, self.context)
        style = read("report.css")
        script = "\n".join(map(read, _SCRIPTS)) if heard else ""
        policy = (
            f"default-src 'none'; img-src data:; media-src data:; style-src {fingerprint(style)}; "
            f"script-src {fingerprint(script)}; base-uri 'none'; form-action 'none'"
        )
        return fill(
            "report.html",
            policy=policy,
            style=Html(style),
            version=__version__,
            kind=self.kind,
            title=self.title,
            lead=self.lead,
            figures=pairs(self.figures),
            doubts=_doubts(self.doubts),
            sections=join(self.sections),
            places=self._places(heard),
            settings=pairs(_told(self.settings)),
            data=as_json(self._data(heard)),
            script=Html(script),
        )

    def _places(self, heard: list[Heard]) -> Html:
        """Return the part of the page with what can be heard."""
        if not heard:
            return Html("")
        return fill(
            "places.html",
            heading=self.heading,
            number=len(heard),
            review=Html(read("review.html")) if self.review else Html(""),
            keys=Html(read("keys.html")) if self.review else Html(""),
            places=join(
                place(one, number, judged=self.review is not None)
                for number, one in enumerate(heard, 1)
            ),
        )

    def _data(self, heard: list[Heard]) -> dict[str, Any]:
        """Return what the scripts read."""
        return {
            "file": f"{_file_name(self.title)}.review.json",
            "review": self.review
            and {
                "format": FORMAT,
                "kwspot": __version__,
                "about": self.review,
                "keyword": self.title,
                "confidence": self.confidence,
            },
            "places": [
                {
                    "recording": item.recording,
                    "digest": digest,
                    "keyword": item.word,
                    "start": item.start,
                    "end": item.end,
                    "score": item.score,
                    "present": item.present,
                    "from": sound.start,
                    "until": sound.end,
                }
                for item, digest, sound in heard
            ],
        }


def _doubts(doubts: Iterable[str]) -> Html:
    """Return what speaks against the whole as a part of the page, if anything does."""
    told = join(element("li", doubt) for doubt in doubts)
    return fill("doubts.html", doubts=told) if told else Html("")


def _told(settings: Mapping[str, object]) -> list[tuple[str, object]]:
    """Return settings as they are shown; what was not set is left out."""
    shown: list[tuple[str, object]] = []
    for name, value in settings.items():
        if value is None or value == [] or value == ():
            continue
        if isinstance(value, bool):
            value = "yes" if value else "no"
        elif isinstance(value, list | tuple):
            value = Html("<br>".join(map(html, value)))
        shown.append((name.replace("_", " "), value))
    return shown


def _file_name(title: str) -> str:
    """Return a keyword as it can stand in the name of a file.

    Examples
    --------
    >>> _file_name("guten Tag/<b>"), _file_name("...")
    ('guten_Tag_b', 'keyword')
    """
    return re.sub(r"[^\w.-]+", "_", title)[:_NAME].strip("._") or "keyword"
