"""Who does the work: a function, called with each of many arguments by several at a time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Run", "threads"]

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

AHEAD = 2  # tasks under way for each that works, so that none waits for the next


class Run(Protocol):
    """Calls a function with each tuple of arguments, and yields the results in their order.

    Tasks are taken as there are hands for them, so that they may be many and made on the way.
    `threads` is one; `kwspot.scale.cluster` gives another, for which functions must be those of a
    module.
    """

    def __call__(
        self, function: Callable[..., R], tasks: Iterable[tuple[Any, ...]], /
    ) -> Iterator[R]:
        """Do the work."""
        ...


class Pending(Protocol[R_co]):
    """A result to come, be it from a thread or another machine."""

    def result(self) -> R_co:
        """Wait for it."""
        ...

    def cancel(self) -> object:
        """Give it up if it was not begun."""
        ...


def threads(jobs: int) -> Run:
    """Return what does so many tasks at a time on threads of this process.

    Parameters
    ----------
    jobs : int
        1 or more; one task after the other if 1.

    Examples
    --------
    >>> list(threads(2)(pow, [(2, 3), (3, 2)]))
    [8, 9]
    """

    def run(function: Callable[..., R], tasks: Iterable[tuple[Any, ...]], /) -> Iterator[R]:
        if jobs == 1:
            yield from (function(*task) for task in tasks)
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(jobs) as pool:
            yield from in_order(lambda task: pool.submit(function, *task), tasks, AHEAD * jobs)

    return run


def in_order(
    submit: Callable[[tuple[Any, ...]], Pending[R]], tasks: Iterable[tuple[Any, ...]], most: int
) -> Iterator[R]:
    """Submit tasks and yield their results in order, with at most so many under way.

    Where it is left early, by an error or Ctrl-C, what was not begun is given up.
    """
    waiting: deque[Pending[R]] = deque()
    try:
        for task in tasks:
            waiting.append(submit(task))
            if len(waiting) == most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for pending in waiting:
            pending.cancel()
