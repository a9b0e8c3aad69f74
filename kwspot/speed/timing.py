"""Times of contenders that run in turn, so that whatever disturbs one disturbs all."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_WARMING = 5


def cpu_seconds(
    contenders: Mapping[str, Callable[[], object]], rounds: int = 15, *, warm: bool = False
) -> dict[str, float]:
    """Run all in turn, many times, and give each one's 10th percentile of CPU seconds.

    Parameters
    ----------
    contenders : mapping of str to callable
        What to time; a first round, not counted, compiles and warms up.
    rounds : int
        How often each runs.
    warm : bool
        Run each six times in its turn and time the last: what it needs is then in cache, as far
        as it fits there. A cache that holds what another lets go fills slowly: after a contender
        with as much memory, scans of 8 MB reached their speed with the fifth run.

    Returns
    -------
    dict of str to float
        Seconds of all threads of this process together.

    Notes
    -----
    On a busy machine only the ratios between contenders of one call mean much.

    Examples
    --------
    >>> taken = cpu_seconds({"few": lambda: sum(range(10)), "many": lambda: sum(range(100000))})
    >>> taken["few"] < taken["many"]
    True
    """
    taken: dict[str, list[int]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, run in contenders.items():
            for _ in range(_WARMING if warm else 0):
                run()
            start = time.process_time_ns()
            run()
            if turn:
                taken[name].append(time.process_time_ns() - start)
    return {name: float(np.percentile(values, 10)) / 1e9 for name, values in taken.items()}


def cpu_name() -> str:
    """Return the name of the processor, as the system calls it.

    Examples
    --------
    >>> len(cpu_name()) > 0
    True
    """
    table = Path("/proc/cpuinfo")
    if table.is_file():
        for line in table.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
