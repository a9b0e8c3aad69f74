"""Keywords in recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.audio import RATE, blocks
from kwspot.recording import source_name
from kwspot.results import Detections
from kwspot.stream import Spotter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.audio import Source
    from kwspot.keyword import Keyword


def spot(
    audio: Source,
    keywords: Sequence[Keyword],
    *,
    threshold: float | None = None,
    refractory: float = 0.3,
) -> Detections:
    """Find keywords in a recording of any length.

    Parameters
    ----------
    audio : path, bytes, binary file object or tuple (samples, rate)
        The recording; it is read in blocks.
    keywords : sequence of Keyword
        What to look for, in one pass.
    threshold : float, optional
        Least score to report, 0 to 1; by default each keyword's own, which is 0.5 unless it was
        learned for a rate of false alarms.
    refractory : float
        Seconds after a detection in which the same keyword is not reported again.

    Returns
    -------
    Detections
        In order of time. Where keywords compete for the same sound, the best is given.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    ValueError
        If there are no keywords, or a number is out of its range.

    Notes
    -----
    Equal to a `kwspot.Spotter` that is fed the same samples. O(n x total length of the templates)
    time for n frames; memory does not grow with the recording.

    Examples
    --------
    >>> import numpy as np
    >>> from kwspot.keyword import Keyword
    >>> rng = np.random.default_rng(0)
    >>> word, silence = rng.normal(size=8000), np.zeros(8000)
    >>> keyword = Keyword.from_examples([(word, 16000)] * 2, front_end="cepstra", name="hiss")
    >>> found = spot((np.concatenate([silence, word, silence]), 16000), [keyword])
    >>> [(hit.keyword, round(hit.start, 1), round(hit.end, 1)) for hit in found]
    [('hiss', 0.5, 1.0)]
    """
    spotter = Spotter(keywords, threshold=threshold, refractory=refractory, rate=RATE)
    samples, found = 0, []
    for block in blocks(audio, rate=RATE):
        samples += len(block)
        found += spotter.feed(block)
    found += spotter.finish()
    return Detections(source_name(audio, 1), round(samples / RATE, 6), tuple(found))
