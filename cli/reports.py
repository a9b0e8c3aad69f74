"""`--report`: what was found as one HTML file, to see, to hear and to judge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kwspot.errors import OutputError

from .common import say

if TYPE_CHECKING:
    from kwspot.report import Report

ReportFile = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="HTML",
        help="Also write a page to see, hear and judge what was found; it needs no network.",
    ),
]


def check_report(path: str | None) -> None:
    """Refuse a place where the page could not or must not be written, before any work is done.

    An earlier page is replaced; another file is more likely a slip.
    """
    if path is None:
        return
    place = Path(path)
    if place.is_dir():
        raise OutputError(f"{path} is a folder", hint="name a file, such as --report report.html")
    if place.exists() and place.suffix.lower() not in (".html", ".htm"):
        raise OutputError(
            f"{path} exists, and is no page", hint="choose another name, such as report.html"
        )
    if not place.parent.is_dir():
        raise OutputError(
            f"{path} cannot be written: there is no folder {place.parent}",
            hint="make the folder first, or choose another",
        )


def save_report(report: Report, path: str, *, quiet: bool) -> None:
    """Write the page, and tell so."""
    report.save(path)
    if not quiet:
        say(f"wrote {path}: open it in a browser")
