"""Which keyword an utterance is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kwspot.audio import load
from kwspot.errors import AudioError
from kwspot.features import front_end as front_end_named
from kwspot.features.heard import Heard, margin
from kwspot.features.normalise import is_loud, loud_part
from kwspot.features.word import cut_out
from kwspot.recording import source_name
from kwspot.results import Ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from kwspot.audio import Source
    from kwspot.features import FrontEnd
    from kwspot.keyword import Keyword


def identify(audio: Source, keywords: Sequence[Keyword]) -> Ranking:
    """Rank keywords by how likely one utterance is each of them.

    Parameters
    ----------
    audio : path, bytes, binary file object or tuple (samples, rate)
        One spoken word, with silence around it at most. To find words within speech, use
        `kwspot.spot`.
    keywords : sequence of Keyword
        What it may be.

    Returns
    -------
    Ranking
        The likeliest first. A score is the probability, 0 to 1, that it is this keyword; what
        they lack to 1 in sum is the probability that it is none of them.

    Raises
    ------
    AudioError
        If the recording cannot be read, is silent or too short.
    ValueError
        If there are no keywords.

    Notes
    -----
    O(total length of the templates x length of the utterance).

    Examples
    --------
    >>> import numpy as np
    >>> from kwspot.keyword import Keyword
    >>> rng = np.random.default_rng(0)
    >>> hiss, tone = rng.normal(size=8000), np.sin(0.2 * np.arange(8000))
    >>> keywords = [
    ...     Keyword.from_examples([(sound, 16000)] * 2, name=name)
    ...     for name, sound in (("hiss", hiss), ("tone", tone))
    ... ]
    >>> identify((np.concatenate([np.zeros(4000), tone]), 16000), keywords).best
    'tone'
    """
    if not keywords:
        msg = "expected at least one keyword, got none"
        raise ValueError(msg)
    scores = posteriors(log_odds(audio, keywords))
    order = np.argsort(-scores, kind="stable")
    ranked = tuple((keywords[i].name, float(scores[i])) for i in order)
    return Ranking(source_name(audio, 1), ranked)


def log_odds(audio: Source, keywords: Sequence[Keyword]) -> list[float]:
    """Return the log-odds that an utterance is each keyword, against none of them.

    What examples cost each other is averaged over the keywords of a front end: how well the
    speakers of one agree must not favour it over another.

    Raises
    ------
    AudioError
        If the recording cannot be read, is silent or too short.
    """
    front_ends = {name: front_end_named(name) for name in {word.front_end for word in keywords}}
    samples = {rate: load(audio, rate=rate) for rate in {one.rate for one in front_ends.values()}}
    utterances = {
        name: _word(samples[front_end.rate], source_name(audio, 1), front_end)
        for name, front_end in front_ends.items()
    }
    typical = {
        name: float(np.mean([w.calibration.whole for w in keywords if w.front_end == name]))
        for name in front_ends
    }
    return [
        replace(word.calibration, whole=typical[word.front_end]).alone(
            word.whole_cost(utterances[word.front_end])
        )
        for word in keywords
    ]


def posteriors(odds: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the probability of each of several words, or none, of which only one can be.

    Parameters
    ----------
    odds : array_like, shape (n,), float
        Log-odds of each, judged on its own.

    Returns
    -------
    ndarray, shape (n,), float64
        Sums to less than 1; the rest is that it is none of them.

    Notes
    -----
    Each word explains the utterance so many times better than "none of them" as its odds say;
    Bayes' rule does the rest.

    Examples
    --------
    >>> posteriors([0.0]).tolist(), posteriors([0.0, 0.0]).round(2).tolist()
    ([0.5], [0.33, 0.33])
    """
    ratios = np.exp(np.clip(odds, -50, 50))
    return np.asarray(ratios / (1 + ratios.sum()))


def _word(x: npt.NDArray[np.float32], name: str, front_end: FrontEnd) -> npt.NDArray[np.float32]:
    """Return the normalised frames of an utterance without the silence around it."""
    heard, most = Heard.by(front_end, x), margin(front_end)
    loudness = front_end.loudness(heard.frames)
    if not loudness.any():
        raise AudioError(f"{name} holds no word: it is silent", hint="record it again, closer")
    part = loud_part(is_loud(loudness))
    return cut_out(heard.stretch(part.start - most, part.stop + most), front_end.name)
