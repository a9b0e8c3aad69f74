"""What is amiss with the recordings that a keyword is learned from."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from kwspot.audio import RATE, load
from kwspot.errors import DoubtfulResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from kwspot.audio import Source
    from kwspot.keyword import Keyword
    from kwspot.results import Occurrence

    F32 = npt.NDArray[np.float32]

# Chosen by what separates good recordings from spoiled ones, see `benchmarks/doubts.py`.
_CLIPPED = 0.03  # 1 of 100 good recordings has so much at its very top, all that lack 6 dB have
_NOISY = 8.0  # dB; at 5 dB a fifth of the words is no longer found
_QUIET = -80.0  # dB below full scale; what is taught lower, in 16 bits, is recognised less often
_COPY = 0.87  # correlation of samples: copies have 0.89 or more, different takes 0.83 or less
_ODD = 1.75  # times what the others cost: 1 of 25 good sets has one, most with a wrong take
_SHORT = 0.25  # s

_FRAME = 400  # samples whose power is taken together
_PAUSE = 12  # such frames beside the word without which noise cannot be told
_EXCESS = 5.0  # dB by which the quietest frames and the loudness of words exaggerate the ratio


def doubts(
    keyword: Keyword, clips: Mapping[str, Source], places: Sequence[Occurrence]
) -> list[str]:
    """Tell what is amiss with a keyword and the clips that it was learned from.

    Parameters
    ----------
    keyword : Keyword
        What was learned.
    clips : mapping of str to path, bytes, binary file object or tuple (samples, rate)
        What it was learned from, by the names that the places have.
    places : sequence of Occurrence
        Where the word was found.

    Returns
    -------
    list of str
        One sentence for each doubt, which says what to do about it.

    Raises
    ------
    AudioError
        If a clip cannot be read.

    Notes
    -----
    O(n log n) for n samples of each pair of words.
    """
    heard = {name: load(clip, rate=RATE) for name, clip in clips.items()}
    found = [
        f"{name} is clipped: record it again, at a lower level"
        for name, x in heard.items()
        if clipping(x) > _CLIPPED
    ]
    takes = [(place.clip, _span(place)) for place in places if place.present]
    first = dict(reversed(takes))  # of a clip's places
    for name, x in heard.items():
        level = loudness(x[first[name]]) if name in first else 0.0
        if level < _QUIET:
            found.append(f"{name} is too quiet ({level:.0f} dB): record it again, louder")
        ratio = signal_to_noise(x, first[name]) if name in first else np.inf
        if ratio < _NOISY:
            found.append(
                f"{name} is noisy (about {ratio:.0f} dB): record it again, closer or in quiet"
            )
    found += [
        f"{other} holds the same take as {one}: record it anew, copies tell nothing about the word"
        for (one, a), (other, b) in combinations(takes, 2)
        if not np.array_equal(heard[one], heard[other])  # of which discovery tells
        and likeness(heard[one][a], heard[other][b]) > _COPY
    ]
    return found + _odd(keyword) + _short(keyword) + _common(keyword)


def warn_of_doubts(
    keyword: Keyword, clips: Mapping[str, Source], places: Sequence[Occurrence]
) -> None:
    """Issue a `DoubtfulResult` for each of the `doubts`."""
    for text in doubts(keyword, clips, places):
        warnings.warn(text, DoubtfulResult, stacklevel=3)


def _span(place: Occurrence) -> slice:
    """Return the samples of a place."""
    return slice(int(place.start * RATE), int(place.end * RATE))


def clipping(x: F32) -> float:
    """Return how much of the loud samples, shape (n,), lies at the very top, 0 to 1.

    Examples
    --------
    >>> sine = np.sin(np.arange(1000, dtype=np.float32))
    >>> clipping(np.clip(2 * sine, -1, 1)) > 2 * clipping(sine)
    True
    """
    size = np.abs(x)
    top = size.max(initial=0)
    return float((size > 0.98 * top).sum() / max(1, (size > 0.3 * top).sum()))


def loudness(x: F32) -> float:
    """Return the root mean square of samples, shape (n,), in dB, full scale being 0.

    Examples
    --------
    >>> round(loudness(np.full(100, 0.1, np.float32)))
    -20
    """
    power = float(np.mean(np.square(x, dtype=np.float64))) if len(x) else 0.0
    return 10 * float(np.log10(max(power, 1e-30)))


def signal_to_noise(x: F32, word: slice) -> float:
    """Estimate the ratio of speech to noise in samples, shape (n,), in dB.

    Compares the word with the quietest tenth of what is beside it; infinite where that is silent,
    or too short to tell.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> noise = rng.normal(size=32000).astype(np.float32)
    >>> round(signal_to_noise(np.concatenate([noise, 10 * noise]), slice(32000, 64000)))
    15
    """
    beside = np.concatenate([x[: word.start], x[word.stop :]])
    frames = beside[: len(beside) // _FRAME * _FRAME].reshape(-1, _FRAME)
    if len(frames) < _PAUSE or not len(x[word]):
        return float("inf")
    noise = float(np.quantile(np.var(frames, axis=1, dtype=np.float64), 0.1))
    if noise <= 0:
        return float("inf")
    speech = max(float(np.var(x[word], dtype=np.float64)) - noise, 1e-3 * noise)
    return float(10 * np.log10(speech / noise)) - _EXCESS


def likeness(a: F32, b: F32) -> float:
    """Return the greatest correlation of two takes, shapes (n,) and (m,), over all shifts.

    Examples
    --------
    >>> take = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    >>> round(likeness(take, 0.1 * take[30:]), 1)
    1.0
    """
    size = 1 << (len(a) + len(b)).bit_length()
    spectrum = np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size))
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.abs(np.fft.irfft(spectrum, size)).max() / norm) if norm > 0 else 0.0


def _odd(keyword: Keyword) -> list[str]:
    """Tell which example the others fit worst, if it stands out."""
    if len(keyword.examples) < 3:
        return []
    costs = np.array([example.cost for example in keyword.examples])
    worst = int(costs.argmax())
    if costs[worst] < _ODD * np.median(costs):
        return []
    clip = keyword.examples[worst].occurrence.clip
    return [f"the word in {clip} is unlike the others: check that it is there, or record it again"]


def _short(keyword: Keyword) -> list[str]:
    seconds = float(np.median([example.occurrence.duration for example in keyword.examples]))
    if seconds >= _SHORT:
        return []
    return [
        f"the word lasts only {seconds:.2f} s: a longer one is confused less often, and if it "
        "should be longer, set --min-duration"
    ]


def _common(keyword: Keyword) -> list[str]:
    """Tell if the threshold that background demands would miss half of the examples."""
    if keyword.background is None:
        return []
    most = keyword.calibration.cost_at(keyword.threshold)
    missed = sum(example.cost > most for example in keyword.examples)
    if 2 * missed < len(keyword.examples):
        return []
    return [
        f"everyday sound is too much like the word: at this threshold {missed} of "
        f"{len(keyword.examples)} examples would be missed; choose a longer or rarer word, or "
        "allow more false alarms"
    ]
