"""The same work on a cluster: what ``kwspot.workers.threads`` is to one machine."""

from __future__ import annotations

import threading
import warnings
from collections import deque
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from kwspot import __version__
from kwspot.errors import ClusterError, DoubtfulResult, MissingExtra
from kwspot.keyword import Keyword
from kwspot.workers import AHEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from distributed import Client, Future

    from kwspot.workers import Run

__all__ = ["cluster"]

R = TypeVar("R")

_TIMEOUT = 10.0  # seconds that a scheduler and its first worker may take to answer
_KEYWORDS = 256  # that a worker keeps as it received them


class Outcome(NamedTuple):
    """What a worker sends back: a result, and the doubts that were told on the way."""

    value: Any
    doubts: tuple[str, ...]


@contextmanager
def cluster(scheduler: str, *, timeout: float = _TIMEOUT) -> Iterator[Run]:
    """Let the workers of a Dask cluster do the work, until the context is left.

    Parameters
    ----------
    scheduler : str
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``.
    timeout : float
        Seconds after which it is given up if it does not answer, or has no workers.

    Yields
    ------
    Run
        To be handed to `Archive.add`, `kwspot.archive.search`, `kwspot.evaluate` and others.
        Results are those of one process, bit for bit. At most two tasks per thread of the cluster
        are under way. A task whose worker is lost is done by another.

    Raises
    ------
    ClusterError
        If the scheduler cannot be reached, has no workers or such with another kwspot; in use, if
        a task loses one worker after the other.
    MissingExtra
        If Dask is not installed.

    Notes
    -----
    Workers read recordings and archives themselves, by the paths that they are told. Dask sends
    what they are to do as pickles: let nobody reach a scheduler whom you would not let reach a
    shell.
    """
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtra("work on a cluster", "cluster") from None
    try:
        client = Client(scheduler, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {scheduler}: {error}",
            hint="start one by `dask scheduler`, and give its address, such as tcp://10.0.0.1:8786",
        ) from None
    try:
        _check(client, scheduler, timeout)
        yield _runner(client)
    finally:
        client.close()


def _check(client: Client, scheduler: str, timeout: float) -> None:
    """Refuse a cluster that would not give the results of this machine."""
    try:
        client.wait_for_workers(1, timeout=timeout)
    except TimeoutError:
        raise ClusterError(
            f"the scheduler at {scheduler} has no workers",
            hint=f"start one or more by `dask worker {scheduler}`",
        ) from None
    try:
        versions = client.run(_version)
    except ImportError:
        versions = {"a worker": None}
    for worker, version in versions.items():
        if version != __version__:
            has = f"kwspot {version}" if version else "no kwspot"
            raise ClusterError(
                f"{worker} has {has}, and here is kwspot {__version__}",
                hint="install the same kwspot on all machines",
            )


def _version() -> str:
    """Return which kwspot a worker has."""
    return __version__


def _runner(client: Client) -> Run:
    def run(function: Callable[..., R], tasks: Iterable[tuple[Any, ...]], /) -> Iterator[R]:
        from distributed import KilledWorker

        most = AHEAD * max(1, sum(client.nthreads().values()))
        try:
            for outcome in _in_order(client, _packed(function, tasks), most):
                for doubt in outcome.doubts:
                    warnings.warn(doubt, DoubtfulResult, stacklevel=2)
                yield outcome.value
        except KilledWorker as error:
            raise ClusterError(
                f"a task lost one worker after the other: {error}",
                hint="see the workers' logs; they may need more memory (--memory-limit)",
            ) from None

    return run


def _in_order(client: Client, tasks: Iterator[bytes], most: int) -> Iterator[Outcome]:
    """Yield outcomes in order, as `workers.in_order` does, with at most so many under way.

    To send tasks and fetch outcomes takes Dask some milliseconds, but for several at once hardly
    more than for one.
    """
    waiting: deque[Future] = deque()
    outcomes: list[Outcome] = []
    try:
        while True:
            waiting.extend(client.map(_heard, list(islice(tasks, most - len(waiting))), pure=False))
            yield from outcomes
            if not waiting:
                return
            waiting[0].exception()  # waits for it
            ready = len(list(takewhile(lambda future: future.status == "finished", waiting)))
            if not ready:
                waiting[0].result()  # raises what went wrong
            outcomes = client.gather([waiting.popleft() for _ in range(ready)])
    finally:
        for future in waiting:
            future.cancel()


class _Sent(NamedTuple):
    """A keyword on its way."""

    dump: bytes


def _packed(function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    """Serialise here, lest the scheduler take apart what it hands on, and put it together again.

    Of keywords, there are few in many tasks: each is serialised once.
    """
    from distributed.protocol import serialize_bytes

    known: dict[Keyword, _Sent] = {}

    def sent(item: Any) -> Any:
        if isinstance(item, Keyword):
            if item not in known:
                known[item] = _Sent(serialize_bytes(item))
            return known[item]
        return type(item)(map(sent, item)) if type(item) in {list, tuple} else item

    for task in tasks:
        yield serialize_bytes((function, sent(task)))


def _unpacked(packed: bytes) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Read what a task is to do."""
    from distributed.protocol import deserialize_bytes

    def received(item: Any) -> Any:
        if isinstance(item, _Sent):
            return _keyword(item.dump)
        return type(item)(map(received, item)) if type(item) in {list, tuple} else item

    function, task = deserialize_bytes(packed)
    return function, received(task)


@lru_cache(_KEYWORDS)
def _keyword(dump: bytes) -> Any:
    from distributed.protocol import deserialize_bytes

    return deserialize_bytes(dump)


_DOUBTS = threading.local()  # what a task on this thread of a worker has warned of


def _heard(packed: bytes) -> Outcome:
    """Do a task on a worker, and note its doubts; its errors travel by themselves."""
    _listen_to_warnings()
    _DOUBTS.told = []
    function, task = _unpacked(packed)
    value = function(*task)
    return Outcome(value, tuple(dict.fromkeys(_DOUBTS.told)))


def _listen_to_warnings() -> None:
    """Note doubts, once per worker: `warnings.catch_warnings` is not safe beside other threads."""
    if getattr(warnings.showwarning, "notes_doubts", False):
        return
    show_other = warnings.showwarning

    def note(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, DoubtfulResult) and hasattr(_DOUBTS, "told"):
            _DOUBTS.told.append(str(message))
        else:
            show_other(message, category, *place, **more)

    note.notes_doubts = True  # type: ignore[attr-defined]
    warnings.simplefilter("always", DoubtfulResult)
    warnings.showwarning = note
