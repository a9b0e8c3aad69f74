"""Everyday sound, heard once for a keyword, to learn how well it fits where it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kwspot.audio import blocks
from kwspot.features import front_end as front_end_named
from kwspot.features.normalise import RunningNormaliser
from kwspot.match.agreement import valleys
from kwspot.match.alarms import Tail, TooLittleBackground

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from kwspot.audio import Source
    from kwspot.features import FrontEnd
    from kwspot.keyword import Keyword


def with_background(
    keyword: Keyword,
    background: Sequence[Source],
    *,
    false_alarms_per_hour: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Keyword:
    """Calibrate a keyword by sound that does not hold it.

    Parameters
    ----------
    keyword : Keyword
        What was learned.
    background : sequence of path, bytes, binary file object or tuple (samples, rate)
        What is heard where the keyword will be used; half an hour or more, without the word.
    false_alarms_per_hour : float, optional
        Sets the keyword's threshold so that about so many are to be expected.
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Keyword
        A new one, whose scores are probabilities in such sound; `Keyword.background` tells how
        often what is expected.

    Raises
    ------
    AudioError
        If a recording cannot be read.
    TooLittleBackground
        If there is too little of it.
    ValueError
        If the rate is not above 0.

    Notes
    -----
    O(n x total length of the templates) for n frames.
    """
    if false_alarms_per_hour is not None and not false_alarms_per_hour > 0:
        msg = f"a rate of false alarms must be above 0 per hour, got {false_alarms_per_hour}"
        raise ValueError(msg)
    if not background:
        raise TooLittleBackground(
            "no background was given", hint="name recordings, or a folder of them"
        )
    front_end = front_end_named(keyword.front_end)
    costs: list[float] = []
    seconds = 0.0
    for number, source in enumerate(background, 1):
        found, duration = _listen(keyword, source, front_end)
        costs += found
        seconds += duration
        if progress is not None:
            progress(number / len(background))
    return replace(
        keyword,
        calibration=keyword.calibration.pooled(costs).in_everyday_sound(),
        background=Tail.of(costs, seconds / 3600),
        false_alarms_per_hour=false_alarms_per_hour,
    )


def _listen(keyword: Keyword, source: Source, front_end: FrontEnd) -> tuple[list[float], float]:
    """Return the costs of the best separate fits in a recording, and its seconds."""
    contest, stream = keyword.contest(), front_end.stream()
    normaliser = RunningNormaliser(
        keyword.prior, period=front_end.period, homogeneous=front_end.homogeneous
    )
    costs, samples = [], 0

    def hear(frames: npt.NDArray[np.float32]) -> None:
        costs.append(contest.feed(normaliser.feed(frames, front_end.loudness(frames)))[0])

    for block in blocks(source, rate=front_end.rate):
        samples += len(block)
        hear(stream.feed(block))
    hear(stream.finish())
    costs.append(contest.finish()[0])
    cost = np.concatenate(costs)
    apart = min(map(len, keyword.stream_templates())) // 2
    found = valleys(cost, np.isfinite(cost), apart)
    return found, samples / front_end.rate
