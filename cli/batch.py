"""The same work on many recordings: in order, several at a time, past those of no use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

from kwspot.errors import KwspotError

from .common import progress, report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.audio import Source
    from kwspot.workers import Run

    from .inputs import Input

R = TypeVar("R")


def each(
    work: Callable[[Source], R],
    inputs: Sequence[Input],
    show: Callable[[Input, R], None],
    *,
    run: Run,
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
    results = run(_attempt, ((work, item) for item in inputs))
    # Where the results go to a terminal, they themselves are the progress.
    with progress("searching", quiet=quiet or sys.stdout.isatty()) as update:
        for done, (item, result) in enumerate(zip(inputs, results, strict=True), 1):
            if isinstance(result, KwspotError):
                report(result)
                failures += 1
            else:
                show(item, result)
            update(done / len(inputs))
    return failures


def _attempt(work: Callable[[Source], R], item: Input) -> R | KwspotError:
    try:
        return item.error or work(item.source)
    except KwspotError as error:
        return error
