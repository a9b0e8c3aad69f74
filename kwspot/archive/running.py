"""Where the work on an archive is done: one place to change for processes or a cluster."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    Run = Callable[[Callable[..., Any], Iterable[tuple[Any, ...]]], Iterable[Any]]


def threads(jobs: int) -> Run:
    """Return what calls a function with each of several tuples of arguments, on threads.

    Parameters
    ----------
    jobs : int
        Threads; with 1 the calls are made by the caller's own, one when it asks for a result.

    Returns
    -------
    callable
        Takes a function and an iterable of tuples, and yields the results in order. The tuples are
        taken from the iterable when there is room for them: at most twice `jobs` are under way.
        When no more results are asked for, what has begun is finished and nothing else is begun.

    Examples
    --------
    >>> list(threads(2)(pow, [(2, 3), (3, 2)]))
    [8, 9]
    """

    def run(function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        if jobs == 1:
            yield from (function(*task) for task in tasks)
            return
        pool = ThreadPoolExecutor(jobs)
        waiting: deque[Future[Any]] = deque()
        try:
            for task in tasks:
                waiting.append(pool.submit(function, *task))
                if len(waiting) == 2 * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    return run
