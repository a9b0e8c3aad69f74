"""From recordings that share a word to a keyword."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.discover import examine
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
    front_end: str = "cepstra",
    every: bool = False,
    min_duration: float = 0.15,
    max_duration: float = 1.5,
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
        Which features the word is recognised by.
    every : bool
        Learn from all occurrences of the word, not only from the best of each recording.
    min_duration, max_duration : float
        Length of the word in seconds.
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

    Notes
    -----
    Cost: that of `kwspot.discover`, which finds the word, and O(n) for the calibration.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> word = rng.normal(size=8000)
    >>> clips = [np.concatenate([rng.normal(size=4000 * i), word]) for i in (1, 2, 3)]
    >>> keyword = learn([(clip, 16000) for clip in clips], name="hiss")
    >>> keyword.name, len(keyword.examples)
    ('hiss', 3)
    """
    found, heard = examine(
        clips,
        min_duration=min_duration,
        max_duration=max_duration,
        front_end=front_end,
        method=method,
        every=every,
        progress=progress,
    )
    by_name = {clip.name: clip.recording for clip in heard}
    recordings = [by_name[place.clip] for place in found]
    return Keyword.enrol(
        name, front_end_named(front_end), recordings, found.occurrences, found.confidence
    )
