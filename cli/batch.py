"""The same work on many recordings: in order, on several threads, past those of no use."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from kwspot.errors import KwspotError

from .common import progress, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kwspot.audio import Source

    from .inputs import Input

R = TypeVar("R")


def run(
    work: Callable[[Source], R],
    inputs: Sequence[Input],
    show: Callable[[Input, R], None],
    *,
    jobs: int,
    quiet: bool,
) -> int:
    """Do `work` on each recording and `show` its result at once, in the order of `inputs`.

    What cannot be read is reported and passed over.

    Returns
    -------
    int
        How many recordings were passed over.
    """
    failures = 0
    results = zip(inputs, _results(work, inputs, jobs), strict=True)
    # Where the results go to a terminal, they themselves are the progress.
    with progress("searching", quiet=quiet or sys.stdout.isatty()) as update:
        for done, (item, result) in enumerate(results, 1):
            if isinstance(result, KwspotError):
                report(result)
                failures += 1
            else:
                show(item, result)
            update(done / len(inputs))
    return failures


def _results(
    work: Callable[[Source], R], inputs: Sequence[Input], jobs: int
) -> Iterator[R | KwspotError]:
    """Yield a result or an error per recording, in order; at most twice `jobs` are under way."""

    def attempt(item: Input) -> R | KwspotError:
        try:
            return item.error or work(item.source)
        except KwspotError as error:
            return error

    if jobs == 1:
        yield from map(attempt, inputs)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(jobs)
    try:
        waiting = deque(pool.submit(attempt, item) for item in inputs[: 2 * jobs])
        for item in [*inputs[2 * jobs :], *[None] * len(waiting)]:
            yield waiting.popleft().result()
            if item is not None:
                waiting.append(pool.submit(attempt, item))
    finally:  # on Ctrl-C: what has begun is finished, nothing else is begun
        pool.shutdown(cancel_futures=True)
