"""One place on the page: its picture, its player, and the means to judge it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from kwspot.report.markup import Html, element, fill, join, pairs
from kwspot.report.picture import clock, picture
from kwspot.show.player import ogg

if TYPE_CHECKING:
    from kwspot.report.item import Heard, Item


def place(heard: Heard, number: int, *, judged: bool) -> Html:
    """Return a place as HTML.

    Parameters
    ----------
    heard : Heard
        What it is.
    number : int
        Its number on the page, from 1.
    judged : bool
        Whether a person can accept or reject it here.
    """
    item, _, sound = heard
    first, last = clock(round(sound.start, 2)), clock(round(sound.end, 2))
    judging = fill(
        "judging.html",
        number=number,
        name=f"{number}, {item.title}",
        start=f"{item.start:.3f}",
        end=f"{item.end:.3f}",
        low=f"{sound.start:.3f}",
        high=f"{sound.end:.3f}",
    )
    return fill(
        "place.html",
        number=number,
        title=item.title,
        path=element("p", item.recording, _class="path")
        if item.recording != item.title
        else Html(""),
        mark=element("span", item.mark, _class="badge doubt") if item.mark else Html(""),
        decision=Html('<span class="badge decision" hidden></span>') if judged else Html(""),
        facts=_facts(item),
        doubts=join(element("p", doubt, _class="doubt") for doubt in item.doubts),
        picture=picture(sound, item.start, item.end),
        label=f"Sound of {item.title} from {first} to {last} s",
        audio=base64.b64encode(ogg(sound)).decode(),
        judging=judging if judged else Html(""),
    )


def _facts(item: Item) -> Html:
    """Return what is known of a place: where it is, how sure, and what else."""
    told = [] if item.score is None else [("score", f"{item.score:.2f}")]
    told.append(("at", f"{clock(item.start)} to {clock(item.end)} s"))
    return pairs((*told, *item.facts))
