"""Rankings against words that whole recordings are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot import metrics
from kwspot.audio import RATE, load
from kwspot.evaluation.result import Curve, Evaluation, Measure
from kwspot.evaluation.summary import grouped, measured, table
from kwspot.identify import log_odds, posteriors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.evaluation.truth import TrueRecording
    from kwspot.keyword import Keyword
    from kwspot.workers import Run

F64 = npt.NDArray[np.float64]

_ACCEPTED = 0.01  # share of false accepts at which misses are told


class Trial(NamedTuple):
    """One recording: its word, and the log-odds that it is each keyword, judged on its own."""

    word: str
    odds: F64


def evaluate_identification(
    keywords: Sequence[Keyword],
    recordings: Sequence[TrueRecording],
    *,
    rng: np.random.Generator,
    run: Run,
    progress: Callable[[float], None],
) -> Evaluation:
    """Identify whole recordings and judge the rankings; see `kwspot.evaluate`."""
    names = [keyword.name for keyword in keywords]
    trials, seconds = [], 0.0
    tasks = ((keywords, recording) for recording in recordings)
    for number, (trial, length) in enumerate(run(_listen, tasks), 1):
        trials.append(trial)
        seconds += length
        progress(number / len(recordings))
    groups, grouped_by = grouped([one.speaker for one in recordings], trials)
    given = [names[int(trial.odds.argmax())] for trial in trials]
    known = [(trial.word, word) for trial, word in zip(trials, given, strict=True)]
    known = [pair for pair in known if pair[0] in names]
    return Evaluation(
        task="identification",
        recordings=len(recordings),
        seconds=round(seconds, 3),
        groups=len(groups),
        grouped_by=grouped_by,
        measures={
            "all": _measures(groups, names, names, rng),
            **{name: _measures(groups, names, [name], rng) for name in names if len(names) > 1},
        },
        curve=_share_curve(trials, names),
        reliability=table(
            [
                (float(posteriors(trial.odds).max()), trial.word == word)
                for trial, word in zip(trials, given, strict=True)
            ]
        ),
        confusion=_confusion(known),
    )


def _listen(keywords: Sequence[Keyword], recording: TrueRecording) -> tuple[Trial, float]:
    """Judge a recording, and tell its seconds."""
    samples = load(recording.path, rate=RATE)
    odds = np.array(log_odds((samples, RATE), keywords))
    return Trial(recording.whole, odds), len(samples) / RATE


def _measures(
    groups: Sequence[Sequence[Trial]],
    names: Sequence[str],
    asked: Sequence[str],
    rng: np.random.Generator,
) -> tuple[Measure, ...]:
    """Return the figures of the words that are asked for."""

    def figures(some: Sequence[Sequence[Trial]]) -> dict[str, float]:
        tried = [trial for group in some for trial in group]
        right = [
            names[int(trial.odds.argmax())] == trial.word for trial in tried if trial.word in asked
        ]
        curve = _curve(tried, names, asked)
        return {
            "accuracy": sum(right) / len(right) if right else np.nan,
            "equal error rate": metrics.equal_error_rate(curve) if curve else np.nan,
            f"miss at {_ACCEPTED:.0%} false accepts": (
                metrics.miss_at(curve, _ACCEPTED) if curve else np.nan
            ),
        }

    return measured(groups, figures, rng)


def _curve(
    trials: Sequence[Trial], names: Sequence[str], asked: Sequence[str]
) -> metrics.DetCurve | None:
    """Return the trade-off of accepting keywords one by one; None without both kinds of trial."""
    pairs = [
        (trial.odds[names.index(name)], trial.word == name) for trial in trials for name in asked
    ]
    genuine = [score for score, is_it in pairs if is_it]
    impostor = [score for score, is_it in pairs if not is_it]
    return metrics.det_curve(genuine, impostor) if genuine and impostor else None


def _share_curve(trials: Sequence[Trial], names: Sequence[str]) -> Curve:
    """Return the trade-off of all keywords, with probabilities for thresholds."""
    found = _curve(trials, names, names)
    if found is None:
        return Curve("share", (), (), ())
    threshold = 1 / (1 + np.exp(-found.threshold[:-1]))  # at the last one nothing is accepted
    points = (threshold, found.miss[:-1], found.false_alarm[:-1])
    return Curve("share", *(tuple(values.tolist()) for values in points))


def _confusion(known: Sequence[tuple[str, str]]) -> dict[str, dict[str, int]]:
    if not known:
        return {}
    truth, given = zip(*known, strict=True)
    counted = metrics.confusion(truth, given)
    rows = zip(counted.truth, counted.counts.tolist(), strict=True)
    return {word: dict(zip(counted.given, row, strict=True)) for word, row in rows}
