"""The public door: check keywords against the truth, and hand over to the task."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from kwspot.errors import DoubtfulResult
from kwspot.evaluation.identification import evaluate_identification
from kwspot.evaluation.spotting import evaluate_spotting
from kwspot.evaluation.truth import TruthError
from kwspot.workers import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.evaluation.result import Evaluation
    from kwspot.evaluation.truth import Truth
    from kwspot.keyword import Keyword
    from kwspot.workers import Run

_FEW_HOURS = 10  # with less, "0.1 false alarms per hour" means none at all


def evaluate(
    keywords: Sequence[Keyword],
    truth: Truth,
    *,
    min_iou: float = 0.5,
    seed: int = 0,
    jobs: int = 1,
    run: Run | None = None,
    progress: Callable[[float], None] | None = None,
) -> Evaluation:
    """Measure how well keywords do on recordings of which the truth is known.

    Parameters
    ----------
    keywords : sequence of Keyword
        Named as the words are in the truth.
    truth : Truth
        From `kwspot.evaluation.read_truth` or `read_folder`. Where words have places, keywords are
        spotted; where each recording is a word, it is identified.
    min_iou : float
        Least overlap of a detection with the word, as a share of what both cover together.
    seed : int
        Of the bootstrap.
    jobs : int
        Recordings to work on at a time, on threads.
    run : Run, optional
        Who does the work instead: see `kwspot.scale.cluster`.
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Evaluation
        Spotting: precision, recall, F1 and false alarms per hour at each keyword's own threshold,
        and misses at 0.1, 0.5 and 1 false alarms per hour. Identification: accuracy, equal error
        rate and misses at 1 % false accepts; recordings of other words count for the latter two.
        With 95 % intervals over speakers, or over recordings where speakers are not known.

    Raises
    ------
    TruthError
        If no keyword is called as any word in the truth.
    AudioError
        If a recording cannot be read.
    ValueError
        If there are no keywords, two have one name, or the least overlap is none.

    Warns
    -----
    DoubtfulResult
        If there is too little audio for rates per hour.

    Notes
    -----
    As long as spotting or identifying each recording once, and some ms per recording more.
    """
    names = [keyword.name for keyword in keywords]
    if not names or len(set(names)) < len(names):
        msg = f"expected keywords of different names, got {names}"
        raise ValueError(msg)
    if not 0 < min_iou <= 1:
        msg = f"min_iou must lie above 0 and up to 1, got {min_iou}"
        raise ValueError(msg)
    said = {word.word for one in truth.recordings for word in one.words}
    said |= {one.whole for one in truth.recordings}
    if not said & set(names):
        known = ", ".join(sorted(said - {""})[:5]) or "none"
        raise TruthError(
            f"the models know {', '.join(names)}, and the truth has none of these words",
            hint=f"call a model as the truth does (`kwspot learn --name`); it has {known}, ...",
        )
    rng, report, run = np.random.default_rng(seed), progress or _silent, run or threads(jobs)
    if not truth.has_places:
        return evaluate_identification(
            keywords, truth.recordings, rng=rng, run=run, progress=report
        )
    found = evaluate_spotting(
        keywords, truth.recordings, min_iou=min_iou, rng=rng, run=run, progress=report
    )
    if found.seconds < _FEW_HOURS * 3600:
        text = (
            f"rates per hour are rough: the recordings last {found.seconds / 3600:.2g} h together, "
            f"{_FEW_HOURS} h would tell more"
        )
        warnings.warn(text, DoubtfulResult, stacklevel=2)
    return found


def _silent(done: float) -> None:
    """Report to nobody."""
