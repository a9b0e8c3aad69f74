"""The report of `kwspot learn`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.doubts import doubts
from kwspot.report.item import DOUBTFUL, Item
from kwspot.report.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kwspot.audio import Source
    from kwspot.keyword import Keyword
    from kwspot.results import Occurrence

_CONTEXT = 5.0  # seconds; a person may find the word elsewhere


def describe_keyword(
    keyword: Keyword,
    clips: Mapping[str, Source] | None = None,
    *,
    places: Sequence[Occurrence] | None = None,
    settings: Mapping[str, object] | None = None,
) -> Report:
    """Describe what a keyword was learned from.

    Parameters
    ----------
    keyword : Keyword
        From `kwspot.learn` or `kwspot.enrol.enrol`.
    clips : mapping of str to path, bytes, binary file object or tuple (samples, rate), optional
        What it was learned from, by the names that its occurrences have. What is missing here is
        read from the path of that name.
    places : sequence of Occurrence, optional
        The keyword's occurrences in the order to show them.
    settings : mapping of str to object, optional
        How it was learned, to be told.

    Returns
    -------
    Report
        Its places can be judged; `kwspot.review.Review` reads what is then saved.

    Raises
    ------
    AudioError
        If a recording cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> from kwspot.keyword import Keyword
    >>> rng = np.random.default_rng(0)
    >>> takes = [(rng.normal(size=8000) / 9, 16000) for _ in range(2)]
    >>> keyword = Keyword.from_examples(takes, name="hiss", front_end="cepstra")
    >>> report = describe_keyword(keyword, {"clip 1": takes[0], "clip 2": takes[1]})
    >>> report.lead
    'Found in 2 of 2 recordings.'
    >>> report.html()[:15]
    '<!doctype html>'
    """
    shown = keyword.occurrences if places is None else places
    sources = {place.clip: (clips or {}).get(place.clip, place.clip) for place in shown}
    recordings = len(sources)
    held = len({place.clip for place in shown if place.present})
    seconds = sum(place.duration for place in shown) / len(shown)
    return Report(
        kind="Learned keyword",
        title=keyword.name,
        lead=f"Found in {held} of {recordings} recordings.",
        items=tuple(_item(keyword, place, sources[place.clip]) for place in shown),
        context=_CONTEXT,
        review="learn",
        confidence=keyword.confidence,
        figures=(
            ("confidence", f"{keyword.confidence:.2f}"),
            ("examples", str(len(keyword.examples))),
            ("mean length", f"{seconds:.2f} s"),
            ("threshold", f"{keyword.threshold:.3g}"),
            *_alarms(keyword),
        ),
        doubts=tuple(doubts(keyword, sources, shown)),
        heading="Where it was found",
        settings={
            "front end": keyword.front_end,
            **(settings or {}),
            "learned": keyword.created,
            "by kwspot": keyword.version,
        },
    )


def _item(keyword: Keyword, place: Occurrence, source: Source) -> Item:
    facts, against = _evidence(keyword, place)
    if not place.present:
        against = ["The word does not seem to be here: this is the best guess.", *against]
    elif place.score < DOUBTFUL:
        against = ["This place agrees less with the others.", *against]
    return Item(
        recording=place.clip,
        source=source,
        word=keyword.name,
        start=place.start,
        end=place.end,
        score=place.score,
        mark="doubtful" if against else "",
        doubts=tuple(against),
        facts=tuple(facts),
        present=place.present,
    )


def _evidence(keyword: Keyword, place: Occurrence) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what the evidence says of a clip: figures, and what speaks against it."""
    told = keyword.evidence
    if told is None or place.clip not in told.clips:
        return [], []
    number = told.clips.index(place.clip)
    facts = [("agreement", f"{told.mean_agreement[number]:.2f}")]
    if not told.left_out:
        return facts, []
    facts.append(("lead without it", f"{told.left_out[number]:+.2f}"))
    if told.left_out[number] >= 0:
        return facts, []
    return facts, ["Without this recording another word would have been chosen."]


def _alarms(keyword: Keyword) -> list[tuple[str, str]]:
    """Return how many false alarms are expected, if that is known."""
    expected = keyword.expected_false_alarms
    if expected is None:
        return []
    rate, low, high = expected
    return [("false alarms per hour", f"{rate:.2g} ({low:.2g} to {high:.2g})")]
