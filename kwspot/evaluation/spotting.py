"""Detections against words whose places are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot import metrics
from kwspot.audio import RATE, blocks
from kwspot.evaluation.result import Curve, Evaluation
from kwspot.evaluation.summary import grouped, measured, table
from kwspot.peaks import Peaks
from kwspot.stream import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.evaluation.truth import TrueRecording
    from kwspot.keyword import Keyword
    from kwspot.peaks import Hit
    from kwspot.results import Detection
    from kwspot.workers import Run

I64 = npt.NDArray[np.int64]

# Thresholds at which a spotter is tried, evenly spaced in log-odds.
_THRESHOLDS = 1 / (1 + np.exp(-np.linspace(-6, 9, 61)))
_ALLOWED = (0.1, 0.5, 1.0)  # false alarms per hour
_REFRACTORY = 0.3  # seconds, as `kwspot.spot` has it


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of one recording; tallies add up.

    Attributes
    ----------
    seconds : float
        Duration.
    true : ndarray, shape (keywords,), int64
        How often each keyword is said.
    hits, found : ndarray, shape (keywords, 1 + thresholds), int64
        How many detections are right, and how many there are: at the keyword's own threshold, then
        at each of those that are tried.
    """

    seconds: float
    true: I64
    hits: I64
    found: I64


def evaluate_spotting(
    keywords: Sequence[Keyword],
    recordings: Sequence[TrueRecording],
    *,
    min_iou: float,
    rng: np.random.Generator,
    run: Run,
    progress: Callable[[float], None],
) -> Evaluation:
    """Spot keywords in recordings and judge what is found; see `kwspot.evaluate`."""
    tallies, scores = [], []
    tasks = ((keywords, recording, min_iou) for recording in recordings)
    for number, (tally, judged) in enumerate(run(_listen, tasks), 1):
        tallies.append(tally)
        scores += judged
        progress(number / len(recordings))
    groups, grouped_by = grouped([one.speaker for one in recordings], tallies)
    everything = range(len(keywords))
    asked = {"all": list(everything)}
    if len(keywords) > 1:
        asked |= {keywords[i].name: [i] for i in everything}
    measures = {
        name: measured([_sum(group, chosen) for group in groups], _figures, rng)
        for name, chosen in asked.items()
    }
    curve = _curve(_sum(tallies, everything))
    return Evaluation(
        task="spotting",
        recordings=len(recordings),
        seconds=round(sum(tally.seconds for tally in tallies), 3),
        groups=len(groups),
        grouped_by=grouped_by,
        measures=measures,
        curve=Curve("per hour", *(tuple(values.tolist()) for values in curve)),
        reliability=table(scores),
    )


def _listen(
    keywords: Sequence[Keyword], recording: TrueRecording, min_iou: float
) -> tuple[Tally, list[tuple[float, bool]]]:
    """Count hits at every threshold; also tell of each detection its score, and if it is right.

    The recording is heard once. What a spotter would report is then replayed for each threshold: a
    weak detection may hide a strong one that follows it, so the weak ones cannot just be left out.
    """
    lowest = min(_THRESHOLDS[0], *(word.threshold for word in keywords))
    listener = Listener(keywords, threshold=float(lowest), rate=RATE)
    hits: list[Hit] = []
    samples = 0
    for block in blocks(recording.path, rate=RATE):
        samples += len(block)
        hits += listener.feed(block)
    hits += listener.finish()
    own = np.array([word.threshold for word in keywords])
    levels = [own, *(np.full(len(keywords), level) for level in _THRESHOLDS)]
    spans = [
        [(word.start, word.end) for word in recording.words if word.word == keyword.name]
        for keyword in keywords
    ]
    right = np.zeros((len(keywords), len(levels)), np.int64)
    found = np.zeros_like(right)
    judged: list[tuple[float, bool]] = []
    for j, level in enumerate(levels):
        detections = _report(keywords, [hit for hit in hits if hit.score >= level[hit.keyword]])
        for i, keyword in enumerate(keywords):
            of_it = [one for one in detections if one.keyword == keyword.name]
            pairs = metrics.match_spans(
                spans[i], [(one.start, one.end) for one in of_it], min_iou=min_iou
            )
            right[i, j], found[i, j] = len(pairs), len(of_it)
            if j == 1:  # the lowest of those that are tried shows scores of every size
                matched = {estimated for _, estimated in pairs}
                judged += [(one.score, k in matched) for k, one in enumerate(of_it)]
    true = np.array([len(some) for some in spans])
    return Tally(samples / RATE, true, right, found), judged


def _report(keywords: Sequence[Keyword], hits: list[Hit]) -> list[Detection]:
    """Return what a spotter reports that has these hits."""
    peaks = Peaks([word.name for word in keywords], threshold=0, refractory=_REFRACTORY)
    for hit in hits:
        peaks.add(hit)
    return peaks.settle(np.inf)


def _sum(tallies: Sequence[Tally], keywords: Sequence[int]) -> Tally:
    """Add tallies up over recordings, and over some of the keywords."""
    chosen = list(keywords)
    return Tally(
        sum(one.seconds for one in tallies),
        np.sum([one.true[chosen].sum(keepdims=True) for one in tallies], axis=0),
        np.sum([one.hits[chosen].sum(axis=0, keepdims=True) for one in tallies], axis=0),
        np.sum([one.found[chosen].sum(axis=0, keepdims=True) for one in tallies], axis=0),
    )


def _curve(tally: Tally) -> metrics.DetCurve:
    """Return the trade-off of keywords that were added up."""
    true, hits, found = int(tally.true[0]), tally.hits[0, 1:], tally.found[0, 1:]
    miss = 1 - hits / true if true else np.full(len(_THRESHOLDS), np.nan)
    return metrics.DetCurve(_THRESHOLDS, miss, (found - hits) / (tally.seconds / 3600))


def _figures(tallies: Sequence[Tally]) -> dict[str, float]:
    """Return the measures of tallies, each added up over keywords."""
    tally = _sum(tallies, [0])
    hits, found = int(tally.hits[0, 0]), int(tally.found[0, 0])
    scores, curve = metrics.span_scores(hits, int(tally.true[0]), found), _curve(tally)
    return {
        "precision": scores.precision,
        "recall": scores.recall,
        "F1": scores.f1,
        "false alarms per hour": (found - hits) / (tally.seconds / 3600),
        **{
            f"miss at {allowed:g} false alarms per hour": metrics.miss_at(curve, allowed)
            for allowed in _ALLOWED
        },
    }
