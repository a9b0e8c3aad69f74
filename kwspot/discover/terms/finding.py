"""The public door: read recordings, find terms, name them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.audio import digest
from kwspot.discover.methods import Bounds
from kwspot.discover.terms.corpus import Corpus, Piece, pieces, slowdown_for
from kwspot.discover.terms.growth import Cluster, grow, parted
from kwspot.discover.terms.neighbours import neighbours
from kwspot.discover.terms.proposals import evidence, propose
from kwspot.discover.terms.result import Term, Terms
from kwspot.discover.terms.selection import distinct, probability, rank
from kwspot.discover.terms.sketch import sketches
from kwspot.discover.terms.warps import Chance
from kwspot.errors import DoubtfulResult, KwspotError, NothingFound
from kwspot.features.cepstra import RootCepstra
from kwspot.recording import source_name
from kwspot.results import Occurrence
from kwspot.workers import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.audio import Source
    from kwspot.workers import Run

I64 = npt.NDArray[np.int64]

_FRONT_END = RootCepstra()
_LISTENING = 0.3  # share of the work that reading and analysing is
_NEAREST = 16  # places in which a segment's likenesses are sought
_ALIKE = 0.3  # cosine of sketches below which nothing is looked at
_LINK = 3.25  # deviations above chance from which two segments may be one term
_MEMBER = 3.0  # and from which a segment is what several examples are
_SOLE = 2.5  # or, where a place belongs to one term only, from which it may be
_EXAMPLES = 5, 8  # of which a term is grown at first, and then once more
_PROPOSALS = 400  # terms that are looked into, at most
_SEED = 2026


def discover_terms(
    recordings: Sequence[Source],
    *,
    top: int | None = None,
    min_duration: float = 0.2,
    max_duration: float = 1.0,
    min_count: int = 3,
    nested: bool = True,
    jobs: int = 1,
    skip: Callable[[str, KwspotError], None] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Terms:
    """Find what is said again and again, with no query and no transcript.

    Parameters
    ----------
    recordings : sequence of path, bytes, binary file object or tuple (samples, rate)
        Any number, of any length.
    top : int, optional
        Terms wanted; all by default.
    min_duration, max_duration : float
        Length of a term in seconds. Short units, such as the syllables of birds, are analysed as
        finely as these ask for.
    min_count : int
        Occurrences that a term must have, 2 at least.
    nested : bool
        Tell of terms within longer ones too, as a word beside a phrase that holds it. Without,
        each place belongs to one term, as for the syllables of a song.
    jobs : int
        Threads that compare segments, 1 or more. Terms are the same with any number.
    skip : callable, optional
        Called with the name of a recording that cannot be used and the reason; the others are
        searched. Without it the error is raised.
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Terms
        The worthiest first: by length times count times confidence, where what a better term
        explains counts no more.

    Raises
    ------
    AudioError
        If a recording cannot be read, is silent, or shorter than the longest term.
    NothingFound
        If nothing recurs.
    ValueError
        If not ``0 < min_duration < max_duration``, or a count is too low.

    Warns
    -----
    DoubtfulResult
        If some recordings are copies of others; they count once.

    Notes
    -----
    Segments between likely boundaries are summed up in vectors; the nearest of each are warped
    onto it, and judged against what segments played backwards find. Stars of links are proposals;
    each is grown by its clearest examples, and places go to the best term that claims them unless
    they are clearly more like another.
    A segment is compared with a bounded number of others, in a band, and long terms have fewer
    examples: time grows in line with the sound (with the power 0.95 to 1.06), 90 s of one core for
    an hour. Memory for one piece of 5 minutes and, for each hour of speech, some 0.5 GB. The same
    recordings give the same terms. Tells of the 400 worthiest terms at most.
    Source of the task: Dunbar et al., "Self-supervised language learning from raw audio: lessons
    from the Zero Resource Speech Challenge", IEEE JSTSP 16, 2022.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> word = rng.normal(size=8000)
    >>> noise = 0.05 * rng.normal(size=64000)
    >>> for at in (8000, 24000, 48000):
    ...     noise[at : at + 8000] += word
    >>> terms = discover_terms([(noise, 16000)])
    >>> sorted(round(place.start, 1) for place in terms[0])
    [0.5, 1.5, 3.0]
    """
    _check(min_duration, max_duration, min_count, top)
    report, bounds = progress or _silent, Bounds(min_duration, max_duration)
    names = [source_name(source, number) for number, source in enumerate(recordings, 1)]
    heard = _listen(recordings, names, bounds, skip, report)
    corpus = Corpus.of(heard, slowdown_for(bounds))
    part = _part(report, _LISTENING, 1 - _LISTENING)
    clusters = find(corpus, min_count, nested, threads(jobs), part)
    if not clusters:
        raise NothingFound(
            "nothing seems to recur in these recordings",
            hint="give more speech, or lower --min-count or --min-duration",
        )
    report(1.0)
    searched = sorted({piece.recording for piece in heard})
    return Terms(
        items=tuple(_term(corpus, cluster, names) for cluster in clusters[:top]),
        recordings=tuple(names[i] for i in searched),
        seconds=round(sum(piece.seconds for piece in heard), 6),
    )


def find(
    corpus: Corpus, min_count: int, nested: bool, run: Run, progress: Callable[[float], None]
) -> list[Cluster]:
    """Find the terms of a corpus, the worthiest first; none if nothing recurs."""
    rng = np.random.default_rng(_SEED)
    sketched = sketches(corpus, rng)
    near = neighbours(corpus, sketched.forward, _NEAREST, _ALIKE, rng, _part(progress, 0, 0.5))
    chance = Chance.of(corpus, sketched, rng)
    stars = propose(corpus, near, evidence(corpus, near, chance, run), _LINK, _PROPOSALS)
    if not stars:
        return []
    few, many = _EXAMPLES
    part = _part(progress, 0.5, 0.2)
    clusters = grow(corpus, sketched, chance, stars, few, _MEMBER, run, part)
    stars = _examples(stars, clusters, clusters if nested else parted(corpus, clusters))
    part = _part(progress, 0.7, 0.3)
    least = _MEMBER if nested else _SOLE
    clusters = grow(corpus, sketched, chance, stars, many, least, run, part)
    return rank(corpus, distinct(corpus, chance, clusters, min_count, nested=nested))


def _examples(
    stars: Sequence[I64], clusters: Sequence[Cluster], own: Sequence[Cluster]
) -> list[I64]:
    """Return what is their `own` of clusters that are no smaller than their stars, else these."""
    return [
        mine.segments if len(cluster.segments) >= len(star) and len(mine.segments) > 1 else star
        for star, cluster, mine in zip(stars, clusters, own, strict=True)
    ]


def _part(progress: Callable[[float], None], begin: float, share: float) -> Callable[[float], None]:
    """Return what reports the progress of a part of the work."""
    return lambda done: progress(begin + share * done)


def _check(min_duration: float, max_duration: float, min_count: int, top: int | None) -> None:
    if not 0 < min_duration < max_duration:
        msg = f"expected 0 < min_duration < max_duration, got {min_duration} and {max_duration}"
        raise ValueError(msg)
    if min_count < 2 or (top is not None and top < 1):
        msg = f"expected min_count of 2 at least and top of 1 at least, got {min_count} and {top}"
        raise ValueError(msg)


def _listen(
    recordings: Sequence[Source],
    names: Sequence[str],
    bounds: Bounds,
    skip: Callable[[str, KwspotError], None] | None,
    report: Callable[[float], None],
) -> list[Piece]:
    """Read and analyse the recordings, without copies and, if it is wanted, what cannot be used."""
    heard: list[Piece] = []
    seen: set[str] = set()
    copies = []
    for number, (source, name) in enumerate(zip(recordings, names, strict=True)):
        try:
            content = digest(source)
            if content in seen:
                copies.append(name)
            else:
                heard += list(pieces(source, number, name, bounds, _FRONT_END))
                seen.add(content)
        except KwspotError as error:
            if skip is None:
                raise
            skip(name, error)
        report(_LISTENING * (number + 1) / len(names))
    if not heard:
        raise NothingFound(
            "there is no recording that can be searched", hint="give files or folders with speech"
        )
    if copies:
        text = f"copies of other recordings, counted once: {', '.join(copies)}"
        warnings.warn(text, DoubtfulResult, stacklevel=3)
    return heard


def _term(corpus: Corpus, cluster: Cluster, names: Sequence[str]) -> Term:
    """Name the places of a cluster."""
    places = []
    for segment, score in zip(cluster.segments, probability(corpus, cluster), strict=True):
        start, end = corpus.span(segment)
        places.append(
            Occurrence(names[corpus.recording[segment]], start, end, round(float(score), 6))
        )
    return Term(tuple(places), round(cluster.worth, 6))


def _silent(done: float) -> None:
    """Report to nobody."""
