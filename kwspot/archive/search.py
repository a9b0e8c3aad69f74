"""Keywords in archives: by an index in seconds, or in every frame."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive.closer import look
from kwspot.archive.hits import Found, Hit, Hits, best
from kwspot.archive.places import Places, Wanted, address, settle
from kwspot.archive.scan import MARGIN, scanned
from kwspot.errors import ArchiveError
from kwspot.workers import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.archive.archive import Archive
    from kwspot.archive.places import Address, Mask
    from kwspot.keyword import Keyword
    from kwspot.workers import Run

    Estimate = Callable[[Archive, Sequence[Keyword], int, Wanted, Run], list[Places]]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

_TOGETHER = 64  # places that are one task, or more if there are many
_TASKS = 16  # of a round, about; for each, a cluster has some milliseconds of work of its own
_SPARE = 16  # places that are estimated, and settled in a next round, beyond those that are wanted


def search(
    archives: Sequence[Archive],
    keywords: Sequence[Keyword],
    *,
    top: int = 100,
    threshold: float = 0.0,
    wanted: Wanted | None = None,
    jobs: int = 1,
    run: Run | None = None,
) -> Hits:
    """Find keywords in archives by the codes of segments.

    Parameters
    ----------
    archives : sequence of Archive
        Where to look.
    keywords : sequence of Keyword
        What to look for, each for itself.
    top : int
        How many places of each keyword to return at most.
    threshold : float
        Least score, 0 to 1.
    wanted : Wanted, optional
        Which recordings; by default all.
    jobs : int
        Threads.
    run : Run, optional
        Who does the work instead: see `kwspot.scale.cluster`.

    Returns
    -------
    Hits
        For each keyword the surest first. Scores are those of `kwspot.spot`.

    Raises
    ------
    ArchiveError
        If an archive is empty, or its features are not those of a keyword.
    ValueError
        If there are no archives or keywords, or a number is out of its range.

    Notes
    -----
    Around the segments whose codes are nearest to the examples, these are warped onto the codes;
    where that costs least they are looked at closer, in integers, ever more places until the best
    stay the same, and those are compared exactly. O(segments) for the codes; all else does not
    grow. Where segments have no codes, as with the front end "mel", and in archives of a few hours,
    all frames are searched, as by `scan`.
    """
    run = run or threads(jobs)
    return _answer(archives, keywords, top, threshold, wanted or Wanted(), run, _BY_CODES)


def scan(
    archives: Sequence[Archive],
    keywords: Sequence[Keyword],
    *,
    top: int = 100,
    threshold: float = 0.0,
    wanted: Wanted | None = None,
    jobs: int = 1,
    run: Run | None = None,
) -> Hits:
    """Find keywords in archives by all frames: what `search` is measured against.

    Parameters, result and errors are those of `search`.

    Notes
    -----
    O(frames x total length of the templates). Costs are estimated in integers, and all places that
    may be among the best are compared exactly.
    """
    run = run or threads(jobs)
    return _answer(archives, keywords, top, threshold, wanted or Wanted(), run, _BY_FRAMES)


def _answer(
    archives: Sequence[Archive],
    keywords: Sequence[Keyword],
    top: int,
    threshold: float,
    wanted: Wanted,
    run: Run,
    how: _How,
) -> Hits:
    _check(archives, keywords, top, threshold)
    hits, period = [], archives[0].front_end.period
    every = _best(archives, keywords, top, wanted, run, how)
    for keyword, found in zip(keywords, every, strict=True):
        for one in found:
            score = float(keyword.calibration.in_stream(one.cost))
            if score >= threshold:
                start, end = (round(frame * period, 6) for frame in (one.start, one.end))
                hits.append(Hit(one.archive, one.recording, keyword.name, start, end, score))
    seconds = sum(archive.catalogue.seconds for archive in archives)
    return Hits(tuple(hits), seconds / 3600)


def _best(
    archives: Sequence[Archive],
    keywords: Sequence[Keyword],
    top: int,
    wanted: Wanted,
    run: Run,
    how: _How,
) -> list[list[Found]]:
    """Find the best places of each keyword."""
    places = [
        (address(archive), Places.joined(how.estimate(archive, keywords, top, wanted, run)))
        for archive in archives
    ]
    return _settled(places, keywords, top, how.margin, run)


def _check(
    archives: Sequence[Archive], keywords: Sequence[Keyword], top: int, threshold: float
) -> None:
    if not archives or not keywords:
        raise ValueError("expected at least one archive and one keyword")
    if top < 1 or not 0 <= threshold <= 1:
        msg = f"top must be 1 or more and threshold in 0 to 1, got {top} and {threshold}"
        raise ValueError(msg)
    for archive in archives:
        if not len(archive):
            raise ArchiveError(
                f"{archive.url} holds no recordings", hint="add some: kwspot index AUDIO -o ARCHIVE"
            )
        for keyword in keywords:
            if keyword.front_end != archive.front_end.name:
                raise ArchiveError(
                    f"{archive.url} holds features of the front end {archive.front_end.name!r}, "
                    f"and {keyword.name!r} listens through {keyword.front_end!r}",
                    hint="learn the keyword, or index the recordings, with the other --front-end",
                )


def _by_codes(
    archive: Archive, keywords: Sequence[Keyword], top: int, wanted: Wanted, run: Run
) -> list[Places]:
    """Estimate costs where codes are like those of examples."""
    places = look(archive, keywords, top, wanted, run)
    return _by_frames(archive, keywords, top, wanted, run) if places is None else places


def _by_frames(
    archive: Archive, keywords: Sequence[Keyword], top: int, wanted: Wanted, run: Run
) -> list[Places]:
    """Estimate costs everywhere."""
    shards = [shard.id for shard in archive.shards]
    return scanned(archive, shards, keywords, wanted, top + _SPARE, run)


def _settled(
    places: Sequence[tuple[Address, Places]],
    keywords: Sequence[Keyword],
    top: int,
    margin: float,
    run: Run,
) -> list[list[Found]]:
    """Compare the best places of each keyword exactly, until no other can be among the best."""
    numbers = range(len(keywords))
    costs = [
        np.sort(np.concatenate([part.cost[part.keyword == k] for _, part in places]))
        for k in numbers
    ]
    found: list[list[Found]] = [[] for _ in numbers]
    kept: list[list[Found]] = [[] for _ in numbers]
    done = np.full(len(keywords), -np.inf)
    limit = np.array([_first_limit(places, k, keywords[k], top, margin) for k in numbers])
    while (limit > done).any():
        new = [(where, part.take(_within(part, done, limit))) for where, part in places]
        size = max(_TOGETHER, -(-sum(len(part.end) for _, part in new) // _TASKS))
        tasks = [
            (where, {number: keywords[number] for number in np.unique(some.keyword).tolist()}, some)
            for where, part in new
            for some in part.divided(size)
        ]
        for one in chain.from_iterable(run(settle, tasks)):
            found[one.keyword].append(one)
        kept, done = [best(some, top) for some in found], limit
        limit = np.array([_next_limit(costs[k], kept[k], done[k], top, margin) for k in numbers])
    return kept


def _within(places: Places, done: F64, limit: F64) -> Mask:
    """Tell which places cost more than was done of their keyword, but no more than the limit."""
    new: Mask = (places.cost <= limit[places.keyword]) & (places.cost > done[places.keyword])
    return new


def _first_limit(
    places: Sequence[tuple[Address, Places]], number: int, keyword: Keyword, top: int, margin: float
) -> float:
    """Guess up to which estimate places must be compared exactly, as if estimates were exact."""
    reach = int(np.median([len(one) for one in keyword.stream_templates()])) // 2
    mine = [part.take(part.keyword == number) for _, part in places]
    costs = np.sort(np.concatenate([part.cost[part.distinct(reach, top)] for part in mine]))
    return float(costs[min(top, len(costs)) - 1]) + margin if len(costs) else -np.inf


def _next_limit(costs: F32, kept: Sequence[Found], done: float, top: int, margin: float) -> float:
    """Return up to which estimate, of all in rising order, places must be compared exactly."""
    if len(kept) == top:
        return max(done, kept[-1].cost + margin)
    rank = 2 * int(np.searchsorted(costs, done, side="right")) + top + _SPARE
    return float(costs[min(rank, len(costs)) - 1]) if len(costs) else done


class _How(NamedTuple):
    """How places are estimated, and how much cheaper than that they may be."""

    estimate: Estimate
    margin: float


_BY_CODES = _How(_by_codes, margin=MARGIN)
_BY_FRAMES = _How(_by_frames, margin=MARGIN)
