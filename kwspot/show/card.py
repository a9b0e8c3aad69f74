"""What a notebook shows of a result: figures, and a player or a picture for each."""

from __future__ import annotations

from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING

from kwspot.errors import MissingExtra
from kwspot.show.place import Place, heard
from kwspot.show.player import player
from kwspot.show.vector import svg
from kwspot.show.waveform import waveform_svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kwspot.base import Result
    from kwspot.results import Detection, Occurrence
    from kwspot.show.sound import Sound

_CONTEXT = 0.25  # seconds around a place that are played with it
_MOST = 30  # rows; more would make a notebook heavy


def card(result: Result) -> str:
    """Return a result as HTML: its plain figures, and its picture if matplotlib is installed."""
    name = type(result).__name__
    plain = {one.name: getattr(result, one.name) for one in fields(result)}
    told = {key: value for key, value in plain.items() if isinstance(value, str | int | float)}
    try:
        picture = svg(result.plot, label=f"{name}, drawn", size=(6.5, 3.5))
    except MissingExtra:
        picture = ""
    return f"<div>{heading(name, told)}{picture}</div>"


def places_card(
    title: str,
    told: Mapping[str, object],
    found: Sequence[Occurrence | Detection],
    *,
    words: Sequence[str] = (),
) -> str:
    """Return places as an HTML table: each can be seen and, if its recording is there, played.

    Parameters
    ----------
    title : str
        What it is; any text.
    told : mapping of str to object
        Figures to tell first.
    found : sequence of Occurrence or Detection
        At most 30 are shown, in their order.
    words : sequence of str
        What occurrences are called, if they are of different words.

    Notes
    -----
    O(n) for recordings of n samples; 5 to 15 kB for each place.
    """
    shown = [Place.of(one) for one in found[:_MOST]]
    if words:
        shown = [one._replace(word=word) for one, word in zip(shown, words, strict=False)]
    sounds = heard(shown, _CONTEXT, None)
    rows = [row(one, sound) for one, sound in zip(shown, sounds, strict=True)]
    more = f"<p>and {len(found) - _MOST} more</p>" if len(found) > _MOST else ""
    head = "".join(
        f'<th scope="col" style="text-align:left">{name}</th>'
        for name in ("recording", "word", "start (s)", "end (s)", "score", "sound")
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f"<div>{heading(title, told)}{table if rows else ''}{more}</div>"


def heading(title: str, told: Mapping[str, object]) -> str:
    """Return a title and figures beside it, escaped.

    Examples
    --------
    >>> heading("<Word>", {"confidence": 0.5, "clips": 3})
    '<p><strong>&lt;Word&gt;</strong> confidence 0.50, clips 3</p>'
    """
    figures = ", ".join(f"{name.replace('_', ' ')} {_text(value)}" for name, value in told.items())
    return f"<p><strong>{escape(title)}</strong> {escape(figures)}</p>"


def row(place: Place, sound: Sound | None) -> str:
    """Return a place as a row of an HTML table."""
    score = f"{place.score:.2f}" + ("" if place.sure else " (doubtful: best guess)")
    cells = [place.recording, place.word, f"{place.start:.2f}", f"{place.end:.2f}", score]
    texts = "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in cells)
    return f"<tr>{texts}<td>{'' if sound is None else _sounding(place, sound)}</td></tr>"


def _sounding(place: Place, sound: Sound) -> str:
    """Return the waveform and the player of a place."""
    picture = waveform_svg(
        sound, [(place.start, place.end, place.sure)], label=f"waveform of {place.text}"
    )
    return f"{picture}<br>{player(sound, label=f'play {place.text}')}"


def _text(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
