"""From recordings that share a word to a keyword."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kwspot.background import with_background
from kwspot.discover import examine
from kwspot.doubts import warn_of_doubts
from kwspot.features import front_end as front_end_named
from kwspot.keyword import Keyword

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.audio import Source


def learn(
    clips: Sequence[Source],
    *,
    name: str = "keyword",
    method: str = "consensus",
    front_end: str = "auto",
    every: bool = False,
    min_duration: float = 0.15,
    max_duration: float = 1.5,
    background: Sequence[Source] = (),
    counter_examples: Sequence[Source] = (),
    false_alarms_per_hour: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Keyword:
    """Find the word that recordings share, and learn it.

    Parameters
    ----------
    clips : sequence of path, bytes, binary file object or tuple (samples, rate)
        Two to fifty recordings, each with the word somewhere in it.
    name : str
        What detections call it.
    method : str
        How the word is found, see `kwspot.discover`.
    front_end : str
        Which features the word is recognised by: "auto" takes "speech" if its extra is installed,
        else "cepstra". See `kwspot.features.front_ends`.
    every : bool
        Learn from all occurrences of the word, not only from the best of each recording.
    min_duration, max_duration : float
        Length of the word in seconds.
    background : sequence of path, bytes, binary file object or tuple (samples, rate)
        Everyday sound without the word, half an hour or more: scores are then probabilities in
        such sound.
    counter_examples : sequence of path, bytes, binary file object or tuple (samples, rate)
        Recordings of words that must not be taken for it.
    false_alarms_per_hour : float, optional
        How many detections that are none may be expected; sets the keyword's threshold by the
        background.
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Keyword

    Raises
    ------
    AudioError
        If a recording cannot be read, or is of no use.
    TooFewClips
        If there are fewer than two.
    NothingFound
        If they share nothing.
    TooLittleBackground
        If there is too little background to tell.
    ValueError
        If a rate of false alarms is asked for without background, or is not above 0.

    Warns
    -----
    DoubtfulResult
        If a clip is clipped, too quiet, noisy, a copy, or unlike the others; if the word is very
        short, or everyday sound too much like it.

    Notes
    -----
    Cost: that of `kwspot.discover`, which finds the word, and O(n) for the calibration.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> word = rng.normal(size=8000)
    >>> takes = [word + rng.normal(size=8000) / 2 for _ in range(3)]
    >>> clips = [np.append(rng.normal(size=4000 * i) / 9, take) for i, take in enumerate(takes)]
    >>> keyword = learn([(clip, 16000) for clip in clips], name="hiss")
    >>> keyword.name, len(keyword.examples)
    ('hiss', 3)
    """
    if false_alarms_per_hour is not None and not background:
        msg = "a rate of false alarms can only be kept with background to measure it by"
        raise ValueError(msg)
    report, share = progress or _silent, 0.5 if background else 1.0
    found, heard = examine(
        clips,
        min_duration=min_duration,
        max_duration=max_duration,
        front_end=front_end,
        method=method,
        every=every,
        progress=lambda done: report(share * done),
    )
    by_name = {clip.name: clip.recording for clip in heard}
    recordings = [by_name[place.clip] for place in found]
    keyword = Keyword.enrol(
        name, front_end_named(found.front_end), recordings, found.occurrences, found.confidence
    )
    keyword = calibrated(
        replace(keyword, evidence=found.evidence),
        background=background,
        counter_examples=counter_examples,
        false_alarms_per_hour=false_alarms_per_hour,
        progress=lambda done: report(share + (1 - share) * done),
    )
    sources = dict(zip((clip.name for clip in heard), clips, strict=True))
    warn_of_doubts(keyword, sources, found.occurrences)
    return keyword


def calibrated(
    keyword: Keyword,
    *,
    background: Sequence[Source] = (),
    counter_examples: Sequence[Source] = (),
    false_alarms_per_hour: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Keyword:
    """Hold a keyword against what it is not; parameters and errors as for `learn`."""
    if counter_examples:
        keyword = keyword.against(counter_examples)
    if not background:
        return keyword
    return with_background(
        keyword, background, false_alarms_per_hour=false_alarms_per_hour, progress=progress
    )


def _silent(done: float) -> None:
    """Report to nobody."""
