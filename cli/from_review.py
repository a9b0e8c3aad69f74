"""`kwspot learn --review`: learn a word from what somebody accepted in a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .common import report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.keyword import Keyword

    from .inputs import Input


def learn_reviewed(
    files: Sequence[str],
    clips: Sequence[Input],
    label: str | None,
    name: str | None,
    front_end: str,
) -> tuple[Keyword, int]:
    """Learn from the accepted places, and tell how many clips cannot be used."""
    from kwspot.enrol import enrol_reviewed
    from kwspot.review import Review

    reviews = [Review.load(path) for path in files]
    usable = [item.name for item in clips if item.error is None]
    for item in clips:
        if item.error is not None:
            report(item.error)
    keyword = enrol_reviewed(
        reviews,
        usable,
        word=label,
        name=name,
        front_end=front_end,
        folders=[Path(path).parent for path in files],
    )
    return keyword, len(clips) - len(usable)
