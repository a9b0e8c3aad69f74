"""The public door: check the clips, run a method, name what it found."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from kwspot.discover.clip import Clip, listen
from kwspot.discover.every import repeated
from kwspot.discover.methods import Bounds
from kwspot.discover.methods import method as method_named
from kwspot.errors import AudioError, DoubtfulResult, KwspotError, NothingFound, TooFewClips
from kwspot.features import front_end as front_end_named
from kwspot.results import Discovery, Occurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.audio import Source
    from kwspot.discover.methods import Place

_MOST_CLIPS = 50
_LISTENING = 0.3  # share of the work that reading and analysing the clips is
_RUNNERS_UP = 3


def discover(
    clips: Sequence[Source],
    *,
    min_duration: float = 0.15,
    max_duration: float = 1.5,
    front_end: str = "auto",
    method: str = "consensus",
    every: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Discovery:
    """Find the word that clips share.

    Parameters
    ----------
    clips : sequence of path, bytes, binary file object or tuple (samples, rate)
        2 to 50 recordings of 0.5 s to 10 min, each with the word somewhere in it. Level, offset
        and rate do not matter.
    min_duration, max_duration : float
        Length of the word in seconds.
    front_end : str
        Which features are compared, see `kwspot.features.front_ends`.
    method : str
        How, see `methods`.
    every : bool
        Find all occurrences of the word, not only the best of each clip.
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Discovery
        One occurrence per clip, in order; with `every`, all occurrences, in order of the clips
        and of time. A clip that does not seem to hold the word has one, marked as such; copies
        of a clip count once and get the same answer.

    Raises
    ------
    AudioError
        If a clip cannot be read, is silent, or shorter than the word.
    TooFewClips
        If there is only one.
    KwspotError
        If all are copies of one, or there are more than 50.
    NothingFound
        If they share nothing.
    ValueError
        If there is no such front end or method, or not ``0 < min_duration < max_duration``.

    Warns
    -----
    DoubtfulResult
        If some are copies, or if only two are left to compare.

    Notes
    -----
    Cost with the default method: about 0.1 s for five clips of 4 s, 0.8 s for five of a minute
    and 6 s for five of 10 minutes, where a word is harder to tell from thousands of others; see
    `consensus`. `every` up to doubles that, see `repeated`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> word = rng.normal(size=8000)
    >>> clips = [np.concatenate([0.05 * rng.normal(size=4800 * i), word]) for i in (1, 2, 3)]
    >>> found = discover([(clip, 16000) for clip in clips])
    >>> [round(occurrence.start, 1) for occurrence in found]
    [0.3, 0.6, 0.9]
    """
    return examine(
        clips,
        min_duration=min_duration,
        max_duration=max_duration,
        front_end=front_end,
        method=method,
        every=every,
        progress=progress,
    )[0]


def examine(
    clips: Sequence[Source],
    *,
    min_duration: float,
    max_duration: float,
    front_end: str,
    method: str,
    every: bool,
    progress: Callable[[float], None] | None,
) -> tuple[Discovery, list[Clip]]:
    """Do as `discover`, and return the analysed clips too: a keyword is learned from them."""
    if not 0 < min_duration < max_duration:
        msg = f"expected 0 < min_duration < max_duration, got {min_duration} and {max_duration}"
        raise ValueError(msg)
    chosen, report = front_end_named(front_end), progress or _silent
    if not 2 <= len(clips) <= _MOST_CLIPS:
        _refuse(len(clips))
    listened = listen(clips, chosen, progress=lambda done: report(_LISTENING * done))
    found = discover_clips(
        listened,
        min_duration=min_duration,
        max_duration=max_duration,
        front_end=chosen.name,
        method=method,
        every=every,
        progress=lambda done: report(_LISTENING + (1 - _LISTENING) * done),
    )
    return found, listened


def discover_clips(
    clips: Sequence[Clip],
    *,
    min_duration: float = 0.15,
    max_duration: float = 1.5,
    front_end: str = "cepstra",
    method: str = "consensus",
    every: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Discovery:
    """Do as `discover`, with clips that `listen` has analysed (by `front_end`)."""
    bounds, report = Bounds(min_duration, max_duration), progress or _silent
    distinct, which = _without_copies(clips, bounds)
    words = method_named(method)(distinct, bounds, report)
    if not words:
        raise NothingFound(
            "these clips do not seem to share a word",
            hint="check that each holds it; --min-duration and --max-duration bound its length",
        )
    names = [clip.name for clip in clips]
    listed = [
        _occurrences(names, [word.places[i] for i in which]) for word in words[: 1 + _RUNNERS_UP]
    ]
    told = [
        Discovery(mine, word.confidence, method, front_end, (*listed[:row], *listed[row + 1 :]))
        for row, (mine, word) in enumerate(zip(listed, words, strict=False))
    ]
    chosen, found = repeated(clips, told, bounds) if every else (0, told[0])
    explain = words[chosen].explain
    if explain is not None:
        found = replace(found, evidence=explain().in_order(list(dict.fromkeys(which))))
    report(1.0)
    return found


def _refuse(found: int) -> None:
    if found < 2:
        raise TooFewClips(found, 2)
    raise KwspotError(
        f"{found} clips were given, but {_MOST_CLIPS} are the most",
        hint="choose the clearest ones: more than ten rarely help",
    )


def _without_copies(clips: Sequence[Clip], bounds: Bounds) -> tuple[list[Clip], list[int]]:
    """Return the clips that are no copies, and for each clip the index of what it is among them.

    They come by length, whatever order they were given in, so that it leaves no trace.
    """
    distinct: dict[bytes, Clip] = {}
    copies: list[str] = []
    for clip in clips:
        if clip.seconds < bounds.least:
            raise AudioError(
                f"{clip.name} is {clip.seconds:.2f} s long, shorter than the word may be "
                f"({bounds.least:g} s)",
                hint="leave it out, or lower --min-duration",
            )
        if clip.content in distinct:
            copies.append(clip.name)
        else:
            distinct[clip.content] = clip
    _warn_of(clips, list(distinct.values()), copies)
    ordered = sorted(distinct.values(), key=lambda clip: (clip.seconds, clip.content))
    place = {clip.content: number for number, clip in enumerate(ordered)}
    return ordered, [place[clip.content] for clip in clips]


def _warn_of(clips: Sequence[Clip], distinct: Sequence[Clip], copies: Sequence[str]) -> None:
    """Refuse if too little is left, or warn that the evidence is thin."""
    if len(clips) < 2:
        raise TooFewClips(len(clips), 2)
    if len(distinct) < 2:
        raise KwspotError(
            f"all {len(clips)} clips are the same recording",
            hint="record the word anew for each clip: copies tell nothing about it",
        )
    if copies:
        text = f"copies of other clips, counted once: {', '.join(copies)}"
        warnings.warn(text, DoubtfulResult, stacklevel=4)
    if len(distinct) == 2:
        text = "with two clips any sound that both hold may be taken for the word: add a third"
        warnings.warn(text, DoubtfulResult, stacklevel=4)


def _occurrences(names: Sequence[str], places: Sequence[Place]) -> tuple[Occurrence, ...]:
    return tuple(
        Occurrence(name, round(place.start, 6), round(place.end, 6), place.score, place.present)
        for name, place in zip(names, places, strict=True)
    )


def _silent(done: float) -> None:
    """Report to nobody."""
