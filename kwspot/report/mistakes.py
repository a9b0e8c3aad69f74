"""Where keywords were missed, or found where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.audio import duration
from kwspot.identify import identify
from kwspot.metrics import match_spans
from kwspot.report.item import Item
from kwspot.spot import spot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kwspot.evaluation.truth import TrueRecording, Truth
    from kwspot.keyword import Keyword

_MOST = 40  # of either kind


def find_mistakes(
    keywords: Sequence[Keyword],
    truth: Truth,
    *,
    min_iou: float = 0.5,
    most: int = _MOST,
    progress: Callable[[float], None] | None = None,
) -> list[Item]:
    """Find what keywords do wrong where the truth is known.

    Parameters
    ----------
    keywords, truth, min_iou, progress
        As `kwspot.evaluate` takes them.
    most : int
        How many mistakes of each kind to return: the surest of those that have a score.

    Returns
    -------
    list of Item
        First the false alarms, or what was taken for another word; then what was missed.

    Raises
    ------
    AudioError
        If a recording cannot be read.

    Notes
    -----
    As long as spotting or identifying each recording once.
    """
    names = [keyword.name for keyword in keywords]
    wrong: list[Item] = []
    missed: list[Item] = []
    for number, recording in enumerate(truth.recordings, 1):
        if truth.has_places:
            for item in _in_stream(keywords, recording, min_iou):
                (missed if item.score is None else wrong).append(item)
        elif recording.whole in names:
            wrong += _in_word(keywords, recording)
        if progress is not None:
            progress(number / len(truth.recordings))
    wrong.sort(key=lambda item: item.score or 0.0, reverse=True)
    return wrong[:most] + missed[:most]


def _in_stream(
    keywords: Sequence[Keyword], recording: TrueRecording, min_iou: float
) -> Iterator[Item]:
    """Yield the false alarms and the misses in a recording, at the keywords' own thresholds."""
    path, found = recording.path, spot(recording.path, keywords)
    for name in (keyword.name for keyword in keywords):
        words = [word for word in recording.words if word.word == name]
        hits = [hit for hit in found if hit.keyword == name]
        pairs = match_spans(
            [(word.start, word.end) for word in words],
            [(hit.start, hit.end) for hit in hits],
            min_iou=min_iou,
        )
        right, heard = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        for number, hit in enumerate(hits):
            if number not in heard:
                why = f"“{name}” was found where the truth does not have it."
                yield Item(path, path, name, hit.start, hit.end, hit.score, "false alarm", (why,))
        for number, word in enumerate(words):
            if number not in right:
                why = f"“{name}” is said here and was not found."
                yield Item(path, path, name, word.start, word.end, None, "missed", (why,))


def _in_word(keywords: Sequence[Keyword], recording: TrueRecording) -> Iterator[Item]:
    """Yield a recording that is one word, if it was taken for another."""
    path = recording.path
    ranking = identify(path, keywords)
    if ranking.best != recording.whole:
        why = f"“{recording.whole}” was taken for “{ranking.best}”."
        score = dict(ranking)[ranking.best]
        yield Item(
            path, path, recording.whole, 0.0, duration(path), score, "taken for another", (why,)
        )
