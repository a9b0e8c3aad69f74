"""From labelled spans of recordings to a keyword."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kwspot.audio import digest, load
from kwspot.errors import AudioError, NothingFound
from kwspot.features import front_end as front_end_named
from kwspot.features.heard import Heard
from kwspot.keyword import Keyword
from kwspot.recording import Recording, source_name
from kwspot.results import Occurrence
from kwspot.reviewed import chosen_word, match

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kwspot.audio import Source
    from kwspot.features import FrontEnd
    from kwspot.review import Review

Span: TypeAlias = tuple[float, float]
_Heard: TypeAlias = tuple[Recording, Occurrence]

CONTEXT = 2.0  # seconds; more does not help, and costs time
MOST = 50  # examples; more cost much and add little
_SLACK = 0.1  # seconds that a label may reach beyond its recording: programs round
_SHORTEST = 0.05  # seconds


def enrol(
    spans: Sequence[tuple[Source, float, float]],
    *,
    name: str = "keyword",
    front_end: str = "auto",
    context: float = CONTEXT,
) -> Keyword:
    """Learn a word from places where somebody has marked it.

    What is around a place is heard too: it tells how the word sounds among others, in this room
    and at this level. So this recognises words in recordings better than
    `Keyword.from_examples` does with the same words cut out.

    Parameters
    ----------
    spans : sequence of (source, start, end)
        A recording, as `kwspot.learn` takes it, and the span of the word in it in seconds. One
        recording may come many times. Of more than 50 spans, an even choice is learned from.
    name : str
        What detections call it.
    front_end : str
        Which features the word is recognised by.
    context : float
        Seconds to hear before and after each place, but nothing of another place.

    Returns
    -------
    Keyword

    Raises
    ------
    AudioError
        If a recording cannot be read, or a span is not in it, silent or shorter than 50 ms.
    TooFewClips
        If there is no span.

    Notes
    -----
    O(n) to read n samples of audio; then O(k² c) for k spans with a context of c seconds. The
    recordings are read one after the other.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> word, pause = rng.normal(size=8000), rng.normal(size=16000) / 50
    >>> talk = np.concatenate([pause, word, pause, word, pause]), 16000
    >>> keyword = enrol([(talk, 1.0, 1.5), (talk, 2.5, 3.0)], name="hiss")
    >>> [(place.start, place.end) for place in keyword.occurrences]
    [(1.0, 1.5), (2.5, 3.0)]
    """
    chosen = front_end_named(front_end)
    step = -(-len(spans) // MOST) or 1
    heard: dict[int, _Heard] = {}
    for numbers in _by_source([source for source, _, _ in spans]):
        source, called = spans[numbers[0]][0], source_name(spans[numbers[0]][0], numbers[0] + 1)
        taken = [number for number in numbers if number % step == 0]
        marked = [spans[number][1:] for number in numbers]
        parts = _listen(source, called, [spans[n][1:] for n in taken], marked, chosen, context)
        heard.update(zip(taken, parts, strict=True))
    taken = sorted(heard)
    recordings, places = [heard[n][0] for n in taken], [heard[n][1] for n in taken]
    keyword = Keyword.enrol(name, chosen, recordings, places, 1.0)
    examples = [
        replace(example, occurrence=replace(example.occurrence, start=start, end=end))
        for example, (_, start, end) in zip(keyword.examples, spans[::step], strict=True)
    ]
    return replace(keyword, examples=tuple(examples))


def enrol_reviewed(
    reviews: Sequence[Review],
    clips: Sequence[Source] = (),
    *,
    word: str | None = None,
    name: str | None = None,
    front_end: str = "auto",
    folders: Sequence[str | Path] = (),
) -> Keyword:
    """Learn a word from the places that a person accepted in reports.

    Where the report was of `learn`, places that the machine chose and the person passed over are
    taken as well. Recordings of which every place was rejected are left out. In reports of `spot`
    and `search`, what was rejected becomes a counter-example, see `Keyword.against`.

    Parameters
    ----------
    reviews : sequence of Review
        What reports saved, see `kwspot.review.Review.load`.
    clips : sequence of path, bytes, binary file object or tuple (samples, rate)
        The recordings, by whatever name; reviewed ones are known by their content, and in others
        the word is looked for. Reviewed ones that are missing here are read from where the review
        says.
    word : str, optional
        The keyword to take, if the reviews are about several.
    name : str, optional
        What detections call it; by default as the review does.
    front_end : str
        Which features the word is recognised by.
    folders : sequence of path
        Where recordings may lie as well: the folders of the reviews.

    Returns
    -------
    Keyword
        With a confidence of 1, or the machine's own if it chose a place that nobody judged.

    Raises
    ------
    AudioError
        If a recording is missing, is not the one that was reviewed, or cannot be read.
    FormatError
        If it is not clear which keyword to take.
    NothingFound
        If no place is left.

    Notes
    -----
    As for `enrol` and, for the other clips, `Keyword.extend`.
    """
    word = chosen_word(reviews, word)
    spans, rejected, others = match(reviews, clips, word=word, folders=folders)
    if not spans:
        raise NothingFound(
            f"the review accepts no place of {word!r}",
            hint="accept a few places, or learn without --review",
        )
    keyword = enrol(spans, name=word if name is None else name, front_end=front_end)
    sure = [
        review.confidence
        for review in reviews
        if review.confidence is not None
        and any(one.decision == "undecided" and one.keyword == word for one in review.taken)
    ]
    keyword = replace(keyword, confidence=min(sure, default=1.0))
    return keyword.extend(others).against(spans=rejected)


def _by_source(sources: Sequence[Source]) -> list[list[int]]:
    """Gather the numbers of the spans of each recording."""
    groups: dict[object, list[int]] = {}
    for number, source in enumerate(sources):
        if isinstance(source, str | os.PathLike):
            key: object = str(source)
        else:  # of the same samples, a caller may make a tuple for each span
            key = id(source[0] if isinstance(source, tuple) else source)
        groups.setdefault(key, []).append(number)
    return list(groups.values())


def _listen(
    source: Source,
    name: str,
    spans: Sequence[Span],
    marked: Sequence[Span],
    front_end: FrontEnd,
    context: float,
) -> Iterator[_Heard]:
    """Yield places of one recording, each within what is around it up to the next one marked."""
    if not spans:
        return
    samples, fingerprint = load(source, rate=front_end.rate), digest(source)
    duration = len(samples) / front_end.rate
    for start, end in spans:
        _check(name, start, end, duration)
        first = max([0.0, start - context, *(e for _, e in marked if e <= start)])
        last = min([duration, end + context, *(s for s, _ in marked if s >= end)])
        window = samples[round(first * front_end.rate) : round(last * front_end.rate)]
        heard = Heard.by(front_end, window)
        part = Recording.of(heard, name, fingerprint, front_end, window.copy)
        yield part, Occurrence(name, start - first, end - first, 1.0)


def _check(name: str, start: float, end: float, duration: float) -> None:
    """Refuse a span that cannot be learned from."""
    if not 0 <= start < duration or end > duration + _SLACK:
        raise AudioError(
            f"{name} has {duration:.2f} s, and a label goes from {start:.2f} to {end:.2f} s",
            hint="check that the labels belong to this recording",
        )
    if end - start < _SHORTEST:
        raise AudioError(
            f"{name}: a label at {start:.2f} s lasts {end - start:.3f} s, under {_SHORTEST} s",
            hint="mark the whole word, or leave this label out",
        )
