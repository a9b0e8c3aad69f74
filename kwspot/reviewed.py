"""From what a person accepted in a report to places in recordings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kwspot.audio import digest
from kwspot.errors import AudioError, FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kwspot.audio import Source
    from kwspot.review import Judged, Review


Span: TypeAlias = "tuple[Source, float, float]"


class Matched(NamedTuple):
    """Reviewed places with their recordings.

    Attributes
    ----------
    spans : list of (source, start, end)
        The places to learn from: a recording, and a span in seconds.
    rejected : list of (source, start, end)
        Detections that are none.
    others : list of path, bytes, binary file object or tuple (samples, rate)
        The recordings that are in no review.
    """

    spans: list[Span]
    rejected: list[Span]
    others: list[Source]


def match(
    reviews: Sequence[Review],
    clips: Sequence[Source] = (),
    *,
    word: str | None = None,
    folders: Sequence[str | Path] = (),
) -> Matched:
    """Find the recordings that reviews are about, by their content.

    Parameters
    ----------
    reviews : sequence of Review
        From `Review.load`.
    clips : sequence of path, bytes, binary file object or tuple (samples, rate)
        Recordings, whatever they are called now. A reviewed one that is not among them is read
        from where the review says, or from one of `folders`.
    word : str, optional
        The keyword to take; needed if there are several.
    folders : sequence of path
        Where to look as well: those of the reviews.

    Raises
    ------
    AudioError
        If a recording is missing, or its content is not what was reviewed.
    FormatError
        If the reviews are about several keywords, or none of that name.

    Notes
    -----
    O(n) for files of n bytes.
    """
    if not reviews:
        return Matched([], [], list(clips))
    word = chosen_word(reviews, word)
    there = [(digest(clip), clip) for clip in clips]
    sources: dict[str, Source] = dict(reversed(there))

    def spans(items: Iterable[Judged]) -> list[Span]:
        chosen = (item for item in items if item.keyword == word)
        return [(_source(item, sources, folders), item.start, item.end) for item in chosen]

    items = [item for review in reviews for item in review if item.keyword == word]
    judged = {item.digest for item in items}
    others = [clip for fingerprint, clip in there if fingerprint not in judged]
    _refuse_changed(items, others)
    return Matched(
        spans(item for review in reviews for item in review.taken),
        spans(item for review in reviews for item in review.mistaken),
        others,
    )


def chosen_word(reviews: Sequence[Review], word: str | None) -> str:
    """Return the keyword to take; one that is not asked for must be the only one.

    Raises
    ------
    FormatError
        If it is not clear, or not there.
    """
    words = list(dict.fromkeys(item.keyword for review in reviews for item in review))
    if word in words:
        return str(word)
    if word is None and len(words) == 1:
        return words[0]
    there = ", ".join(map(repr, words)) or "nothing"
    if word is None:
        what = f"the review is about {there}, and it is not clear which to learn"
    else:
        what = f"the review is about {there}, not about {word!r}"
    raise FormatError(what, hint="name one of these keywords")


def _source(item: Judged, sources: dict[str, Source], folders: Sequence[str | Path]) -> Source:
    """Return the recording of a place; one that has to be looked for is added to `sources`."""
    if item.digest in sources:
        return sources[item.digest]
    named = Path(item.recording)
    beside = [Path(folder, name) for folder in folders for name in (named, named.name)]
    files = [place for place in (named, *beside) if place.is_file()]
    if not files:
        raise AudioError(
            f"{item.recording}, which was reviewed, is not there",
            hint="name the recording among the clips; it may have another name by now",
        )
    for file in files:
        if digest(file) == item.digest:
            return sources.setdefault(item.digest, str(file))
    raise _changed(item.recording)


def _refuse_changed(items: Sequence[Judged], others: Sequence[Source]) -> None:
    """Refuse recordings that are called like reviewed ones and have another content."""
    names = {os.path.abspath(item.recording) for item in items}  # noqa: PTH100
    for clip in others:
        if isinstance(clip, str | os.PathLike) and os.path.abspath(clip) in names:  # noqa: PTH100
            raise _changed(str(clip))


def _changed(name: str) -> AudioError:
    return AudioError(
        f"{name} is not the recording that was reviewed: its content differs",
        hint="put the reviewed recording back, or make a new report of this one",
    )
