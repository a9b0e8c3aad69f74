"""Where a recording holds a known word, and how well examples of it agree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.errors import AudioError
from kwspot.features.word import Utterance, Voice, aspects, cut_out, voices, whole
from kwspot.match.agreement import (
    contested,
    judge,
    leave_one_out,
    nearest_cost,
    stream_cost,
    whole_costs,
)
from kwspot.match.contrast import costs_among

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.features import FrontEnd
    from kwspot.keyword import Keyword
    from kwspot.recording import Example, Recording
    from kwspot.results import Occurrence

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


# What it costs to take an example as in a room. At no cost words in rooms are known a little better
# still, but one in seventy more wake words is missed at 1 % false accepts.
_DOUBT = 0.04

# By which the sketch of a word alone counts: it hears each moment by itself, where frames that see
# most of a second take a word for one with the same middle.
_SKETCH = 0.25


def best_place(keyword: Keyword, recording: Recording, front_end: FrontEnd) -> Occurrence:
    """Return where in a recording the word most likely is.

    Raises
    ------
    AudioError
        If the recording is shorter than the word.

    Notes
    -----
    O(n x total length of the templates) for n frames.
    """
    templates = keyword.stream_templates()
    cost, start = stream_cost(templates, recording.as_stream(keyword.prior, front_end))
    end = int(np.argmin(cost))
    if not np.isfinite(cost[end]):
        raise AudioError(
            f"{recording.name} is shorter than the keyword",
            hint="give recordings that hold the whole word",
        )
    score = float(keyword.calibration.in_stream(cost[end]))
    return recording.place(int(start[end]), end + 1, score, front_end)


def example_costs(
    examples: Sequence[Example],
    spoken: Sequence[Voice],
    front_end: str,
    *,
    aspect: Callable[[F32], F32] = whole,
) -> F64:
    """Return what an utterance cut to one word costs by each example, shape (examples,).

    Each is taken as it was said or, at a price, as it would sound in a room: whichever is nearer.

    Parameters
    ----------
    examples : sequence of Example
        Of a word.
    spoken : sequence of Voice
        The utterance, in one voice or several.
    front_end : str
        Whose frames they are.
    aspect : callable
        What makes of the frames of an example those that the utterance is given in.
    """
    costs = whole_costs([aspect(example.alone(front_end)) for example in examples], spoken)
    for i, example in enumerate(examples):
        if example.in_room is not None:
            copy = aspect(cut_out(example.in_room, front_end))
            costs[i] = min(costs[i], *(whole_costs([copy], spoken) + _DOUBT))
    return costs


def compared(examples: Sequence[Example], utterance: Utterance, front_end: str) -> tuple[F64, F64]:
    """Compare an utterance with examples, and these with each other, by each aspect of a word.

    And in each other hearing that all of them have.

    Parameters
    ----------
    examples, utterance, front_end : sequence of Example, Utterance, str
        What is compared, and whose frames they are.

    Returns
    -------
    costs : ndarray, shape (n,), float64
        Of the utterance by each example, mean over aspects and hearings.
    among : ndarray, shape (n, n), float64
        Of the examples by each other.
    """
    costs, among = np.zeros(len(examples)), np.zeros((len(examples), len(examples)))
    each, spoken = aspects(front_end), voices(utterance.frames, front_end)
    for aspect in each:
        heard = [Voice(aspect(voice.frames), voice.doubt) for voice in spoken]
        costs += example_costs(examples, heard, front_end, aspect=aspect)
        among += costs_among([aspect(example.alone(front_end)) for example in examples])
    others = _otherwise(examples)
    if len(others) != len(utterance.otherwise):
        return costs / len(each), among / len(each)
    for templates in others:
        among += costs_among(templates)
    costs += np.sum(_costs_otherwise(others, utterance), axis=0)
    return costs / (len(each) + len(others)), among / (len(each) + len(others))


def compared_in_room(
    examples: Sequence[Example], spoken: Sequence[Voice], front_end: str
) -> tuple[F64, F64]:
    """Compare an utterance with examples as in a room, and these with each other.

    What sets words apart there does so everywhere: of digits by other speakers more are right in
    rooms, and no fewer in none.

    Parameters
    ----------
    examples, spoken, front_end : sequence of Example, sequence of Voice, str
        As for `example_costs`; those that have no copy in a room are left out.

    Returns
    -------
    costs, among : ndarray, shape (n,) and (n, n), float64
        As `compared` returns them.
    """
    copies = [cut_out(one.in_room, front_end) for one in examples if one.in_room is not None]
    return whole_costs(copies, spoken), costs_among(copies)


def fine_costs(keyword: Keyword, utterance: Utterance) -> F64:
    """Return what an utterance costs by each example, shape (examples,), its sketch left out.

    Where all were heard otherwise too, it is the mean over all hearings.
    """
    spoken = voices(utterance.frames, keyword.front_end)
    costs = [example_costs(keyword.examples, spoken, keyword.front_end)]
    others = _otherwise(keyword.examples)
    if len(others) == len(utterance.otherwise):
        costs += _costs_otherwise(others, utterance)
    return np.asarray(np.mean(costs, axis=0))


def word_costs(keyword: Keyword, utterance: Utterance, fine: F64 | None = None) -> F64:
    """Return what an utterance costs by each example of a keyword, shape (examples,).

    Where both have a sketch, it counts beside the `fine_costs`, which may be given.
    """
    costs = fine_costs(keyword, utterance) if fine is None else fine
    if utterance.sketch is None or keyword.sketch is None:
        return costs
    sketched = whole_costs(keyword.sketch.alone(keyword.front_end), [Voice(utterance.sketch)])
    return with_sketch(costs, sketched)


def _otherwise(examples: Sequence[Example]) -> list[list[F32]]:
    """Return for each other hearing the examples in it; none if one was not heard so."""
    return [list(heard) for heard in zip(*(one.otherwise for one in examples), strict=False)]


def _costs_otherwise(others: Sequence[list[F32]], utterance: Utterance) -> list[F64]:
    heard = zip(others, utterance.otherwise, strict=True)
    return [whole_costs(templates, [Voice(word)]) for templates, word in heard]


def with_sketch(costs: F64, sketched: F64) -> F64:
    """Return costs, of any shape, joined with those of sketches of the same words.

    Examples
    --------
    >>> with_sketch(np.array([0.4]), np.array([0.8])).round(2).tolist()
    [0.5]
    """
    return (1 - _SKETCH) * costs + _SKETCH * sketched


def word_cost(keyword: Keyword, utterance: Utterance, by_example: F64) -> float:
    """Return what an utterance costs by a keyword, of its `word_costs`."""
    return nearest_cost(by_example) + lack(keyword, utterance)


def lack(keyword: Keyword, utterance: Utterance) -> float:
    """Return what an utterance costs more for being nearly as near to a rival of the keyword."""
    if not keyword.rivals:
        return 0.0
    spoken = voices(utterance.frames, keyword.front_end)
    own = nearest_cost(example_costs(keyword.examples, spoken, keyword.front_end))
    rivals = [rival.alone(keyword.front_end) for rival in keyword.rivals]
    rival = nearest_cost(whole_costs(rivals, spoken), best=1)
    costs = np.array([own, rival], np.float32)
    raised = contested(costs[:1], costs[1:], keyword.calibration.weights.margin)
    return float(raised[0] - costs[0])


def costs_apart(keyword: Keyword) -> list[F64]:
    """Return for each example of a keyword what it costs by each of those of other recordings."""
    origins = [example.digest for example in keyword.examples]
    costs = [
        whole_costs(others, voices(one, keyword.front_end))
        for others, one in leave_one_out(keyword.whole_templates(), origins)
    ]
    hearings = [
        [whole_costs(others, [Voice(one)]) for others, one in leave_one_out(heard, origins)]
        for heard in _otherwise(keyword.examples)
    ]
    costs = [np.asarray(np.mean(of_one, axis=0)) for of_one in zip(costs, *hearings, strict=True)]
    if keyword.sketch is None:
        return costs
    pairs = leave_one_out(keyword.sketch.alone(keyword.front_end), origins)
    sketched = [whole_costs(others, [Voice(one)]) for others, one in pairs]
    return [with_sketch(*both) for both in zip(costs, sketched, strict=True)]


def judged(
    prior: F32,
    recordings: Sequence[Recording],
    places: Sequence[Occurrence],
    templates: Sequence[list[F32]],
    front_end: FrontEnd,
) -> tuple[list[Example], list[float]]:
    """Cut out examples, each judged by templates other than itself, and collect background.

    Parameters
    ----------
    prior : ndarray, shape (d,), float32
        Mean to expect of a recording at level 1.
    recordings, places, templates : sequence
        A place in each recording, and the templates, shape (m, d) each, to judge it by.
    front_end : FrontEnd
        What the recordings were heard by.

    Returns
    -------
    examples : list of Example
        One for each place.
    background : list of float
        What the templates cost beside the places.
    """
    examples, background = [], []
    spans = [
        recording.span(place, front_end)
        for recording, place in zip(recordings, places, strict=True)
    ]
    for i, (recording, place, others) in enumerate(zip(recordings, places, templates, strict=True)):
        heard = recording.as_stream(prior, front_end)
        beside = [spans[j] for j, other in enumerate(recordings) if other is recording]
        judgement = judge(others, heard, spans[i], beside)
        background += judgement.background
        example = replace(recording.cut(place, front_end), cost=judgement.genuine)
        in_room = recording.in_room(example, front_end)
        otherwise = recording.otherwise(example, front_end)
        examples.append(replace(example, in_room=in_room, otherwise=otherwise))
    return examples, background
