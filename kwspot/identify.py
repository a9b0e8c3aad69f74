"""Which keyword an utterance is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kwspot.audio import load
from kwspot.errors import AudioError
from kwspot.features import front_end as front_end_named
from kwspot.features.normalise import MARGIN, cut_out, is_loud, loud_part
from kwspot.match.agreement import whole_cost
from kwspot.match.calibrate import likelihood_ratio
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
        The likeliest first. The first score is the probability, 0 to 1, that it is this keyword
        at all; the others fall off as they are less likely than the first.

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
    utterances: dict[str, npt.NDArray[np.float32]] = {}
    front_ends = {name: front_end_named(name) for name in {word.front_end for word in keywords}}
    name = source_name(audio, 1)
    samples = {rate: load(audio, rate=rate) for rate in {one.rate for one in front_ends.values()}}
    for key, front_end in front_ends.items():
        utterances[key] = _word(samples[front_end.rate], name, front_end)
    costs = [whole_cost(word.whole_templates(), utterances[word.front_end]) for word in keywords]
    order = np.argsort(costs, kind="stable")
    best = costs[order[0]]
    # the nearest is judged on its own; the others by how much likelier it is than they are
    score = keywords[order[0]].calibration.alone(best)
    return Ranking(
        name, tuple((keywords[i].name, score * likelihood_ratio(costs[i], best)) for i in order)
    )


def _word(x: npt.NDArray[np.float32], name: str, front_end: FrontEnd) -> npt.NDArray[np.float32]:
    """Return the normalised frames of an utterance without the silence around it."""
    frames = front_end(x)
    loudness = front_end.loudness(frames)
    part = loud_part(is_loud(loudness), margin=MARGIN)
    if not len(frames[part]) or not loudness.any():
        raise AudioError(f"{name} holds no word: it is silent", hint="record it again, closer")
    return cut_out(frames[part])
