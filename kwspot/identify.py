"""Which keyword an utterance is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.audio import load
from kwspot.errors import AudioError
from kwspot.features import front_end as front_end_named
from kwspot.features.heard import Heard, margin
from kwspot.features.hearing import HearsOtherwise, Place
from kwspot.features.normalise import Centre, unit, word_part
from kwspot.features.sketch import Sketches
from kwspot.features.word import Utterance, cut_out, voices
from kwspot.judging import compared, compared_in_room, fine_costs, lack, word_costs
from kwspot.match.agreement import nearest_cost
from kwspot.match.contrast import contrast
from kwspot.recording import source_name
from kwspot.results import Ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.audio import Source
    from kwspot.features import FrontEnd
    from kwspot.keyword import Keyword
    from kwspot.recording import Example

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

# Among so many keywords that cost least, and so many examples of each, the nearest, it is asked
# what sets them apart: with more of them no more words were right.
_CONTENDERS = 6
_EXAMPLES = 5


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
    O(total length of the templates x length of the utterance). How near it is to the examples of
    all keywords tells whether it is any of them; which one, what sets the examples of those that
    are near apart, by kernel ridge regression from costs to words.

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
    odds = np.empty(len(keywords))
    for name, front_end in front_ends.items():
        utterance = _word(samples[front_end.rate], source_name(audio, 1), front_end)
        own = [i for i, word in enumerate(keywords) if word.front_end == name]
        odds[own] = _compared([keywords[i] for i in own], utterance)
    found: list[float] = odds.tolist()
    return found


def _compared(keywords: Sequence[Keyword], utterance: Utterance) -> F64:
    """Return the log-odds of keywords of one front end: that it is any, and of these which."""
    costs, choice_costs, contrasts = evidence(keywords, utterance)
    typical = float(np.mean([word.calibration.whole for word in keywords]))
    alone = np.array(
        [
            replace(word.calibration, whole=typical).alone(cost)
            for word, cost in zip(keywords, costs, strict=True)
        ]
    )
    if len(keywords) == 1:
        return alone
    per_cost, per_contrast = keywords[0].calibration.weights.choice
    choice = per_contrast * contrasts - per_cost * choice_costs
    odds: F64 = np.logaddexp.reduce(alone) + choice - np.logaddexp.reduce(choice)
    return odds


def evidence(keywords: Sequence[Keyword], utterance: Utterance) -> tuple[F64, F64, F64]:
    """Return what tells of keywords of one front end, shape (keywords,) each.

    Returns
    -------
    costs : ndarray
        By which it is any of them; sketches count.
    choice_costs : ndarray
        By which one is chosen; sketches, which know voices better than words, do not count.
    contrasts : ndarray
        What `contrast` tells; 0 of one keyword alone.
    """
    if any(word.sketch is None for word in keywords):
        utterance = utterance._replace(sketch=None)
    if not all(one.otherwise for word in keywords for one in word.examples):  # some are older
        utterance = utterance._replace(otherwise=())
    fine = [fine_costs(word, utterance) for word in keywords]
    lacks = np.array([lack(word, utterance) for word in keywords])
    costs = [
        nearest_cost(word_costs(word, utterance, own))
        for word, own in zip(keywords, fine, strict=True)
    ]
    choice_costs = np.array([nearest_cost(own) for own in fine]) + lacks
    contrasts = _contrasts(keywords, choice_costs, fine, utterance) if len(fine) > 1 else 0 * lacks
    return np.array(costs) + lacks, choice_costs, contrasts


def _contrasts(
    keywords: Sequence[Keyword], costs: F64, each: Sequence[F64], utterance: Utterance
) -> F64:
    """Return what `contrast` tells of the keywords of least cost; to others the least of that."""
    contenders = np.argsort(costs, kind="stable")[:_CONTENDERS]
    front_end = keywords[0].front_end
    examples: list[Example] = []
    words: list[int] = []
    for number, contender in enumerate(contenders):
        keyword = keywords[contender]
        nearest = np.argsort(each[contender], kind="stable")[:_EXAMPLES]
        examples += [keyword.examples[i] for i in nearest]
        words += [number] * len(nearest)
    if all(example.in_room is not None for example in examples):
        spoken = voices(utterance.frames, front_end)
        near, among = compared_in_room(examples, spoken, front_end)
    else:
        near, among = compared(examples, utterance, front_end)
    told = contrast(near, among, words)
    every = np.full(len(keywords), told.min())
    every[contenders] = told
    return every


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


def _word(x: F32, name: str, front_end: FrontEnd) -> Utterance:
    """Return an utterance without the silence around it."""
    heard, most = Heard.by(front_end, x), margin(front_end)
    loudness = front_end.loudness(heard.frames)
    if not loudness.any():
        raise AudioError(f"{name} holds no word: it is silent", hint="record it again, closer")
    part = word_part(loudness, front_end.period)
    frames = cut_out(heard.stretch(part.start - most, part.stop + most), front_end.name)
    otherwise = _otherwise(x, part, most, front_end)
    if heard.sketch is None or not isinstance(front_end, Sketches):
        return Utterance(frames, None, otherwise)
    loudness = front_end.sketch.loudness(heard.sketch)
    centre = Centre.of(heard.sketch, loudness, homogeneous=front_end.sketch.homogeneous)
    sketch = unit(centre.apply(heard.sketch[part]))
    return Utterance(frames, cut_out(sketch, front_end.name), otherwise)


def _otherwise(x: F32, part: slice, most: int, front_end: FrontEnd) -> tuple[F32, ...]:
    """Return a part of an utterance, with so many frames around it, in other hearings."""
    if not isinstance(front_end, HearsOtherwise):
        return ()
    return front_end.otherwise(x, Place(part.start, part.stop, most, most))
