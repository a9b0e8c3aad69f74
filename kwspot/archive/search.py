"""Keywords in archives: by an index in seconds, or in every frame."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from kwspot.archive.hits import Found, Hit, Hits, best
from kwspot.archive.listing import Query, listed, look_closer, nearest
from kwspot.archive.places import Target, Wanted, address, settle
from kwspot.archive.scan import MARGIN, survey
from kwspot.errors import ArchiveError
from kwspot.workers import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kwspot.archive.archive import Archive
    from kwspot.archive.places import Address, Places
    from kwspot.keyword import Keyword
    from kwspot.workers import Run

    Estimate = Callable[[Archive, Sequence[Target], int, Wanted, Run], list[Places]]

F32 = npt.NDArray[np.float32]
T = TypeVar("T")

_NONE = np.empty(0, np.float32)
_DEPTH = 40_000  # segments of all that are looked at closer, for each keyword
_LEAST = 64  # of one shard for each example
_LEAST_SHARE = 0.25  # a single example costs itself nothing
_NEAR = 0.05  # estimates that far from where they are best are good enough
_TOGETHER = 16  # shards, or places, that are one task
_SPARE = 16  # places that are settled at first beyond those that are wanted


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
    Segments whose codes are nearest to each example are looked at closer, in integers, and the best
    places are compared exactly. O(segments) for the codes; all else does not grow. Where segments
    have no codes, as with the front end "mel", all frames are searched, as by `scan`.
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
    seconds = sum(entry.seconds for archive in archives for entry in archive)
    return Hits(tuple(hits), seconds / 3600)


def _best(
    archives: Sequence[Archive],
    keywords: Sequence[Keyword],
    top: int,
    wanted: Wanted,
    run: Run,
    how: _How,
) -> list[list[Found]]:
    """Find the best places of each keyword; once more where they cost other than was expected."""
    shares = [max(keyword.calibration.genuine, _LEAST_SHARE) for keyword in keywords]
    found: list[list[Found]] = [[] for _ in keywords]
    left = list(range(len(keywords)))
    addresses = [address(archive) for archive in archives]
    for number in range(how.passes):
        targets = [Target(keywords[k], shares[k]) for k in left]
        places = [
            (where, part)
            for archive, where in zip(archives, addresses, strict=True)
            for part in how.estimate(archive, targets, top, wanted, run)
        ]
        near = _NEAR if number + 1 < how.passes else np.inf
        settled = _settled(places, targets, top, near, how.margin, run)
        for k, some in zip(left, settled, strict=True):
            found[k] = some
        left = [k for k in left if _off(found[k], shares[k], top) > near]
        for k in left:
            shares[k] = found[k][-1].cost
        if not left:
            break
    return found


def _off(found: Sequence[Found], share: float, top: int) -> float:
    """Return how far the last of the best is from where estimates are best; 0 if all are known."""
    return abs(found[-1].cost - share) if len(found) == top else 0.0


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
    archive: Archive, targets: Sequence[Target], top: int, wanted: Wanted, run: Run
) -> list[Places]:
    """Estimate costs where codes are like those of examples."""
    query = Query.of([target.keyword for target in targets], archive.front_end.name)
    if query is None:
        return _by_frames(archive, targets, top, wanted, run)
    where, shards = address(archive), [shard.id for shard in archive.shards]
    examples = np.bincount(query.keyword)
    depth = max(_DEPTH // int(examples.max()), top)
    each = min(depth, max(_LEAST, 8 * depth // len(shards)))
    lists = run(listed, [(where, some, query, wanted, each) for some in _groups(shards)])
    near = nearest(list(chain.from_iterable(lists)), depth)
    closer = [(where, targets, query, some, (top + _SPARE) * len(some)) for some in _groups(near)]
    return list(run(look_closer, closer))


def _groups(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Divide what is done into tasks, so that what each begins with does not matter."""
    return (items[first : first + _TOGETHER] for first in range(0, len(items), _TOGETHER))


def _by_frames(
    archive: Archive, targets: Sequence[Target], top: int, wanted: Wanted, run: Run
) -> list[Places]:
    """Estimate costs everywhere."""
    where, count = address(archive), top + _SPARE
    shards = [(where, shard.id, targets, wanted, count) for shard in archive.shards]
    return list(run(survey, shards))


def _settled(
    places: Sequence[tuple[Address, Places]],
    targets: Sequence[Target],
    top: int,
    near: float,
    margin: float,
    run: Run,
) -> list[list[Found]]:
    """Compare the best places of each keyword exactly, until no other can be among the best.

    Where the best turn out to be further than `near` from the share, the rest is left alone.
    """
    numbers, keywords = range(len(targets)), [target.keyword for target in targets]
    costs = [
        np.sort(np.concatenate([_NONE, *(part.cost[part.keyword == k] for _, part in places)]))
        for k in numbers
    ]
    found: list[list[Found]] = [[] for _ in numbers]
    kept: list[list[Found]] = [[] for _ in numbers]
    done = np.full(len(keywords), -np.inf)
    limit = np.array([_next_limit(costs[k], [], -np.inf, top, margin) for k in numbers])
    while (limit > done).any():
        fresh = [
            (part.cost <= limit[part.keyword]) & (part.cost > done[part.keyword])
            for _, part in places
        ]
        tasks = [
            (where, keywords, part.take(new))
            for (where, part), new in zip(places, fresh, strict=True)
            if new.any()
        ]
        for one in chain.from_iterable(run(settle, tasks)):
            found[one.keyword].append(one)
        kept, done = [best(some, top) for some in found], limit
        limit = np.array([_next_limit(costs[k], kept[k], done[k], top, margin) for k in numbers])
        for k in numbers:
            if _off(kept[k], targets[k].share, top) > near:
                limit[k] = done[k]
    return kept


def _next_limit(costs: F32, kept: Sequence[Found], done: float, top: int, margin: float) -> float:
    """Return up to which estimate, of all in rising order, places must be compared exactly."""
    if len(kept) == top:
        return max(done, kept[-1].cost + margin)
    rank = 2 * int(np.searchsorted(costs, done, side="right")) + top + _SPARE
    return float(costs[min(rank, len(costs)) - 1]) if len(costs) else done


class _How(NamedTuple):
    """How places are estimated: how often, and how much cheaper than that they may be."""

    estimate: Estimate
    passes: int
    margin: float


_BY_CODES = _How(_by_codes, passes=1, margin=0.0)
_BY_FRAMES = _How(_by_frames, passes=1, margin=MARGIN)
